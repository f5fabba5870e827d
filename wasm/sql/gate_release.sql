-- Takes the first out of each line, as many as places were given back there and are free. Who still finds another gate
-- full or paused goes to the line there instead. The released are watched, as their messages may be lost; polled ones are
-- back in the line from which they are taken.
-- ?1 [[key, places], …]; ?2 {now, op, resend, look, ahead, caps}
/*+release*/ UPDATE jobs SET
  held_by = coalesce(chosen.next, CASE WHEN jobs.transport GLOB 'p:*' THEN jobs.transport END), op = ?2 ->> 'op', updated_at = ?2 ->> 'now',
  wake_at = CASE
    WHEN chosen.next IS NULL AND jobs.transport GLOB 'p:*' THEN NULL
    WHEN chosen.next IS NULL THEN (?2 ->> 'now') + (?2 ->> 'resend')
    WHEN jobs.status = 'delayed' OR jobs.lease_until IS NOT NULL THEN ?2 ->> 'now'
  END
FROM (
  SELECT c.value ->> 0 AS id, c.value ->> 1 AS next, f.n,
    sum(c.value ->> 1 IS NULL) OVER (PARTITION BY f.key ORDER BY c.key) AS turn
  FROM (
    SELECT k.key, min(k.n, coalesce({{gate_room}}, k.n)) AS n
    FROM (SELECT j.value ->> 0 AS key, j.value ->> 1 AS n FROM json_each(?1) AS j) AS k
    LEFT JOIN gates AS g ON g.key = k.key
  ) AS f
  CROSS JOIN json_each((
    SELECT json_group_array(json_array(w.id, (
      SELECT k.key
      FROM (SELECT o.value AS key FROM json_each(w.gates) AS o UNION SELECT 'q:' || w.queue) AS k
      LEFT JOIN gates AS g ON g.key = k.key
      WHERE k.key <> f.key AND {{gate_room}} < (w.lease_until IS NULL)
      ORDER BY {{gate_room}}, k.key LIMIT 1
    )))
    FROM (
      SELECT l.id, l.gates, l.queue, l.lease_until FROM jobs AS l
      WHERE f.n > 0 AND l.held_by = f.key
      ORDER BY l.created_at + l.priority * 600000, l.id LIMIT ?2 ->> 'look'
    ) AS w
  )) AS c
) AS chosen
WHERE jobs.id = chosen.id AND (chosen.next IS NOT NULL OR chosen.turn <= chosen.n)
RETURNING json_array({{record_columns}}) AS r /*-release*/
