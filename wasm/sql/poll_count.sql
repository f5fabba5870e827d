-- Moves the counts of what the next statement will lease.
-- ?1 {line, rows, now, skew, op, worker, lease, wake}
INSERT INTO counters (queue, type, pending, processing, attempts)
SELECT jobs.queue, jobs.type, -count(*), count(*), count(*)
FROM ({{poll_pick}}) AS first CROSS JOIN jobs ON jobs.id = first.id
WHERE true
GROUP BY 1, 2
ON CONFLICT (queue, type) DO UPDATE SET
  /*+poll_counter*/
  pending = counters.pending + excluded.pending,
  processing = counters.processing + excluded.processing,
  /*-poll_counter*/
  attempts = counters.attempts + excluded.attempts
