-- A message that was no job is no dead letter any more once it is one.
-- ?1 [[id, unique key], …]
DELETE FROM dead_letters
WHERE id IN (
  SELECT j.value ->> 0
  FROM json_each(?1) AS j
  CROSS JOIN unique_keys AS u ON u.key = j.value ->> 1 CROSS JOIN jobs ON jobs.id = u.job_id
) AND job_id IS NULL
