-- The gate at which job `ready` has its turn; NULL: it starts at once.
CASE WHEN ?2 ->> 'paced' THEN (
  SELECT max(k.key)
  FROM (SELECT o.value AS key FROM json_each(ready.keys) AS o WHERE substr(o.value, 1, 2) IN ('h:', 'q:', 'r:')) AS k
  CROSS JOIN json_each(?2, '$.caps') AS m
  WHERE m.value ->> 2 IS NOT NULL AND {{gate_match}}
) END
