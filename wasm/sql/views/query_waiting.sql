-- When the oldest waiting job of each queue was made, from a bounded number of rows: of those that the sweep watches, of
-- those behind the watermark in the order of ids, and of those that stand in lines. One more row, without a queue, where
-- the second look ended early: what it did not reach was made later.
-- ?1 {rows}
SELECT json_array(queue, min(created_at)) AS r
FROM (
  SELECT queue, created_at FROM (
    SELECT queue, created_at, status FROM jobs WHERE wake_at IS NOT NULL ORDER BY wake_at LIMIT ?1 ->> 'rows'
  ) WHERE status = 'pending'
  UNION ALL
  SELECT queue, created_at FROM (
    SELECT queue, created_at, status FROM jobs
    WHERE id > (SELECT watermark FROM sweep) ORDER BY id LIMIT ?1 ->> 'rows'
  ) WHERE status = 'pending'
  UNION ALL
  SELECT queue, created_at FROM (
    SELECT queue, created_at, status FROM jobs
    WHERE held_by IS NOT NULL ORDER BY held_by, created_at + priority * 600000, id LIMIT ?1 ->> 'rows'
  ) WHERE status = 'pending'
)
GROUP BY queue
UNION ALL
SELECT json_array(NULL, max(created_at))
FROM (
  SELECT created_at FROM jobs WHERE id > (SELECT watermark FROM sweep) ORDER BY id LIMIT ?1 ->> 'rows'
)
HAVING count(*) = ?1 ->> 'rows'
