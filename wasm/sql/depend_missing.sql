-- Which dependencies of each job there are not: [id, [place, …]].
-- ?1 heads (see admit_unique.sql)
SELECT json_array(j.value ->> 0, json_group_array(e.key)) AS r
FROM json_each(?1) AS j CROSS JOIN json_each(j.value -> 3) AS e
WHERE j.value ->> 3 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM jobs AS p WHERE p.id = e.value)
GROUP BY j.key
