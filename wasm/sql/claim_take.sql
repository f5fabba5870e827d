-- Leases every job that is ready. A row that the sweep watches stays watched: it wakes when the lease is over.
-- ?1 [[id or null, unique key or null], …]; ?2 {now, skew, op, worker, lease, caps}
UPDATE jobs SET
  status = 'processing', attempts = attempts + 1, fence = fence + 1, op = ?2 ->> 'op',
  leased_by = ?2 ->> 'worker', lease_until = ?2 ->> 'lease', started_at = ?2 ->> 'now', updated_at = ?2 ->> 'now',
  gates = {{gate_keys}}, progress = NULL, wake_at = CASE WHEN wake_at IS NOT NULL THEN (?2 ->> 'lease') + (?2 ->> 'skew') END
FROM json_each(?1) AS j
WHERE jobs.id = {{claim_id}}
  AND {{claim_guard}}
