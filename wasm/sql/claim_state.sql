-- ?1 [[id or null, unique key or null], …]
SELECT json_group_array(json_array(
  jobs.id, jobs.status, jobs.op, jobs.fence, jobs.attempts, jobs.max_attempts, jobs.run_at, jobs.lease_until,
  jobs.losses, jobs.type, jobs.queue, jobs.transport, jobs.priority, jobs.timeout_ms, json(jobs.backoff),
  jobs.created_at, jobs.correlation_id, jobs.user_id, jobs.session_id, json(jobs.tags)
)) AS r
FROM json_each(?1) AS j LEFT JOIN jobs ON jobs.id = {{claim_id}}
