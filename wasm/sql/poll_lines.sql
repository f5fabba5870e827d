-- The lines in which polled jobs stand, by a seek each; without those of a paused queue.
-- ?1 {lines}
WITH RECURSIVE line (key) AS (
  SELECT min(held_by) FROM jobs WHERE held_by >= 'p:' AND held_by < 'p;'
  UNION ALL
  SELECT (SELECT min(held_by) FROM jobs WHERE held_by > line.key AND held_by < 'p;')
  FROM line WHERE line.key IS NOT NULL
  LIMIT ?1 ->> 'lines'
)
SELECT json_group_array(key) AS r FROM line
WHERE key IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM gates AS g
  WHERE g.paused = 1 AND g.key = 'q:' || (
    SELECT x.queue FROM jobs AS x WHERE x.held_by = line.key
    ORDER BY x.created_at + x.priority * 600000, x.id LIMIT 1
  )
)
