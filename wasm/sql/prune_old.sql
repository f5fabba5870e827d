-- Notes which jobs the statements behind this one remove: of a cleanup's ids those that are final long enough, as
-- prune_choose does.
-- ?1 {now, after, bound, rows, completed, failed}
UPDATE sweep SET pruning = (
  SELECT json_group_array(jobs.id)
  FROM ({{prune_range}}) AS passed CROSS JOIN jobs ON jobs.id = passed.id
  WHERE jobs.completed_at IS NOT NULL AND {{prune_until}} <= ?1 ->> 'now'
    AND jobs.wake_at IS NULL AND NOT EXISTS (SELECT 1 FROM dependencies AS d WHERE d.parent_id = jobs.id)
)
