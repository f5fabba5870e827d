-- Notes what the jobs that were inserted depend on. What has come to its end already is taken account of at once.
-- ?1 heads (see admit_unique.sql)
INSERT INTO dependencies (parent_id, child_id, open)
SELECT p.id, c.id, p.completed_at IS NULL
FROM json_each(?1) AS j
CROSS JOIN jobs AS c ON c.id = j.value ->> 0
CROSS JOIN json_each(c.depends_on) AS e
CROSS JOIN jobs AS p ON p.id = e.value
WHERE j.value ->> 3 IS NOT NULL
/*+depend_once*/ ON CONFLICT (parent_id, child_id) DO NOTHING /*-depend_once*/
