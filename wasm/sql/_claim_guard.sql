/*+claim_state*/ (
  jobs.status = 'pending'
  OR (jobs.status = 'delayed' /*+claim_due*/ AND jobs.run_at <= ?2 ->> 'now' /*-claim_due*/)
) /*-claim_state*/
AND jobs.transport NOT GLOB 'p:*'
/*+claim_lease*/ AND (
  jobs.lease_until IS NULL OR jobs.lease_until + (?2 ->> 'skew') <= ?2 ->> 'now'
) /*-claim_lease*/
/*+claim_held*/ AND jobs.held_by IS NULL /*-claim_held*/
