-- What a job depends on: [id, type, status, whether it is still waited for], in the request's order.
-- ?1 [[id]]
SELECT json_array(e.value, p.type, p.status, coalesce(d.open, 0)) AS r
FROM json_each(?1) AS j
CROSS JOIN jobs AS c ON c.id = j.value ->> 0
CROSS JOIN json_each(c.depends_on) AS e
LEFT JOIN jobs AS p ON p.id = e.value
LEFT JOIN dependencies AS d ON d.parent_id = e.value AND d.child_id = c.id
ORDER BY e.key
