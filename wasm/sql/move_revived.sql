-- A job that is tried again is no dead letter any more.
-- ?1 [[id], …]; ?2 {op}
/*+revived*/ DELETE FROM dead_letters
WHERE id IN (
  SELECT jobs.id FROM json_each(?1) AS j CROSS JOIN jobs ON jobs.id = j.value ->> 0
  WHERE /*+revived_step*/ jobs.op = ?2 ->> 'op' AND jobs.status <> 'failed' /*-revived_step*/
) /*-revived*/
