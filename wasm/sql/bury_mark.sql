-- Archives dead letters of ours, if the fencing token is still the one they failed with.
-- ?1 [[id, fence], …]; ?2 {now, op}
/*+bury*/ UPDATE dead_letters SET buried_at = ?2 ->> 'now', op = ?2 ->> 'op'
FROM json_each(?1) AS j
WHERE dead_letters.id = j.value ->> 0 /*+bury_once*/ AND dead_letters.buried_at IS NULL /*-bury_once*/
  /*+bury_fence*/ AND dead_letters.fence = j.value ->> 1 /*-bury_fence*/ /*-bury*/
