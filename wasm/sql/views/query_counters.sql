SELECT json_array(queue, type, pending, delayed, blocked, processing, completed, failed, cancelled, pruned, attempts,
  json(ring)) AS r
FROM counters ORDER BY queue, type
