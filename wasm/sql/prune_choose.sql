-- Notes which jobs the statements behind this one remove: of those that the walk passed and those that are due, the
-- ones that are final long enough. A failed job stays until its dead letter is archived, a
-- cancelled one until its places are given back, and any while one that depends on it is kept.
-- ?1 {now, rows, completed, failed}
UPDATE sweep SET pruning = (
  SELECT json_group_array(jobs.id)
  FROM ({{prune_candidates}}) AS passed CROSS JOIN jobs ON jobs.id = passed.id
  WHERE jobs.completed_at IS NOT NULL
    /*+retention*/ AND {{prune_until}} <= ?1 ->> 'now' /*-retention*/
    /*+buried*/ AND jobs.wake_at IS NULL /*-buried*/
    /*+dependants*/ AND NOT EXISTS (SELECT 1 FROM dependencies AS d WHERE d.parent_id = jobs.id) /*-dependants*/
)
WHERE pruning <> '[]' OR pruned_from < pruned_to OR EXISTS (SELECT 1 FROM jobs WHERE prune_at <= ?1 ->> 'now')
