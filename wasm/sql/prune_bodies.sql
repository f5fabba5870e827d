DELETE FROM bodies WHERE job_id IN (SELECT value FROM {{pruning}})
