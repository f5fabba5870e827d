-- Payloads that are too long for the job's row, of the jobs that were inserted.
-- ?1 [[id, payload], …]; ?2 {op}
INSERT INTO bodies (job_id, kind, body)
SELECT j.value ->> 0, 'payload', j.value -> 1
FROM {{rows}} AS j
WHERE /*+body_owner*/ (SELECT jobs.op FROM jobs WHERE jobs.id = j.value ->> 0) = ?2 ->> 'op' /*-body_owner*/
/*+body_once*/ ON CONFLICT (job_id, kind) DO NOTHING /*-body_once*/
