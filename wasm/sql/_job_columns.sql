jobs.id, jobs.type, jobs.queue, jobs.status, jobs.priority, jobs.attempts, jobs.max_attempts, jobs.progress,
  json(coalesce(jobs.payload, p.body)), json(coalesce(jobs.result, r.body)), json(jobs.last_error),
  jobs.created_at, jobs.run_at, jobs.started_at, jobs.completed_at, jobs.updated_at, jobs.leased_by, jobs.lease_until,
  jobs.unique_key, json(jobs.tags), jobs.correlation_id, jobs.user_id, jobs.session_id, jobs.fence, jobs.op,
  jobs.transport, jobs.timeout_ms, jobs.losses, jobs.payload_size, jobs.result_size
