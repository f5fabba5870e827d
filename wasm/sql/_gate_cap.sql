-- The most leases that gate k.key gives at once, from the configuration; NULL: any number.
(SELECT min(m.value ->> 1) FROM json_each(?2, '$.caps') AS m WHERE m.value ->> 0 IN (k.key, substr(k.key, 1, 2)))
