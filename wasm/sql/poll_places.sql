-- Takes the places of what the next statement will lease.
-- ?1 and ?2 {line, rows, now, skew, op, worker, lease, wake, caps}
/*+poll_place*/ INSERT INTO gates (key, used, op)
SELECT o.value, count(*), ?2 ->> 'op'
FROM ({{poll_pick}}) AS first CROSS JOIN jobs ON jobs.id = first.id CROSS JOIN json_each({{gate_keys}}) AS o
WHERE jobs.lease_until IS NULL
GROUP BY 1
ON CONFLICT (key) DO UPDATE SET used = gates.used + excluded.used, op = excluded.op /*-poll_place*/
