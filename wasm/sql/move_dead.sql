-- Dead letters of the jobs that failed for good; the dead-letter consumer archives them. A repeated step leaves
-- one alone that may be archived by now.
-- ?1 [[id], …]; ?2 {now, op}
/*+letter*/ INSERT INTO dead_letters (id, job_id, fence, type, queue, attempts, max_attempts, last_error, failed_at, op)
SELECT jobs.id, jobs.id, jobs.fence, jobs.type, jobs.queue, jobs.attempts, jobs.max_attempts, jobs.last_error,
  ?2 ->> 'now', ?2 ->> 'op'
FROM {{rows}} AS j CROSS JOIN jobs ON jobs.id = j.value ->> 0
WHERE /*+letter_step*/ jobs.op = ?2 ->> 'op' AND jobs.status = 'failed' /*-letter_step*/
ON CONFLICT (id) DO UPDATE SET
  fence = excluded.fence, attempts = excluded.attempts, max_attempts = excluded.max_attempts,
  last_error = excluded.last_error, failed_at = excluded.failed_at, buried_at = NULL, op = excluded.op
/*+letter_once*/ WHERE dead_letters.fence <> excluded.fence /*-letter_once*/ /*-letter*/
