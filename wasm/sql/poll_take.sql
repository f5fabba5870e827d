-- Leases the first of a line and takes them out of it. They are watched from now on: the sweep returns to the line
-- whose lease is lost. By that time and the nonce the statements behind this one find them. One that has a turn has
-- that for its time.
-- ?1 and ?2 {line, rows, now, skew, op, worker, lease, wake, ahead, caps, paced}
WITH leasing AS MATERIALIZED (
  SELECT ready.id, ready.rank, {{pace_key}} AS pace
  FROM (
    SELECT jobs.id, jobs.created_at + jobs.priority * 600000 AS rank, {{gate_keys}} AS keys
    FROM ({{poll_pick}}) AS first CROSS JOIN jobs ON jobs.id = first.id
  ) AS ready
)
UPDATE jobs SET
  status = 'processing', attempts = attempts + 1, fence = fence + 1, op = ?1 ->> 'op', held_by = NULL,
  leased_by = ?1 ->> 'worker', lease_until = ?1 ->> 'lease', started_at = ?1 ->> 'now', updated_at = ?1 ->> 'now',
  gates = {{gate_keys}}, progress = NULL, wake_at = ?1 ->> 'wake'
  /*+poll_turn*/, run_at = CASE WHEN ?2 ->> 'paced' AND (SELECT count(pace) FROM leasing) > 0 THEN coalesce({{turn}}, run_at) ELSE run_at END /*-poll_turn*/
WHERE jobs.id IN ({{poll_pick}})
