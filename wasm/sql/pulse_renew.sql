-- Renews leases and notes progress of running jobs that are still ours. A renewal leaves its nonce, so that a sweep
-- which read the lease as lapsed a moment ago does not take it away. One that is committed long after its failure was
-- reported does not cut short what a later one gave.
-- ?1 [[id, fence, lease until or null, progress or null], …]; ?2 {skew, op}
/*+renewal*/ UPDATE jobs SET
  lease_until = /*+renewal_max*/ max(lease_until, /*-renewal_max*/ coalesce(j.value ->> 2, lease_until)
    /*+renewal_max*/ ) /*-renewal_max*/,
  wake_at = CASE
    WHEN wake_at IS NOT NULL AND j.value ->> 2 > lease_until THEN (j.value ->> 2) + (?2 ->> 'skew')
    ELSE wake_at
  END,
  progress = coalesce(j.value ->> 3, progress)
  /*+renewal_op*/, op = CASE WHEN j.value ->> 2 IS NOT NULL THEN ?2 ->> 'op' ELSE op END /*-renewal_op*/
FROM {{rows}} AS j
WHERE jobs.id = j.value ->> 0 AND (j.value ->> 2 IS NOT NULL OR j.value ->> 3 IS NOT NULL)
  /*+renewal_state*/ AND jobs.status = 'processing' /*-renewal_state*/
  /*+renewal_fence*/ AND jobs.fence = j.value ->> 1 /*-renewal_fence*/ /*-renewal*/
