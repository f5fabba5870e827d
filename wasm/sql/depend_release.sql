-- And may perhaps go itself now.
-- ?1 {now}
/*+depend_release*/ UPDATE jobs SET prune_at = ?1 ->> 'now'
WHERE jobs.completed_at IS NOT NULL AND jobs.id IN (
  SELECT e.value
  FROM {{pruning}} AS j CROSS JOIN jobs AS c ON c.id = j.value CROSS JOIN json_each(c.depends_on) AS e
) AND NOT EXISTS (SELECT 1 FROM dependencies AS d WHERE d.parent_id = jobs.id) /*-depend_release*/
