-- Takes the places and turns of what the next statement will lease.
-- ?1 [[id or null, unique key or null], …]; ?2 {now, skew, op, ahead, caps, paced}
/*+place*/ WITH leasing AS MATERIALIZED (
  SELECT ready.place, ready.keys, {{pace_key}} AS pace
  FROM (
    SELECT /*+place_once*/ jobs.lease_until IS NULL AND /*-place_once*/ 1 AS place, {{gate_keys}} AS keys
    FROM (SELECT DISTINCT {{claim_id}} AS id FROM {{rows}} AS j) AS h CROSS JOIN jobs ON jobs.id = h.id
    WHERE {{claim_guard}}
  ) AS ready
)
{{place_take}} /*-place*/
