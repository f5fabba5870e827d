-- Where more depend on a job than one batch decides, the sweep goes on.
-- ?1 [[id, 1: the job itself, 0: those that depend on it], …]; ?2 {now, op, edges, wake}
/*+depend_more*/ UPDATE jobs SET wake_at = ?2 ->> 'now'
WHERE jobs.id IN (
  SELECT j.value ->> 0 FROM {{depend_jobs}}
  WHERE EXISTS (SELECT 1 FROM dependencies AS d WHERE d.parent_id = j.value ->> 0 AND d.open = 1)
) AND jobs.completed_at IS NOT NULL /*-depend_more*/
