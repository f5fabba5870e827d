-- The newest dead letters with the address that each job was about.
-- ?1 {limit}
SELECT json_array(d.id, d.type, coalesce(jobs.payload, p.body) ->> '$.target_url', coalesce(jobs.payload, p.body) ->> '$.url',
  d.attempts, d.max_attempts, json(d.last_error), d.failed_at) AS r
FROM (SELECT * FROM dead_letters ORDER BY failed_at DESC, id DESC LIMIT ?1 ->> 'limit') AS d
LEFT JOIN jobs ON jobs.id = d.job_id
LEFT JOIN bodies AS p ON jobs.payload IS NULL AND p.job_id = d.job_id AND p.kind = 'payload'
ORDER BY d.failed_at DESC, d.id DESC
