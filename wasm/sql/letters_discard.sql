-- An operator deletes dead letters: of jobs only what this step has moved.
-- ?1 [[id], …]; ?2 {op}
DELETE FROM dead_letters
WHERE id IN (SELECT j.value ->> 0 FROM json_each(?1) AS j) AND (
  job_id IS NULL
  OR /*+discard_step*/ (SELECT jobs.op FROM jobs WHERE jobs.id = dead_letters.job_id) = ?2 ->> 'op' /*-discard_step*/
)
