-- Gives each unique key to the first job that asks. A key whose window has passed, or whose job is not
-- kept any more (and is not about to be inserted by this batch), is free again.
-- ?1 heads [id, group (see admit_count.sql), place in its queue, dependencies, unique key, unique until]; ?2 {now}
INSERT INTO unique_keys (key, job_id, expires_at)
SELECT j.value ->> 4, j.value ->> 0, j.value ->> 5
FROM {{rows}} AS j
WHERE j.value ->> 4 IS NOT NULL
  /*+parents_exist*/ AND (j.value ->> 3 IS NULL OR NOT EXISTS (
    SELECT 1 FROM json_each(j.value -> 3) AS e WHERE NOT EXISTS (SELECT 1 FROM jobs AS p WHERE p.id = e.value)
  )) /*-parents_exist*/
ON CONFLICT (key) DO UPDATE SET job_id = excluded.job_id, expires_at = excluded.expires_at
/*+unique_first*/ WHERE unique_keys.expires_at <= ?2 ->> 'now'
  OR (
    NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = unique_keys.job_id)
    /*+unique_in_request*/
    AND unique_keys.job_id NOT IN (SELECT k.value ->> 0 FROM json_each(?1) AS k)
    /*-unique_in_request*/
  ) /*-unique_first*/
