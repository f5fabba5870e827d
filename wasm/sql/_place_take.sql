-- Takes a place at each gate of `leasing` (place, keys, pace), and a turn at one of them.
INSERT INTO gates (key, used, next_at, op)
SELECT k.key, k.used, CASE WHEN k.turns > 0 THEN (?2 ->> 'now') + k.turns * {{pace_ms}} ELSE 0 END, ?2 ->> 'op'
FROM (
  SELECT o.value AS key, sum(leasing.place) AS used, sum(o.value = coalesce(leasing.pace, '')) AS turns
  FROM leasing CROSS JOIN json_each(leasing.keys) AS o
  GROUP BY 1
) AS k
WHERE k.used > 0 OR k.turns > 0
ON CONFLICT (key) DO UPDATE SET used = gates.used + excluded.used, op = excluded.op /*+pace*/,
  next_at = CASE
    WHEN excluded.next_at > 0 THEN max(gates.next_at, ?2 ->> 'now') + excluded.next_at - (?2 ->> 'now')
    ELSE gates.next_at
  END /*-pace*/
