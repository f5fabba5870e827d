-- What becomes of the jobs that wait for those of ?1, and of those among them that are to be decided themselves.
WITH waiting AS MATERIALIZED (
  SELECT c.id, c.queue, c.type, c.run_at, c.depends_on, (
    SELECT p.id FROM json_each(c.depends_on) AS e CROSS JOIN jobs AS p ON p.id = e.value
    WHERE p.status IN ('failed', 'cancelled') /*+depend_policy*/ AND c.on_failure = 'cancel' /*-depend_policy*/
    LIMIT 1
  ) AS culprit
  FROM (
    SELECT j.value ->> 0 AS id FROM {{depend_jobs}} WHERE j.value ->> 1 = 1
    UNION SELECT e.child_id FROM ({{depend_edges}}) AS e
  ) AS t
  CROSS JOIN jobs AS c ON c.id = t.id
  WHERE /*+depend_blocked*/ c.status = 'blocked' /*-depend_blocked*/
)
SELECT w.id, w.queue, w.type, w.culprit, CASE
    WHEN w.culprit IS NOT NULL THEN 'cancelled' WHEN w.run_at > ?2 ->> 'now' THEN 'delayed' ELSE 'pending'
  END AS verdict
FROM waiting AS w
WHERE w.culprit IS NOT NULL OR /*+depend_ready*/ NOT EXISTS (
  SELECT 1 FROM json_each(w.depends_on) AS e
  CROSS JOIN dependencies AS d ON d.parent_id = e.value AND d.child_id = w.id
  CROSS JOIN jobs AS p ON p.id = d.parent_id
  WHERE d.open = 1 AND p.completed_at IS NULL
) /*-depend_ready*/
