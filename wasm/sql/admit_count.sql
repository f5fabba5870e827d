-- Counts the jobs that the next statement will insert, and notes how much room their queue has.
-- ?1 heads; ?2 {op, max}
WITH depth AS MATERIALIZED (
  SELECT queue, sum(pending + delayed + blocked) AS waiting FROM counters GROUP BY queue
)
INSERT INTO counters (queue, type, pending, delayed, blocked, room, op)
SELECT j.value ->> 1, j.value ->> 2, sum(j.value ->> 3 = 'pending'), sum(j.value ->> 3 = 'delayed'),
  sum(j.value ->> 3 = 'blocked'), (?2 ->> 'max') - coalesce(max(depth.waiting), 0), ?2 ->> 'op'
FROM json_each(?1) AS j LEFT JOIN depth ON depth.queue = j.value ->> 1
WHERE /*+count_once*/ NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = j.value ->> 0) /*-count_once*/
  AND {{admit_unique_ok}}
  /*+depth*/ AND (j.value ->> 4) + coalesce(depth.waiting, 0) <= ?2 ->> 'max' /*-depth*/
  /*+parents_exist*/ AND (j.value ->> 5 IS NULL OR NOT EXISTS (
    SELECT 1 FROM json_each(j.value -> 5) AS e WHERE NOT EXISTS (SELECT 1 FROM jobs AS p WHERE p.id = e.value)
  )) /*-parents_exist*/
GROUP BY 1, 2
ON CONFLICT (queue, type) DO UPDATE SET
  /*+admit_counter*/
  pending = counters.pending + excluded.pending,
  delayed = counters.delayed + excluded.delayed,
  blocked = counters.blocked + excluded.blocked,
  /*-admit_counter*/
  room = excluded.room, op = excluded.op
