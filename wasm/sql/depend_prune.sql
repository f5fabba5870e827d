-- What the jobs that are removed depended on is noted no longer.
/*+depend_prune*/ DELETE FROM dependencies WHERE (parent_id, child_id) IN (
  SELECT e.value, jobs.id
  FROM {{pruning}} AS j CROSS JOIN jobs ON jobs.id = j.value CROSS JOIN json_each(jobs.depends_on) AS e
) /*-depend_prune*/
