-- Inserts the jobs. One that comes so late that the sweep has passed its id registers itself.
-- ?1 rows [id, type, queue, transport, status, priority, max attempts, run at, wake at, timeout, backoff,
--   payload, payload bytes, unique key, tags, correlation, user, session, place in its queue, line]; ?2 {now, op, resend}
INSERT INTO jobs (id, type, queue, transport, status, priority, max_attempts, op, created_at, run_at, updated_at,
  wake_at, timeout_ms, backoff, payload, payload_size, unique_key, tags, correlation_id, user_id, session_id, held_by)
SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 5, j.value ->> 6,
  ?2 ->> 'op', ?2 ->> 'now', j.value ->> 7, ?2 ->> 'now',
  CASE
    WHEN j.value ->> 8 IS NOT NULL THEN j.value ->> 8
    /*+watch_late*/ WHEN j.value ->> 19 IS NULL AND j.value ->> 0 <= (SELECT watermark FROM sweep)
      THEN (?2 ->> 'now') + (?2 ->> 'resend') /*-watch_late*/
  END,
  j.value ->> 9, j.value ->> 10, CASE WHEN j.value ->> 12 <= 4096 THEN j.value -> 11 END, j.value ->> 12,
  j.value ->> 13, j.value ->> 14, j.value ->> 15, j.value ->> 16, j.value ->> 17, j.value ->> 19
FROM json_each(?1) AS j
WHERE /*+unique_holder*/ (j.value ->> 13 IS NULL
    OR (SELECT u.job_id FROM unique_keys AS u WHERE u.key = j.value ->> 13) = j.value ->> 0) /*-unique_holder*/
  /*+depth*/ AND j.value ->> 18 <= (
    SELECT c.room FROM counters AS c
    WHERE c.queue = j.value ->> 2 AND c.type = j.value ->> 1 /*+room_op*/ AND c.op = ?2 ->> 'op' /*-room_op*/
  ) /*-depth*/
/*+insert_once*/ ON CONFLICT (id) DO NOTHING /*-insert_once*/
