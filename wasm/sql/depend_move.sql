-- Jobs that waited for the last of their dependencies become pending or delayed, or are cancelled with the first that
-- did not come to a good end. What depends on those in turn is the sweep's to decide. A polled job joins its line, now
-- or when its time has come.
-- ?1 [[id, 1: the job itself, 0: those that depend on it], …]; ?2 {now, op, edges, wake}
UPDATE jobs SET
  status = v.verdict, updated_at = ?2 ->> 'now', op = ?2 ->> 'op',
  held_by = CASE WHEN v.verdict = 'pending' AND substr(jobs.transport, 1, 2) = 'p:' THEN jobs.transport END,
  wake_at = CASE
    WHEN v.culprit IS NULL AND substr(jobs.transport, 1, 2) = 'p:'
      THEN CASE WHEN v.verdict = 'delayed' THEN jobs.run_at END
    WHEN v.culprit IS NULL THEN ?2 ->> 'wake'
    /*+depend_cascade*/ WHEN EXISTS (SELECT 1 FROM dependencies AS o WHERE o.parent_id = jobs.id AND o.open = 1)
      THEN ?2 ->> 'now' /*-depend_cascade*/
  END,
  completed_at = CASE WHEN v.culprit IS NOT NULL THEN ?2 ->> 'now' END,
  prune_at = CASE
    WHEN v.culprit IS NOT NULL AND jobs.id <= (SELECT pruned_to FROM sweep) THEN ?2 ->> 'now'
  END,
  last_error = CASE WHEN v.culprit IS NULL THEN last_error ELSE json_object(
    'code', 'dependency_failed',
    'message', 'It depends on ' || v.culprit || ', which failed or was cancelled.', 'retryable', json('false')
  ) END,
  history = CASE WHEN v.culprit IS NULL THEN history ELSE json_array(json_object(
    'attempt', 0, 'outcome', 'cancelled', 'startedAt', NULL, 'finishedAt', ?2 -> 'now', 'error', json_object(
      'code', 'dependency_failed',
      'message', 'It depends on ' || v.culprit || ', which failed or was cancelled.', 'retryable', json('false')
    )
  )) END
FROM ({{depend_verdict}}) AS v
WHERE jobs.id = v.id
