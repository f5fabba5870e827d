-- Gives each tick's key to its job, so that the job may be inserted: while its schedule is as it was read, and where the
-- tick has led to no job before.
-- ?1 [[name, op as read, tick, next tick, job, key], …]
INSERT INTO unique_keys (key, job_id)
SELECT j.value ->> 5, j.value ->> 4
FROM json_each(?1) AS j CROSS JOIN schedules ON schedules.name = j.value ->> 0
WHERE /*+tick_op*/ schedules.op = j.value ->> 1 /*-tick_op*/
ON CONFLICT (key) DO UPDATE SET job_id = excluded.job_id
WHERE /*+tick_once*/ NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = unique_keys.job_id) /*-tick_once*/
