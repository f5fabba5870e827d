-- ?1 {now, rows}
SELECT json_array(id, status, fence, op, attempts, max_attempts, run_at, lease_until, losses, type, queue, transport,
  priority, timeout_ms, created_at, correlation_id, user_id, session_id, started_at, completed_at) AS r
FROM jobs
WHERE wake_at <= ?1 ->> 'now'
ORDER BY wake_at
LIMIT ?1 ->> 'rows'
