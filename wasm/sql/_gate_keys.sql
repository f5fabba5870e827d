-- The gates whose places a job takes with a lease: its own, and its queue's where that is limited now. One that still
-- has a lease has its places.
CASE
  WHEN jobs.queue IN (SELECT value FROM json_each(?2, '$.capped')) AND jobs.lease_until IS NULL
    AND NOT EXISTS (SELECT 1 FROM json_each(jobs.gates) AS o WHERE o.value = 'q:' || jobs.queue)
  THEN json_insert(coalesce(jobs.gates, '[]'), '$[#]', 'q:' || jobs.queue)
  ELSE jobs.gates
END
