-- Inserts the jobs. One that comes so late that the sweep has passed its id registers itself. What finds a gate full, or
-- somebody in line there, joins the line.
-- ?1 rows [id, type, queue, transport, status, priority, max attempts, run at, wake at, timeout, backoff,
--   payload, payload bytes, unique key, tags, correlation, user, session, place in its queue, tenant, concurrency key,
--   gates, [[key, place in this request], …] of all its gates, line, dependencies, on their failure];
--   ?2 {now, op, resend, ahead, caps, asked}
WITH shut AS MATERIALIZED (
  SELECT key, room, has_line
  FROM (
    SELECT k.key, {{gate_room}} AS room,
      false /*+no_overtaking*/ OR EXISTS (SELECT 1 FROM jobs AS x WHERE x.held_by = k.key) /*-no_overtaking*/ AS has_line
    FROM (SELECT value AS key FROM json_each(?2, '$.asked')) AS k LEFT JOIN gates AS g ON g.key = k.key
  )
  WHERE room IS NOT NULL OR has_line
)
INSERT INTO jobs (id, type, queue, transport, status, priority, max_attempts, op, created_at, run_at, updated_at,
  wake_at, timeout_ms, backoff, payload, payload_size, unique_key, tags, correlation_id, user_id, session_id, tenant,
  concurrency_key, gates, held_by, depends_on, on_failure)
SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 5, j.value ->> 6,
  ?2 ->> 'op', ?2 ->> 'now', j.value ->> 7, ?2 ->> 'now',
  CASE
    WHEN j.value ->> 8 IS NOT NULL THEN j.value ->> 8
    /*+watch_late*/ WHEN j.value ->> 4 <> 'blocked' AND j.value ->> 23 IS NULL
        AND j.value ->> 0 <= (SELECT watermark FROM sweep)
      THEN (?2 ->> 'now') + (?2 ->> 'resend') /*-watch_late*/
  END,
  j.value ->> 9, j.value ->> 10, CASE WHEN j.value ->> 12 <= 4096 THEN j.value -> 11 END, j.value ->> 12,
  j.value ->> 13, j.value ->> 14, j.value ->> 15, j.value ->> 16, j.value ->> 17,
  j.value ->> 19, j.value ->> 20, j.value ->> 21, coalesce(j.value ->> 23, {{admit_line}}), j.value ->> 24,
  j.value ->> 25
FROM {{rows}} AS j
WHERE /*+unique_holder*/ (j.value ->> 13 IS NULL
    OR (SELECT u.job_id FROM unique_keys AS u WHERE u.key = j.value ->> 13) = j.value ->> 0) /*-unique_holder*/
  /*+depth*/ AND j.value ->> 18 <= (
    SELECT c.room FROM counters AS c
    WHERE c.queue = j.value ->> 2 AND c.type = j.value ->> 1 /*+room_op*/ AND c.op = ?2 ->> 'op' /*-room_op*/
  ) /*-depth*/
  /*+parents_exist*/ AND (j.value ->> 24 IS NULL OR NOT EXISTS (
    SELECT 1 FROM json_each(j.value -> 24) AS e WHERE NOT EXISTS (SELECT 1 FROM jobs AS p WHERE p.id = e.value)
  )) /*-parents_exist*/
/*+insert_once*/ ON CONFLICT (id) DO NOTHING /*-insert_once*/
