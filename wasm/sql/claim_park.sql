-- Who finds a gate full or paused takes its place in the line there. A job that is due, or has an old lease still, is
-- looked at by the sweep.
-- ?1 [id or [unique key], …]; ?2 {now, skew, op, ahead, caps, capped}
/*+park*/ UPDATE jobs SET held_by = p.value ->> 1,
  op = ?2 ->> 'op', updated_at = ?2 ->> 'now',
  wake_at = CASE WHEN jobs.status = 'delayed' OR jobs.lease_until IS NOT NULL THEN ?2 ->> 'now' END
FROM json_each(CASE WHEN {{claim_asks}} THEN (
  WITH RECURSIVE ready AS MATERIALIZED (
    SELECT jobs.id, 'q:' || jobs.queue AS queue, jobs.created_at + jobs.priority * 600000 AS rank,
      jobs.lease_until IS NULL AS place, {{gate_keys}} AS keys
    FROM (SELECT DISTINCT {{claim_id}} AS id FROM json_each(?1) AS j) AS h CROSS JOIN jobs ON jobs.id = h.id
    WHERE {{claim_guard}}
  ), {{park_walk}}
  SELECT json_group_array(json_array(parked.id, parked.key)) FROM parked WHERE parked.key IS NOT NULL
) END) AS p
WHERE jobs.id = p.value ->> 0 /*-park*/
