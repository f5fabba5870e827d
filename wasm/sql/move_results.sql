-- Results that are too long for the job's row, of the jobs that were completed.
-- ?1 [[id, result], …]; ?2 {op}
/*+result*/ INSERT INTO bodies (job_id, kind, body)
SELECT j.value ->> 0, 'result', j.value -> 1
FROM {{rows}} AS j
WHERE /*+result_owner*/ (SELECT jobs.op FROM jobs WHERE jobs.id = j.value ->> 0) = ?2 ->> 'op' /*-result_owner*/
/*+result_once*/ ON CONFLICT (job_id, kind) DO UPDATE SET body = excluded.body /*-result_once*/ /*-result*/
