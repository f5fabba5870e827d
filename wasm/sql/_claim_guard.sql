/*+claim_state*/ (
  jobs.status = 'pending'
  OR (jobs.status = 'delayed' /*+claim_due*/ AND jobs.run_at <= ?2 ->> 'now' /*-claim_due*/)
) /*-claim_state*/
/*+claim_polled*/ AND jobs.transport NOT GLOB 'p:*' /*-claim_polled*/
/*+claim_lease*/ AND (
  jobs.lease_until IS NULL OR jobs.lease_until + (?2 ->> 'skew') <= ?2 ->> 'now'
) /*-claim_lease*/
