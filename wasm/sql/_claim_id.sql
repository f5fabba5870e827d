coalesce(j.value ->> 0, (SELECT u.job_id FROM unique_keys AS u WHERE u.key = j.value ->> 1))
