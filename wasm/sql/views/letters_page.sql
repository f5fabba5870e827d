-- A page of dead letters, newest first. Long bodies and payloads are left out of lists.
-- ?1 {at, id, limit, body}
SELECT json_array(d.id, d.job_id, d.fence, d.type, d.queue, d.attempts, d.max_attempts, json(d.last_error), d.failed_at,
  d.buried_at, CASE WHEN length(CAST(d.body AS BLOB)) <= ?1 ->> 'body' THEN d.body END, length(CAST(d.body AS BLOB)),
  jobs.payload, jobs.payload_size) AS r
FROM (
  SELECT * FROM dead_letters
  WHERE (failed_at, id) < (?1 ->> 'at', ?1 ->> 'id')
  ORDER BY failed_at DESC, id DESC
  LIMIT ?1 ->> 'limit'
) AS d LEFT JOIN jobs ON jobs.id = d.job_id
ORDER BY d.failed_at DESC, d.id DESC
