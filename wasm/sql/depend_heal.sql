-- Has the sweep look at those of them that wait for nothing that is still to come: however that came about, none waits
-- for ever.
-- ?1 {now, rows}
UPDATE jobs SET wake_at = ?1 ->> 'now'
WHERE jobs.status = 'blocked' AND jobs.wake_at IS NULL
  AND jobs.id > (SELECT blocked_from FROM sweep) AND jobs.id <= (SELECT blocked_to FROM sweep)
  AND NOT EXISTS (
    SELECT 1 FROM json_each(jobs.depends_on) AS e
    CROSS JOIN dependencies AS d ON d.parent_id = e.value AND d.child_id = jobs.id
    CROSS JOIN jobs AS p ON p.id = d.parent_id
    WHERE d.open = 1 AND p.completed_at IS NULL
  )
