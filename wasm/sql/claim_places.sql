-- Takes the places and turns of what the next statement will lease.
-- ?1 [id or [unique key], …]; ?2 {now, skew, op, ahead, caps, capped, paced}
/*+place*/ WITH leasing AS MATERIALIZED (
  SELECT ready.place, ready.keys, {{pace_key}} AS pace
  FROM (
    SELECT /*+place_once*/ jobs.lease_until IS NULL AND /*-place_once*/ 1 AS place, {{gate_keys}} AS keys
    FROM (SELECT DISTINCT {{claim_id}} AS id FROM json_each(CASE WHEN {{claim_asks}} THEN ?1 END) AS j) AS h CROSS JOIN jobs ON jobs.id = h.id
    WHERE {{claim_guard}}
  ) AS ready
)
{{place_take}} /*-place*/
