jobs.lease_until IS NOT NULL
/*+release_fence*/ AND jobs.fence = j.value ->> 1 /*-release_fence*/
/*+release_state*/ AND jobs.status <> 'processing' /*-release_state*/
