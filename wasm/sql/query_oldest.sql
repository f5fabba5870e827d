-- When the oldest waiting job was made: before the watermark those that the sweep watches, after it in the order
-- of ids; a bounded number of rows of each. When the sweep last ran, and how many messages were no jobs.
-- ?1 {rows}
SELECT json_array(
  (
    SELECT min(created_at)
    FROM (SELECT created_at, status FROM jobs WHERE wake_at IS NOT NULL ORDER BY wake_at LIMIT ?1 ->> 'rows')
    WHERE status = 'pending'
  ),
  (
    SELECT min(created_at)
    FROM (
      SELECT created_at, status FROM jobs
      WHERE id > (SELECT watermark FROM sweep) ORDER BY id LIMIT ?1 ->> 'rows'
    )
    WHERE status = 'pending'
  ),
  (SELECT ticked_at FROM sweep),
  (SELECT count(*) FROM dead_letters WHERE job_id IS NULL)
) AS r
