-- Every transition but the lease: each row says what it expects and what it sets. What becomes final behind
-- retention's walk is looked at by the next sweep.
-- ?1 moves (see move.h); ?2 {now, op, history}
UPDATE jobs SET
  status = j.value ->> 4,
  run_at = CASE WHEN j.value ->> 4 IN ('completed', 'failed', 'cancelled') THEN run_at ELSE j.value ->> 5 END,
  wake_at = j.value ->> 6, completed_at = j.value ->> 7,
  /*+prune_at*/ prune_at = CASE
    WHEN j.value ->> 7 IS NOT NULL AND jobs.id <= (SELECT pruned_to FROM sweep) THEN j.value ->> 7
  END, /*-prune_at*/
  attempts = attempts + (j.value ->> 8), losses = losses + (j.value ->> 9),
  lease_until = CASE WHEN j.value ->> 10 THEN lease_until END, held_by = j.value ->> 18,
  last_error = CASE WHEN j.value ->> 11 IS NULL THEN last_error ELSE j.value -> 11 END,
  result = CASE WHEN j.value ->> 13 <= 4096 THEN j.value -> 12 WHEN j.value ->> 13 IS NULL THEN result END,
  result_size = coalesce(j.value ->> 13, result_size),
  history = CASE
    WHEN j.value ->> 14 IS NULL THEN history
    WHEN json_array_length(coalesce(history, '[]')) >= ?2 ->> 'history'
      THEN json_insert(json_remove(history, '$[0]'), '$[#]', j.value -> 14)
    ELSE json_insert(coalesce(history, '[]'), '$[#]', j.value -> 14)
  END,
  progress = CASE WHEN j.value ->> 15 IS NULL THEN progress ELSE j.value ->> 15 END,
  updated_at = ?2 ->> 'now', op = ?2 ->> 'op'
FROM {{rows}} AS j
WHERE jobs.id = j.value ->> 0
  AND {{move_guard}}
