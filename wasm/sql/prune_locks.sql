-- Locks that nobody gave back.
-- ?1 {now, rows, skew}
DELETE FROM locks WHERE key IN (
  SELECT key FROM locks
  WHERE /*+lock_expired*/ expires_at <= (?1 ->> 'now') - (?1 ->> 'skew') /*-lock_expired*/
  ORDER BY expires_at LIMIT ?1 ->> 'rows'
)
