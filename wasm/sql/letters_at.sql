-- The dead letter at a place of the list, newest first.
-- ?1 {index}
SELECT json_array({{record_columns}}, jobs.completed_at, {{letter_columns}}, d.id) AS r
FROM (
  SELECT * FROM dead_letters ORDER BY failed_at DESC, id DESC LIMIT 1 OFFSET ?1 ->> 'index'
) AS d LEFT JOIN jobs ON jobs.id = d.job_id
