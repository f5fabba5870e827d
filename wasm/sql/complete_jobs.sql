-- move_jobs for what most jobs come to: processing -> completed, with no place to give back.
-- ?1 [[id, fence, result or null where it is too long for the row, its bytes, ms], …]; ?2 {now, op}
UPDATE jobs SET
  status = 'completed', wake_at = NULL, completed_at = ?2 ->> 'now',
  /*+prune_at*/ prune_at = CASE WHEN jobs.id <= (SELECT pruned_to FROM sweep) THEN ?2 ->> 'now' END, /*-prune_at*/
  lease_until = NULL, result = CASE WHEN j.value ->> 3 <= 4096 THEN j.value -> 2 END, result_size = j.value ->> 3,
  progress = 100, updated_at = ?2 ->> 'now', op = ?2 ->> 'op'
FROM {{rows}} AS j
WHERE jobs.id = j.value ->> 0
  AND {{complete_guard}}
