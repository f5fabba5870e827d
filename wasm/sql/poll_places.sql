-- Takes the places and turns of what the next statement will lease.
-- ?1 and ?2 {line, rows, now, skew, op, worker, lease, wake, ahead, caps, paced}
/*+poll_place*/ WITH leasing AS MATERIALIZED (
  SELECT ready.place, ready.keys, {{pace_key}} AS pace
  FROM (
    SELECT jobs.lease_until IS NULL AS place, {{gate_keys}} AS keys
    FROM ({{poll_pick}}) AS first CROSS JOIN jobs ON jobs.id = first.id
  ) AS ready
)
{{place_take}} /*-poll_place*/
