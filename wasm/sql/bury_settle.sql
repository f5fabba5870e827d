-- The sweep need not look at a job any more whose dead letter is archived, but for what depends on it.
-- ?1 [[id, fence], …]
UPDATE jobs SET wake_at = NULL
FROM json_each(?1) AS j
WHERE jobs.id = j.value ->> 0 /*+unwatch_state*/ AND jobs.status = 'failed' /*-unwatch_state*/
  AND jobs.wake_at IS NOT NULL
  /*+unwatch_open*/ AND NOT EXISTS (
    SELECT 1 FROM dependencies AS d WHERE d.parent_id = jobs.id AND d.open = 1
  ) /*-unwatch_open*/
  /*+unwatch_fence*/ AND jobs.fence = j.value ->> 1 /*-unwatch_fence*/
