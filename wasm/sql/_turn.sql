-- The turn of job jobs.id among `leasing` (id, rank, pace): the last of them at a gate has the one before the next free.
(
  SELECT t.at
  FROM (
    SELECT k.id, g.next_at - {{pace_ms}} * row_number() OVER (PARTITION BY k.key ORDER BY k.rank DESC, k.id DESC) AS at
    FROM (SELECT id, rank, pace AS key FROM leasing WHERE pace IS NOT NULL) AS k
    CROSS JOIN gates AS g ON g.key = k.key
  ) AS t
  WHERE t.id = jobs.id
)
