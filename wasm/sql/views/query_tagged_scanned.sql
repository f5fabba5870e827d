-- How far the page of tagged jobs looked: [rows, last id].
-- ?1 {before, scan}
SELECT json_array(count(*), min(id)) AS r
FROM (
  SELECT id FROM jobs INDEXED BY jobs_tagged
  WHERE tags IS NOT NULL AND id < ?1 ->> 'before' ORDER BY id DESC LIMIT ?1 ->> 'scan'
)
