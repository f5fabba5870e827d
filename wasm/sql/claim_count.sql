-- Moves the counts of what the next statement will lease; a job that is named twice (by our id and by its foreign
-- one) counts once.
-- ?1 [id or [unique key], …]; ?2 {now, skew}
INSERT INTO counters (queue, type, pending, delayed, processing, attempts)
SELECT jobs.queue, jobs.type, -sum(jobs.status = 'pending'), -sum(jobs.status = 'delayed'), count(*), count(*)
FROM (SELECT /*+count_distinct*/ DISTINCT /*-count_distinct*/ {{claim_id}} AS id FROM json_each(?1) AS j) AS h
CROSS JOIN jobs ON jobs.id = h.id
WHERE {{claim_guard}}
GROUP BY 1, 2
ON CONFLICT (queue, type) DO UPDATE SET
  /*+claim_counter*/
  pending = counters.pending + excluded.pending,
  delayed = counters.delayed + excluded.delayed,
  processing = counters.processing + excluded.processing,
  /*-claim_counter*/
  attempts = counters.attempts + excluded.attempts
