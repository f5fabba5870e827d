-- A page of jobs with a tag, newest first; found by the index of those that have any, however many others there are.
-- ?1 as query_list.sql
WITH p (body) AS (SELECT NULL), r (body) AS (SELECT NULL)
SELECT CASE WHEN ?1 ->> 'bare' IS NULL THEN json_array({{job_columns}}) ELSE json_array(jobs.id) END AS r
FROM (
  SELECT jobs.* FROM jobs INDEXED BY jobs_tagged
  WHERE tags IS NOT NULL AND id < ?1 ->> 'before'
  ORDER BY id DESC
  LIMIT ?1 ->> 'scan'
) AS jobs, p, r
WHERE EXISTS (SELECT 1 FROM json_each(jobs.tags) AS t WHERE t.value = ?1 ->> 'tag')
  AND (?1 ->> 'status' IS NULL OR jobs.status = ?1 ->> 'status')
  AND (?1 ->> 'type' IS NULL OR jobs.type = ?1 ->> 'type')
  AND (?1 ->> 'queue' IS NULL OR jobs.queue = ?1 ->> 'queue')
ORDER BY jobs.id DESC
LIMIT ?1 ->> 'limit' OFFSET ?1 ->> 'offset'
