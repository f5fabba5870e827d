-- ?1 [[id], …]
SELECT json_group_array(json_array(jobs.id, jobs.status, jobs.fence, jobs.op)) AS r
FROM json_each(?1) AS j LEFT JOIN jobs ON jobs.id = j.value ->> 0
