-- What the walk passed or was due, and stays: its time is noted. An unburied job's comes when the sweep has sent its
-- dead letter again.
-- ?1 {now, rows, completed, failed, again}
/*+prune_later*/ UPDATE jobs SET prune_at = max({{prune_until}}, coalesce(jobs.wake_at, 0),
  CASE WHEN EXISTS (SELECT 1 FROM dependencies AS d WHERE d.parent_id = jobs.id) THEN ?1 ->> 'again' ELSE 0 END)
WHERE jobs.id IN ({{prune_candidates}}) AND jobs.completed_at IS NOT NULL /*-prune_later*/
