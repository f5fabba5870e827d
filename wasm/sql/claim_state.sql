-- ?1 [id or [unique key], …]
SELECT json_group_array(json_array({{record_columns}}, json(jobs.backoff), json(jobs.tags))) AS r
FROM json_each(?1) AS j LEFT JOIN jobs ON jobs.id = {{claim_id}}
