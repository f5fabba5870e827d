-- A page of jobs, newest first, from at most `scan` rows. Long payloads and results are left out of lists.
-- ?1 {before, scan, status, type, queue, tag, limit, offset, bare}; bare: only ids are wanted
WITH p (body) AS (SELECT NULL), r (body) AS (SELECT NULL)
SELECT CASE WHEN ?1 ->> 'bare' IS NULL THEN json_array({{job_columns}}) ELSE json_array(jobs.id) END AS r
FROM (
  SELECT * FROM jobs
  WHERE id < ?1 ->> 'before'
  ORDER BY id DESC
  LIMIT ?1 ->> 'scan'
) AS jobs, p, r
WHERE (?1 ->> 'status' IS NULL OR jobs.status = ?1 ->> 'status')
  AND (?1 ->> 'type' IS NULL OR jobs.type = ?1 ->> 'type')
  AND (?1 ->> 'queue' IS NULL OR jobs.queue = ?1 ->> 'queue')
  AND (?1 ->> 'tag' IS NULL OR EXISTS (SELECT 1 FROM json_each(jobs.tags) AS t WHERE t.value = ?1 ->> 'tag'))
ORDER BY jobs.id DESC
LIMIT ?1 ->> 'limit' OFFSET ?1 ->> 'offset'
