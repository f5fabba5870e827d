-- Moves the counts of the jobs that are removed. They are gone once this has been carried out: repeated, it counts
-- nothing.
/*+prune_counter*/ INSERT INTO counters (queue, type, completed, failed, cancelled, pruned, attempts)
SELECT jobs.queue, jobs.type, -sum(jobs.status = 'completed'), -sum(jobs.status = 'failed'),
  -sum(jobs.status = 'cancelled'), count(*), -sum(jobs.attempts)
FROM {{pruning}} AS j CROSS JOIN jobs ON jobs.id = j.value
GROUP BY 1, 2
ON CONFLICT (queue, type) DO UPDATE SET
  completed = counters.completed + excluded.completed,
  failed = counters.failed + excluded.failed,
  cancelled = counters.cancelled + excluded.cancelled,
  pruned = counters.pruned + excluded.pruned,
  attempts = counters.attempts + excluded.attempts /*-prune_counter*/
