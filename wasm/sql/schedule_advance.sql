-- A schedule whose tick has led to a job goes on to the next one; where its queue was full, the tick waits.
-- ?1 as for schedule_keys; ?2 {op}
UPDATE schedules SET next_at = j.value ->> 3, last_at = j.value ->> 2, op = ?2 ->> 'op'
FROM json_each(?1) AS j
WHERE schedules.name = j.value ->> 0 AND /*+tick_op*/ schedules.op = j.value ->> 1 /*-tick_op*/
  /*+tick_job*/ AND EXISTS (
    SELECT 1 FROM unique_keys AS u CROSS JOIN jobs ON jobs.id = u.job_id WHERE u.key = j.value ->> 5
  ) /*-tick_job*/
