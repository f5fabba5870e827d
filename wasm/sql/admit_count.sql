-- Counts the jobs that the next statement will insert, and notes how much room their queue has: of those that find
-- none as well where this step has been carried out before, since the room that it noted then says nothing now.
-- ?1 heads (see admit_unique.sql); ?2 {op, max}; ?3 groups [[queue, type, status], …]
WITH depth AS MATERIALIZED (
  SELECT queue, sum(pending + delayed + blocked) AS waiting FROM counters GROUP BY queue
), groups AS MATERIALIZED (
  SELECT g.key AS n, g.value ->> 0 AS queue, g.value ->> 1 AS type, g.value ->> 2 AS status,
    coalesce(depth.waiting, 0) AS waiting
  FROM json_each(?3) AS g LEFT JOIN depth ON depth.queue = g.value ->> 0
)
INSERT INTO counters (queue, type, pending, delayed, blocked, room, op)
SELECT groups.queue, groups.type, sum(h.fits * (groups.status = 'pending')), sum(h.fits * (groups.status = 'delayed')),
  sum(h.fits * (groups.status = 'blocked')), (?2 ->> 'max') - max(groups.waiting), ?2 ->> 'op'
FROM (
  SELECT groups.n, sum(/*+depth*/ (j.value ->> 2) + groups.waiting <= ?2 ->> 'max' AND /*-depth*/ 1) AS fits
  FROM {{rows}} AS j CROSS JOIN groups ON groups.n = j.value ->> 1
  WHERE /*+count_once*/ NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = j.value ->> 0) /*-count_once*/
    AND {{admit_unique_ok}}
    /*+parents_exist*/ AND (j.value ->> 3 IS NULL OR NOT EXISTS (
      SELECT 1 FROM json_each(j.value -> 3) AS e WHERE NOT EXISTS (SELECT 1 FROM jobs AS p WHERE p.id = e.value)
    )) /*-parents_exist*/
  GROUP BY 1
) AS h CROSS JOIN groups ON groups.n = h.n
GROUP BY 1, 2
HAVING sum(h.fits) > 0
  OR EXISTS (SELECT 1 FROM counters AS c WHERE c.queue = groups.queue AND c.type = groups.type AND c.op = ?2 ->> 'op')
ON CONFLICT (queue, type) DO UPDATE SET
  /*+admit_counter*/
  pending = counters.pending + excluded.pending,
  delayed = counters.delayed + excluded.delayed,
  blocked = counters.blocked + excluded.blocked,
  /*-admit_counter*/
  room = excluded.room, op = excluded.op
