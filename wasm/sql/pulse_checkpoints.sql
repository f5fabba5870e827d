-- Keeps what a handler wants to find again on its next attempt.
-- ?1 [[id, fence, data], …]
INSERT INTO bodies (job_id, kind, body)
SELECT jobs.id, 'checkpoint', j.value -> 2
FROM json_each(?1) AS j CROSS JOIN jobs ON jobs.id = j.value ->> 0
WHERE /*+checkpoint_state*/ jobs.status = 'processing' /*-checkpoint_state*/
  /*+checkpoint_fence*/ AND jobs.fence = j.value ->> 1 /*-checkpoint_fence*/
ON CONFLICT (job_id, kind) DO UPDATE SET body = excluded.body
