-- A page of failed or cancelled jobs, newest first; found by their index however many others there are.
-- ?1 as query_list.sql; status is failed or cancelled
WITH p (body) AS (SELECT NULL), r (body) AS (SELECT NULL)
SELECT CASE WHEN ?1 ->> 'bare' IS NULL THEN json_array({{job_columns}}) ELSE json_array(jobs.id) END AS r
FROM (
  SELECT * FROM jobs
  WHERE status IN ('failed', 'cancelled') AND status = ?1 ->> 'status' AND id < ?1 ->> 'before'
  ORDER BY id DESC
  LIMIT ?1 ->> 'scan'
) AS jobs, p, r
WHERE (?1 ->> 'type' IS NULL OR jobs.type = ?1 ->> 'type')
  AND (?1 ->> 'queue' IS NULL OR jobs.queue = ?1 ->> 'queue')
  AND (?1 ->> 'tag' IS NULL OR EXISTS (SELECT 1 FROM json_each(jobs.tags) AS t WHERE t.value = ?1 ->> 'tag'))
ORDER BY jobs.id DESC
LIMIT ?1 ->> 'limit' OFFSET ?1 ->> 'offset'
