-- Some lines of gates (those of polled jobs are the pollers'), from where the walk over them goes on: [key, room, where it went on], in the order of keys.
-- ?1 {lines}; ?2 {now, ahead, caps}
/*+lines*/ WITH RECURSIVE line (n, key) AS (
  SELECT 1, coalesce(
    (SELECT min(held_by) FROM jobs WHERE held_by > (SELECT s.line FROM sweep AS s)),
    (SELECT min(held_by) FROM jobs WHERE held_by > '')
  )
  UNION ALL
  SELECT line.n + 1, (SELECT min(held_by) FROM jobs WHERE held_by > line.key) FROM line
  WHERE line.key IS NOT NULL AND line.n < ?1 ->> 'lines'
)
SELECT json_array(k.key, {{gate_room}}, (SELECT s.line FROM sweep AS s)) AS r
FROM line AS k LEFT JOIN gates AS g ON g.key = k.key
WHERE k.key IS NOT NULL AND k.key NOT GLOB 'p:*'
ORDER BY k.n /*-lines*/
