-- Pauses a queue, or lets it go on; where no type names it, only one that has had jobs.
-- ?1 {name, known, paused}; ?2 {op}
INSERT INTO gates (key, paused, op)
SELECT 'q:' || (?1 ->> 'name'), ?1 ->> 'paused', ?2 ->> 'op'
WHERE ?1 ->> 'known' OR EXISTS (SELECT 1 FROM counters WHERE queue = ?1 ->> 'name')
ON CONFLICT (key) DO UPDATE SET paused = excluded.paused, op = excluded.op
