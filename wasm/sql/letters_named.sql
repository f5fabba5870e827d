-- The dead letters that an operator names, in his order, each with its job; nulls where there is none.
-- ?1 [[id], …]
SELECT json_array({{record_columns}}, jobs.completed_at, {{letter_columns}}, j.value ->> 0) AS r
FROM json_each(?1) AS j
LEFT JOIN dead_letters AS d ON d.id = {{letter_id}}
LEFT JOIN jobs ON jobs.id = d.job_id
