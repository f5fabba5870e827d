CASE j.type WHEN 'text' THEN j.value ELSE (SELECT u.job_id FROM unique_keys AS u WHERE u.key = j.value ->> 0) END
