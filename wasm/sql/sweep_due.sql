-- ?1 {now, rows}
/*+outbox*/ SELECT json_array({{record_columns}}, jobs.completed_at, jobs.progress,
  jobs.completed_at IS NOT NULL
    AND EXISTS (SELECT 1 FROM dependencies AS d WHERE d.parent_id = jobs.id AND d.open = 1)) AS r
FROM jobs
WHERE wake_at <= ?1 ->> 'now'
ORDER BY wake_at
LIMIT ?1 ->> 'rows' /*-outbox*/
