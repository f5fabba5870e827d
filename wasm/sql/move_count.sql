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
  ring = {{ring}}
