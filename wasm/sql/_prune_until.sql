-- How long a final job is kept; at least as long as its unique key refuses the same job again.
max(jobs.completed_at + CASE WHEN jobs.status = 'completed' THEN ?1 ->> 'completed' ELSE ?1 ->> 'failed' END,
  coalesce((SELECT u.expires_at FROM unique_keys AS u WHERE u.key = jobs.unique_key AND u.job_id = jobs.id), 0))
