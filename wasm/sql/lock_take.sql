-- Takes a lock for a job that runs: one that is free, or whose time is over by every clock. A repeated step finds that
-- it has it. `elsewhere`: the job is in another database, which has been asked for its lease.
-- ?1 {key, value, id, fence, now, until, skew, elsewhere}
INSERT INTO locks (key, value, job_id, fence, expires_at)
SELECT ?1 ->> 'key', ?1 ->> 'value', ?1 ->> 'id', ?1 ->> 'fence', ?1 ->> 'until'
WHERE ?1 ->> 'elsewhere' IS NOT NULL OR EXISTS (
  SELECT 1 FROM jobs
  WHERE jobs.id = ?1 ->> 'id'
    /*+lock_lease*/ AND jobs.status = 'processing' AND jobs.fence = ?1 ->> 'fence' /*-lock_lease*/
)
ON CONFLICT (key) DO UPDATE SET
  value = excluded.value, job_id = excluded.job_id, fence = excluded.fence, expires_at = excluded.expires_at
WHERE /*+lock_free*/ (locks.expires_at + (?1 ->> 'skew') <= ?1 ->> 'now' OR locks.value = excluded.value) /*-lock_free*/
RETURNING json_array(value) AS r
