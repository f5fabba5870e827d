-- The key of a tick that waits is given back.
-- ?1 as for schedule_keys
DELETE FROM unique_keys
WHERE key IN (SELECT j.value ->> 5 FROM json_each(?1) AS j)
  AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = unique_keys.job_id)
