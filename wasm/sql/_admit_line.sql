-- The first of its gates where the job has to wait, of those that are `shut`; one whose time has not come asks when it is
-- claimed. One that names no gate asks at its queue's, which it finds paused or not.
CASE WHEN EXISTS (SELECT 1 FROM shut) AND k.status = 'pending' THEN (
  SELECT s.key
  FROM json_each(coalesce(j.value ->> 5, json_array(json_array('q:' || k.queue, 1)))) AS o
  CROSS JOIN shut AS s ON s.key = o.value ->> 0
  WHERE s.room < o.value ->> 1 OR s.has_line
  ORDER BY o.key LIMIT 1
) END
