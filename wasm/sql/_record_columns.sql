jobs.id, jobs.type, jobs.transport, jobs.priority, jobs.timeout_ms, jobs.max_attempts, jobs.created_at,
  jobs.correlation_id, jobs.user_id, jobs.session_id, jobs.status, jobs.fence, jobs.op, jobs.attempts, jobs.run_at,
  jobs.started_at, jobs.lease_until, jobs.losses, jobs.queue, jobs.held_by,
  json(jobs.gates)
