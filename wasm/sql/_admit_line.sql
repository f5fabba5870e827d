-- The first of its gates where the job has to wait; one whose time has not come asks when it is claimed.
(
  SELECT k.key
  FROM (
    SELECT o.key AS n, o.value ->> 0 AS key, o.value ->> 1 AS place
    FROM json_each(j.value -> 22) AS o
  ) AS k LEFT JOIN gates AS g ON g.key = k.key
  WHERE {{gate_room}} < k.place
    /*+no_overtaking*/ OR EXISTS (SELECT 1 FROM jobs AS x WHERE x.held_by = k.key) /*-no_overtaking*/
  ORDER BY k.n LIMIT 1
)
