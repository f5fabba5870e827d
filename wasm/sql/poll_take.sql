-- Leases the first of a line and takes them out of it. They are watched from now on: the sweep returns to the line
-- whose lease is lost. By that time and the nonce the statements behind this one find them.
-- ?1 and ?2 {line, rows, now, skew, op, worker, lease, wake, caps}
UPDATE jobs SET
  status = 'processing', attempts = attempts + 1, fence = fence + 1, op = ?1 ->> 'op', held_by = NULL,
  leased_by = ?1 ->> 'worker', lease_until = ?1 ->> 'lease', started_at = ?1 ->> 'now', updated_at = ?1 ->> 'now',
  gates = {{gate_keys}}, progress = NULL, wake_at = ?1 ->> 'wake'
WHERE jobs.id IN ({{poll_pick}})
