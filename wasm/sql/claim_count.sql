-- Moves the counts of what the next statement will lease.
-- ?1 [[id or null, unique key or null], …]; ?2 {now, skew}
INSERT INTO counters (queue, type, pending, delayed, processing, attempts)
SELECT jobs.queue, jobs.type, -sum(jobs.status = 'pending'), -sum(jobs.status = 'delayed'), count(*), count(*)
FROM json_each(?1) AS j CROSS JOIN jobs ON jobs.id = {{claim_id}}
WHERE {{claim_guard}}
GROUP BY 1, 2
ON CONFLICT (queue, type) DO UPDATE SET
  /*+counter*/
  pending = counters.pending + excluded.pending,
  delayed = counters.delayed + excluded.delayed,
  processing = counters.processing + excluded.processing,
  /*-counter*/
  attempts = counters.attempts + excluded.attempts
