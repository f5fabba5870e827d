-- How far the page of failed or cancelled jobs looked: [rows, last id].
-- ?1 {before, scan, status}
SELECT json_array(count(*), min(id)) AS r
FROM (
  SELECT id FROM jobs
  WHERE status IN ('failed', 'cancelled') AND status = ?1 ->> 'status' AND id < ?1 ->> 'before'
  ORDER BY id DESC LIMIT ?1 ->> 'scan'
)
