-- The handler of a job that was cancelled meanwhile has stopped: nothing need wait for its lease.
-- ?1 [[id, fence], …]
UPDATE jobs SET lease_until = NULL
FROM json_each(?1) AS j
WHERE jobs.id = j.value ->> 0 /*+release_fence*/ AND jobs.fence = j.value ->> 1 /*-release_fence*/
  /*+release_state*/ AND jobs.status <> 'processing' /*-release_state*/ AND jobs.lease_until IS NOT NULL
