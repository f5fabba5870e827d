-- For the handler: what its job depends on, with the results as long as they are not too long together.
-- ?1 [[id]]; ?2 {bytes}
SELECT e.value AS id, json_object('jobId', e.value, 'type', p.type, 'status', p.status) AS head,
  CASE WHEN sum(coalesce(p.result_size, 0)) OVER (ORDER BY e.key) <= ?2 ->> 'bytes'
    THEN coalesce(p.result, b.body) END AS result
FROM json_each(?1) AS j
CROSS JOIN jobs AS c ON c.id = j.value ->> 0
CROSS JOIN json_each(c.depends_on) AS e
LEFT JOIN jobs AS p ON p.id = e.value
LEFT JOIN bodies AS b ON p.result IS NULL AND p.result_size IS NOT NULL AND b.job_id = p.id AND b.kind = 'result'
ORDER BY e.key
