-- What this step has made ready, to be sent; found by the time at which the sweep looks, and by the nonce.
-- ?1 {now, op, edges, wake}
SELECT json_array({{record_columns}}) AS r
FROM jobs
WHERE jobs.wake_at = ?1 ->> 'wake' AND jobs.op = ?1 ->> 'op' AND jobs.depends_on IS NOT NULL
  AND jobs.status IN ('pending', 'delayed')
