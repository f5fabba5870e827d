-- Inserts the jobs. One that comes so late that the sweep has passed its id registers itself. What finds a gate full, or
-- somebody in line there, joins the line.
-- ?1 rows [id, kind, payload or null where it is too long for the row, its bytes, place in its queue, [[key, place in this
--   request], …] of its gates or null, unique key, correlation, dependencies, on their failure];
--   ?2 {now, op, resend, ahead, caps, asked};
--   ?3 kinds [type, queue, transport, status, priority, max attempts, run at, wake at, timeout, backoff, tags, user, session,
--   tenant, concurrency key, gates, line]
WITH shut AS MATERIALIZED (
  SELECT key, room, has_line
  FROM (
    SELECT k.key, {{gate_room}} AS room,
      false /*+no_overtaking*/ OR EXISTS (SELECT 1 FROM jobs AS x WHERE x.held_by = k.key) /*-no_overtaking*/ AS has_line
    FROM (SELECT value AS key FROM json_each(?2, '$.asked')) AS k LEFT JOIN gates AS g ON g.key = k.key
  )
  WHERE room IS NOT NULL OR has_line
), kinds AS MATERIALIZED (
  SELECT k.key AS n, k.value ->> 0 AS type, k.value ->> 1 AS queue, k.value ->> 2 AS transport, k.value ->> 3 AS status,
    k.value ->> 4 AS priority, k.value ->> 5 AS max_attempts, k.value ->> 6 AS run_at, k.value ->> 7 AS wake_at,
    k.value ->> 8 AS timeout_ms, k.value ->> 9 AS backoff, k.value ->> 10 AS tags, k.value ->> 11 AS user_id,
    k.value ->> 12 AS session_id, k.value ->> 13 AS tenant, k.value ->> 14 AS concurrency_key, k.value ->> 15 AS gates,
    k.value ->> 16 AS line
  FROM (WITH r AS MATERIALIZED (SELECT key, value FROM json_each(?3)) SELECT key, value FROM r) AS k
)
INSERT INTO jobs (id, type, queue, transport, status, priority, max_attempts, op, created_at, run_at, updated_at,
  wake_at, timeout_ms, backoff, payload, payload_size, unique_key, tags, correlation_id, user_id, session_id, tenant,
  concurrency_key, gates, held_by, depends_on, on_failure)
SELECT j.value ->> 0, k.type, k.queue, k.transport, k.status, k.priority, k.max_attempts,
  ?2 ->> 'op', ?2 ->> 'now', k.run_at, ?2 ->> 'now',
  CASE
    WHEN k.wake_at IS NOT NULL THEN k.wake_at
    /*+watch_late*/ WHEN k.status <> 'blocked' AND k.line IS NULL AND j.value ->> 0 <= (SELECT watermark FROM sweep)
      THEN (?2 ->> 'now') + (?2 ->> 'resend') /*-watch_late*/
  END,
  k.timeout_ms, k.backoff, CASE WHEN j.value ->> 3 <= 4096 THEN j.value -> 2 END, j.value ->> 3,
  j.value ->> 6, k.tags, j.value ->> 7, k.user_id, k.session_id,
  k.tenant, k.concurrency_key, k.gates, coalesce(k.line, {{admit_line}}), j.value ->> 8, j.value ->> 9
FROM {{rows}} AS j CROSS JOIN kinds AS k ON k.n = j.value ->> 1
WHERE /*+unique_holder*/ (j.value ->> 6 IS NULL
    OR (SELECT u.job_id FROM unique_keys AS u WHERE u.key = j.value ->> 6) = j.value ->> 0) /*-unique_holder*/
  /*+depth*/ AND j.value ->> 4 <= (
    SELECT c.room FROM counters AS c
    WHERE c.queue = k.queue AND c.type = k.type /*+room_op*/ AND c.op = ?2 ->> 'op' /*-room_op*/
  ) /*-depth*/
  /*+parents_exist*/ AND (j.value ->> 8 IS NULL OR NOT EXISTS (
    SELECT 1 FROM json_each(j.value -> 8) AS e WHERE NOT EXISTS (SELECT 1 FROM jobs AS p WHERE p.id = e.value)
  )) /*-parents_exist*/
/*+insert_once*/ ON CONFLICT (id) DO NOTHING /*-insert_once*/
