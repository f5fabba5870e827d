-- Whether a job that is not where locks are still has its lease.
-- ?1 {id, fence}
SELECT json_array(id) AS r FROM jobs
WHERE id = ?1 ->> 'id' /*+lock_lease*/ AND status = 'processing' AND fence = ?1 ->> 'fence' /*-lock_lease*/
