-- What was leased, in the line's order.
-- ?1 {op, wake}
SELECT json_array({{record_columns}}, json(jobs.backoff), json(jobs.tags)) AS r
FROM jobs
WHERE jobs.wake_at = ?1 ->> 'wake' AND jobs.op = ?1 ->> 'op' AND jobs.status = 'processing'
ORDER BY jobs.created_at + jobs.priority * 600000, jobs.id
