/*+state*/ (jobs.status = 'pending' OR (jobs.status = 'delayed' AND jobs.run_at <= ?2 ->> 'now')) /*-state*/
/*+lease*/ AND (jobs.lease_until IS NULL OR jobs.lease_until + (?2 ->> 'skew') <= ?2 ->> 'now') /*-lease*/
