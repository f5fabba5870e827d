-- What is unfinished between the last two watermarks is watched from now on, but for what stands in a line: no
-- message of it can be lost.
-- ?1 {now, skew}
/*+watch*/ UPDATE jobs SET
  wake_at = CASE WHEN status = 'processing' THEN lease_until + (?1 ->> 'skew') ELSE ?1 ->> 'now' END
WHERE id > (SELECT previous FROM sweep) AND id <= (SELECT watermark FROM sweep)
  /*+watch_held*/ AND held_by IS NULL /*-watch_held*/ /*+watch_state*/ AND status IN ('pending', 'processing') /*-watch_state*/ AND wake_at IS NULL /*-watch*/
