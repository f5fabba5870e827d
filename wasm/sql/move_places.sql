-- Gives back the places of the leases that the next statement ends.
-- ?1 moves (see move.h); ?2 {op}
/*+place_back*/ WITH freed AS MATERIALIZED (
  SELECT o.value AS key, count(*) AS n
  FROM json_each(?1) AS j CROSS JOIN jobs ON jobs.id = j.value ->> 0 CROSS JOIN json_each(jobs.gates) AS o
  WHERE {{move_guard}} AND jobs.lease_until IS NOT NULL AND NOT (j.value ->> 10)
  GROUP BY 1
)
UPDATE gates SET op = ?2 ->> 'op', used = max(0, used - (SELECT freed.n FROM freed WHERE freed.key = gates.key))
WHERE key IN (SELECT freed.key FROM freed) /*-place_back*/
