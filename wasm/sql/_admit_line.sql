-- The first of its gates where the job has to wait, of those that are `shut`; one whose time has not come asks when it is
-- claimed.
CASE WHEN EXISTS (SELECT 1 FROM shut) THEN (
  SELECT s.key
  FROM json_each(j.value -> 22) AS o CROSS JOIN shut AS s ON s.key = o.value ->> 0
  WHERE s.room < o.value ->> 1 OR s.has_line
  ORDER BY o.key LIMIT 1
) END
