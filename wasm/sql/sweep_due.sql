-- ?1 {now, rows}
/*+outbox*/ SELECT json_array({{record_columns}}, jobs.completed_at, jobs.progress) AS r
FROM jobs
WHERE wake_at <= ?1 ->> 'now'
ORDER BY wake_at
LIMIT ?1 ->> 'rows' /*-outbox*/
