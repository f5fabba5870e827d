-- Who of the first of a line finds a gate full goes to the line there. Its watch, of which the sweep thinks nothing,
-- tells the statements behind this one how many have gone.
-- ?1 and ?2 {line, rows, now, skew, op, worker, lease, wake, ahead, caps}
/*+poll_park*/ WITH RECURSIVE ready AS MATERIALIZED (
  SELECT jobs.id, 'q:' || jobs.queue AS queue, jobs.created_at + jobs.priority * 600000 AS rank,
    jobs.lease_until IS NULL AS place, {{gate_keys}} AS keys
  FROM ({{poll_pick}}) AS first CROSS JOIN jobs ON jobs.id = first.id
), {{park_walk}}
UPDATE jobs SET held_by = (SELECT parked.key FROM parked WHERE parked.id = jobs.id),
  op = ?2 ->> 'op', updated_at = ?2 ->> 'now', wake_at = ?2 ->> 'wake'
WHERE jobs.id IN (SELECT parked.id FROM parked WHERE parked.key IS NOT NULL) /*-poll_park*/
