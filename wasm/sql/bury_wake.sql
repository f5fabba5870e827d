-- The platform gave up on a message of a job that is alive: the sweep is to send it again.
-- ?1 [[id], …]; ?2 {now, skew}
/*+wake*/ UPDATE jobs SET wake_at = CASE jobs.status
    WHEN 'processing' THEN jobs.lease_until + (?2 ->> 'skew')
    WHEN 'delayed' THEN max(jobs.run_at, ?2 ->> 'now')
    ELSE ?2 ->> 'now'
  END
FROM json_each(?1) AS j
WHERE jobs.id = j.value ->> 0 AND jobs.held_by IS NULL
  /*+wake_state*/ AND jobs.status IN ('pending', 'delayed', 'processing') /*-wake_state*/ /*-wake*/
