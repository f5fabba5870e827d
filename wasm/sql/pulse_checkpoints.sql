-- Keeps what a handler wants to find again on its next attempt. A batch that is committed long after its failure was
-- reported overwrites nothing newer.
-- ?1 [[id, fence, data, version], …]
INSERT INTO bodies (job_id, kind, body, version)
SELECT jobs.id, 'checkpoint', j.value -> 2, j.value ->> 3
FROM {{rows}} AS j CROSS JOIN jobs ON jobs.id = j.value ->> 0
WHERE /*+checkpoint_state*/ jobs.status = 'processing' /*-checkpoint_state*/
  /*+checkpoint_fence*/ AND jobs.fence = j.value ->> 1 /*-checkpoint_fence*/
ON CONFLICT (job_id, kind) DO UPDATE SET body = excluded.body, version = excluded.version
/*+checkpoint_order*/ WHERE excluded.version > bodies.version /*-checkpoint_order*/
