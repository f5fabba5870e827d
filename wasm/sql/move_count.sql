-- Moves the counts of what the next statement will move, and adds to the ring of rates.
-- ?1 moves (see move.h); ?2 {bucket, buckets}
INSERT INTO counters (queue, type, pending, delayed, blocked, processing, completed, failed, cancelled, attempts, ring)
SELECT jobs.queue, jobs.type,
  sum((j.value ->> 4 = 'pending') - (jobs.status = 'pending')),
  sum((j.value ->> 4 = 'delayed') - (jobs.status = 'delayed')),
  sum((j.value ->> 4 = 'blocked') - (jobs.status = 'blocked')),
  sum((j.value ->> 4 = 'processing') - (jobs.status = 'processing')),
  sum((j.value ->> 4 = 'completed') - (jobs.status = 'completed')),
  sum((j.value ->> 4 = 'failed') - (jobs.status = 'failed')),
  sum((j.value ->> 4 = 'cancelled') - (jobs.status = 'cancelled')),
  sum(j.value ->> 8),
  json_array(?2 ->> 'bucket', sum(j.value ->> 4 = 'completed'), sum(j.value ->> 16), sum(j.value ->> 17))
FROM {{rows}} AS j CROSS JOIN jobs ON jobs.id = j.value ->> 0
WHERE {{move_guard}}
GROUP BY 1, 2
ON CONFLICT (queue, type) DO UPDATE SET
  /*+move_counter*/
  pending = counters.pending + excluded.pending,
  delayed = counters.delayed + excluded.delayed,
  blocked = counters.blocked + excluded.blocked,
  processing = counters.processing + excluded.processing,
  completed = counters.completed + excluded.completed,
  failed = counters.failed + excluded.failed,
  cancelled = counters.cancelled + excluded.cancelled,
  /*-move_counter*/
  attempts = counters.attempts + excluded.attempts,
  ring = (
    SELECT json_group_array(json_array(bucket, done, errors, ms))
    FROM (
      SELECT bucket, sum(done) AS done, sum(errors) AS errors, sum(ms) AS ms
      FROM (
        SELECT value ->> 0 AS bucket, value ->> 1 AS done, value ->> 2 AS errors, value ->> 3 AS ms
        FROM json_each(counters.ring)
        WHERE value ->> 0 > (?2 ->> 'bucket') - (?2 ->> 'buckets') - 1
        UNION ALL
        SELECT excluded.ring ->> 0, excluded.ring ->> 1, excluded.ring ->> 2, excluded.ring ->> 3
      )
      GROUP BY bucket
      ORDER BY bucket
    )
  )
