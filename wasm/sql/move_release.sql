-- The handler of a job that was cancelled meanwhile has stopped: nothing need wait for its lease.
-- ?1 [[id, fence], …]
UPDATE jobs SET lease_until = NULL,
  wake_at = CASE WHEN status <> 'cancelled' THEN wake_at END
FROM json_each(?1) AS j
WHERE jobs.id = j.value ->> 0 AND {{release_guard}}
