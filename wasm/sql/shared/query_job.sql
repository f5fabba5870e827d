-- One job, by its id or by the id of the foreign envelope that it was adopted from.
-- ?1 [[id]]
SELECT json_array({{job_columns}}, json(jobs.history)) AS r
FROM json_each(?1) AS j
JOIN jobs ON jobs.id = coalesce(
  (SELECT e.id FROM jobs AS e WHERE e.id = j.value ->> 0),
  (SELECT u.job_id FROM unique_keys AS u WHERE u.key = 'ext:' || (j.value ->> 0))
)
LEFT JOIN bodies AS p ON jobs.payload IS NULL AND p.job_id = jobs.id AND p.kind = 'payload'
LEFT JOIN bodies AS r ON jobs.result IS NULL AND jobs.result_size IS NOT NULL AND r.job_id = jobs.id AND r.kind = 'result'
