-- Sets a schedule. One whose pattern stays keeps its next tick, which may be due by now; a new pattern begins anew.
-- ?1 {name, cron, timezone, type, payload, size, priority, next, now, op, max}
INSERT INTO schedules (name, cron, timezone, type, payload, payload_size, priority, next_at, op, created_at, updated_at)
SELECT ?1 ->> 'name', ?1 ->> 'cron', ?1 ->> 'timezone', ?1 ->> 'type', ?1 ->> 'payload', ?1 ->> 'size',
  ?1 ->> 'priority', ?1 ->> 'next', ?1 ->> 'op', ?1 ->> 'now', ?1 ->> 'now'
WHERE EXISTS (SELECT 1 FROM schedules WHERE name = ?1 ->> 'name')
  OR (SELECT count(*) FROM schedules) < ?1 ->> 'max'
ON CONFLICT (name) DO UPDATE SET cron = excluded.cron, timezone = excluded.timezone, type = excluded.type,
  payload = excluded.payload, payload_size = excluded.payload_size, priority = excluded.priority,
  next_at = CASE
    WHEN schedules.cron = excluded.cron /*+tick_zone*/ AND schedules.timezone = excluded.timezone /*-tick_zone*/
      THEN schedules.next_at
    ELSE excluded.next_at
  END,
  op = excluded.op, updated_at = excluded.updated_at
