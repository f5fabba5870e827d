coalesce(
  (SELECT e.id FROM dead_letters AS e WHERE e.id = j.value ->> 0),
  (SELECT u.job_id FROM unique_keys AS u WHERE u.key = 'ext:' || (j.value ->> 0))
)
