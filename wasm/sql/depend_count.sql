-- Moves the counts of what the next statement will decide.
-- ?1 [[id, 1: the job itself, 0: those that depend on it], …]; ?2 {now, op, edges, wake}
/*+depend_counter*/ INSERT INTO counters (queue, type, pending, delayed, blocked, cancelled)
SELECT v.queue, v.type, sum(v.verdict = 'pending'), sum(v.verdict = 'delayed'), -count(*),
  sum(v.verdict = 'cancelled')
FROM ({{depend_verdict}}) AS v
WHERE true
GROUP BY 1, 2
ON CONFLICT (queue, type) DO UPDATE SET
  pending = counters.pending + excluded.pending,
  delayed = counters.delayed + excluded.delayed,
  blocked = counters.blocked + excluded.blocked,
  cancelled = counters.cancelled + excluded.cancelled /*-depend_counter*/
