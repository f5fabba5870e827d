-- What holds now for each job: [id, status, op, line] of the job itself or of the one that has its unique key;
-- nulls where there is neither.
-- ?1 heads
SELECT json_group_array(json_array(jobs.id, jobs.status, jobs.op, jobs.held_by)) AS r
FROM json_each(?1) AS j
LEFT JOIN unique_keys AS u ON u.key = j.value ->> 4
LEFT JOIN jobs ON jobs.id = coalesce(u.job_id, j.value ->> 0)
