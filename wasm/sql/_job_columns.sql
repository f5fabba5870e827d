{{record_columns}}, jobs.progress,
  coalesce(jobs.payload, p.body), coalesce(jobs.result, r.body), json(jobs.last_error), jobs.completed_at,
  jobs.updated_at, jobs.leased_by, jobs.unique_key, json(jobs.tags), jobs.payload_size, jobs.result_size,
  jobs.tenant, jobs.concurrency_key, json(jobs.depends_on)
