-- The first of the line that may be leased, in its order; none when this step has leased its part already.
-- What it has sent to the line of a gate was among the first.
SELECT x.id FROM jobs AS x
WHERE x.held_by = ?1 ->> 'line' AND x.status = 'pending'
  /*+poll_lease*/ AND (x.lease_until IS NULL OR x.lease_until + (?1 ->> 'skew') <= ?1 ->> 'now') /*-poll_lease*/
  AND NOT EXISTS (
    SELECT 1 FROM gates AS g WHERE g.key = 'q:' || x.queue AND g.paused = 1
  )
  /*+poll_once*/ AND NOT EXISTS (
    SELECT 1 FROM jobs AS mine WHERE mine.wake_at = ?1 ->> 'wake' AND mine.op = ?1 ->> 'op' AND mine.status = 'processing'
  ) /*-poll_once*/
ORDER BY /*+poll_order*/ x.created_at + x.priority * 600000, /*-poll_order*/ x.id
LIMIT (?1 ->> 'rows') - (
  SELECT count(*) FROM jobs AS gone
  WHERE gone.wake_at = ?1 ->> 'wake' AND gone.op = ?1 ->> 'op' AND gone.status = 'pending'
)
