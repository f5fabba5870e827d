-- ?1 [[id, fence], …]
SELECT json_group_array(json_array(d.id, d.fence, d.op, d.type, d.queue, d.attempts, json(d.last_error), d.failed_at,
  d.buried_at)) AS r
FROM json_each(?1) AS j LEFT JOIN dead_letters AS d ON d.id = j.value ->> 0
