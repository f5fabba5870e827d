-- Who of `ready` (id, queue, rank, place, keys) finds a gate full or paused, as `parked` (id, key): first come, first
-- served among them. Only gates with less room than there are who ask are looked at one by one.
asks AS MATERIALIZED (
  SELECT id, place, queue AS key FROM ready
  UNION
  SELECT ready.id, ready.place, o.value FROM ready CROSS JOIN json_each(ready.keys) AS o
), gate AS MATERIALIZED (
  SELECT key, room, row_number() OVER (ORDER BY key) - 1 AS n
  FROM (
    SELECT k.key, k.places, {{gate_room}} AS room
    FROM (SELECT key, sum(place) AS places FROM asks GROUP BY key) AS k LEFT JOIN gates AS g ON g.key = k.key
  )
  WHERE room < places
), turn AS MATERIALIZED (
  SELECT ready.id, ready.place, json_group_array(gate.n) AS keys, row_number() OVER (ORDER BY ready.rank, ready.id) AS n
  FROM gate CROSS JOIN asks ON asks.key = gate.key CROSS JOIN ready ON ready.id = asks.id
  GROUP BY ready.id
), walk (n, rooms, taken) AS (
  SELECT 0, (SELECT json_group_array(room) FROM (SELECT room FROM gate ORDER BY n)), '[]'
  UNION ALL
  SELECT turn.n,
    (
      SELECT json_group_array(r.value - (r.key IN (SELECT t.value FROM json_each(walk.taken) AS t)))
      FROM json_each(walk.rooms) AS r
    ),
    CASE
      WHEN turn.place AND NOT EXISTS (
        SELECT 1 FROM json_each(turn.keys) AS o
        WHERE (walk.rooms ->> o.value) - (o.value IN (SELECT t.value FROM json_each(walk.taken) AS t)) < 1
      ) THEN turn.keys
      ELSE '[]'
    END
  FROM walk CROSS JOIN turn ON turn.n = walk.n + 1
), parked AS MATERIALIZED (
  SELECT turn.id, (
    SELECT w.key
    FROM (
      SELECT gate.key, walk.rooms ->> gate.n AS room
      FROM json_each(turn.keys) AS o CROSS JOIN gate ON gate.n = o.value
    ) AS w
    WHERE w.room < turn.place
    ORDER BY w.room, w.key LIMIT 1
  ) AS key
  FROM walk CROSS JOIN turn ON turn.n = walk.n
)
