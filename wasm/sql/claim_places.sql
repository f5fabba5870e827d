-- Takes the places of what the next statement will lease.
-- ?1 [[id or null, unique key or null], …]; ?2 {now, skew, op, caps}
/*+place*/ INSERT INTO gates (key, used, op)
SELECT o.value, count(*), ?2 ->> 'op'
FROM (SELECT DISTINCT {{claim_id}} AS id FROM json_each(?1) AS j) AS h
CROSS JOIN jobs ON jobs.id = h.id CROSS JOIN json_each({{gate_keys}}) AS o
WHERE {{claim_guard}} /*+place_once*/ AND jobs.lease_until IS NULL /*-place_once*/
GROUP BY 1
ON CONFLICT (key) DO UPDATE SET used = gates.used + excluded.used, op = excluded.op /*-place*/
