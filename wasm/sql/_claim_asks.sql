-- Whether any job that is asked for has a gate, or is of a queue that has one: most batches have none, and what gates
-- need to be told costs more than the rest of a claim.
EXISTS (
  SELECT 1 FROM json_each(?1) AS j CROSS JOIN jobs ON jobs.id = {{claim_id}}
  WHERE jobs.gates IS NOT NULL OR jobs.queue IN (
    SELECT value FROM json_each(?2, '$.capped')
    UNION SELECT substr(g.key, 3) FROM gates AS g WHERE g.key > 'q:' AND g.key < 'q;'
  )
)
