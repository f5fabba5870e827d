-- One dead letter, whole: by its id, or by the id of the foreign envelope that its job was adopted from.
-- ?1 [[id]]
SELECT json_array({{letter_columns}}, coalesce(jobs.payload, p.body), jobs.payload_size) AS r
FROM json_each(?1) AS j
JOIN dead_letters AS d ON d.id = {{letter_id}}
LEFT JOIN jobs ON jobs.id = d.job_id
LEFT JOIN bodies AS p ON jobs.payload IS NULL AND p.job_id = d.job_id AND p.kind = 'payload'
