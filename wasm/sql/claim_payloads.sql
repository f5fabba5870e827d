-- For the handlers: payloads and checkpoints of what was leased.
-- ?1 [id or [unique key], …]; ?2 {op}
SELECT jobs.id AS id, coalesce(jobs.payload, p.body) AS payload, c.body AS checkpoint,
  jobs.depends_on AS depends_on
FROM json_each(?1) AS j
CROSS JOIN jobs ON jobs.id = {{claim_id}}
LEFT JOIN bodies AS p ON jobs.payload IS NULL AND p.job_id = jobs.id AND p.kind = 'payload'
LEFT JOIN bodies AS c ON jobs.fence > 1 AND c.job_id = jobs.id AND c.kind = 'checkpoint'
WHERE jobs.op = ?2 ->> 'op' AND jobs.status = 'processing'
