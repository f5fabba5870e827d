-- A message came again while somebody else holds the lease: the sweep is to look when that lease is over,
-- since the message will be acknowledged now.
-- ?1 [id or [unique key], …]; ?2 {op, skew}
/*+defer*/ UPDATE jobs SET wake_at = lease_until + (?2 ->> 'skew')
FROM json_each(?1) AS j
WHERE jobs.id = {{claim_id}}
  /*+defer_state*/ AND jobs.status = 'processing' /*-defer_state*/ AND jobs.op <> ?2 ->> 'op' AND jobs.wake_at IS NULL /*-defer*/
