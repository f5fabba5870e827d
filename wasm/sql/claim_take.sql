-- Leases every job that is ready. A row that the sweep watches stays watched: it wakes when the lease is over. One that
-- has a turn has that for its time.
-- ?1 [id or [unique key], …]; ?2 {now, skew, op, worker, lease, ahead, caps, capped, paced}
WITH leasing AS MATERIALIZED (
  SELECT ready.id, ready.rank, {{pace_key}} AS pace
  FROM (
    SELECT jobs.id, jobs.created_at + jobs.priority * 600000 AS rank, {{gate_keys}} AS keys
    FROM (SELECT DISTINCT {{claim_id}} AS id FROM json_each(?1) AS j) AS h CROSS JOIN jobs ON jobs.id = h.id
    WHERE {{claim_guard}}
  ) AS ready
)
UPDATE jobs SET
  status = 'processing', attempts = attempts + 1, fence = fence + 1, op = ?2 ->> 'op',
  leased_by = ?2 ->> 'worker', lease_until = ?2 ->> 'lease', started_at = ?2 ->> 'now', updated_at = ?2 ->> 'now',
  gates = {{gate_keys}}, progress = NULL, wake_at = CASE WHEN wake_at IS NOT NULL THEN (?2 ->> 'lease') + (?2 ->> 'skew') END
  /*+turn*/, run_at = CASE WHEN ?2 ->> 'paced' AND {{claim_asks}} THEN coalesce({{turn}}, run_at) ELSE run_at END /*-turn*/
FROM json_each(?1) AS j
WHERE jobs.id = {{claim_id}}
  AND {{claim_guard}}
