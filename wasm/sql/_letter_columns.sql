d.id, d.job_id, d.fence, d.type, d.queue, d.attempts, d.max_attempts, json(d.last_error), d.failed_at, d.buried_at,
  d.body, length(CAST(d.body AS BLOB))
