-- The gates whose places a job takes with a lease: its own, and its queue's where that is limited now. One that still
-- has a lease has its places.
CASE
  WHEN jobs.lease_until IS NULL
    AND EXISTS (SELECT 1 FROM json_each(?2, '$.caps') AS m WHERE m.value ->> 0 = 'q:' || jobs.queue)
    AND NOT EXISTS (SELECT 1 FROM json_each(jobs.gates) AS o WHERE o.value = 'q:' || jobs.queue)
  THEN json_insert(coalesce(jobs.gates, '[]'), '$[#]', 'q:' || jobs.queue)
  ELSE jobs.gates
END
