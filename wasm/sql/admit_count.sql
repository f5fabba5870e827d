-- Counts the jobs that the next statement will insert, and notes how much room their queue has: of those that find
-- none as well where this step has been carried out before, since the room that it noted then says nothing now.
-- ?1 heads; ?2 {op, max}
WITH depth AS MATERIALIZED (
  SELECT queue, sum(pending + delayed + blocked) AS waiting FROM counters GROUP BY queue
)
INSERT INTO counters (queue, type, pending, delayed, blocked, room, op)
SELECT h.queue, h.type, sum(h.fits AND h.status = 'pending'), sum(h.fits AND h.status = 'delayed'),
  sum(h.fits AND h.status = 'blocked'), (?2 ->> 'max') - max(h.waiting), ?2 ->> 'op'
FROM (
  SELECT j.value ->> 1 AS queue, j.value ->> 2 AS type, j.value ->> 3 AS status, coalesce(depth.waiting, 0) AS waiting,
    /*+depth*/ (j.value ->> 4) + coalesce(depth.waiting, 0) <= ?2 ->> 'max' AND /*-depth*/ 1 AS fits
  FROM {{rows}} AS j LEFT JOIN depth ON depth.queue = j.value ->> 1
  WHERE /*+count_once*/ NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = j.value ->> 0) /*-count_once*/
    AND {{admit_unique_ok}}
    /*+parents_exist*/ AND (j.value ->> 5 IS NULL OR NOT EXISTS (
      SELECT 1 FROM json_each(j.value -> 5) AS e WHERE NOT EXISTS (SELECT 1 FROM jobs AS p WHERE p.id = e.value)
    )) /*-parents_exist*/
) AS h
GROUP BY 1, 2
HAVING sum(h.fits) > 0
  OR EXISTS (SELECT 1 FROM counters AS c WHERE c.queue = h.queue AND c.type = h.type AND c.op = ?2 ->> 'op')
ON CONFLICT (queue, type) DO UPDATE SET
  /*+admit_counter*/
  pending = counters.pending + excluded.pending,
  delayed = counters.delayed + excluded.delayed,
  blocked = counters.blocked + excluded.blocked,
  /*-admit_counter*/
  room = excluded.room, op = excluded.op
