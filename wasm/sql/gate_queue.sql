-- A queue as callers see it: [paused, places taken, [pending, delayed, blocked, processing]]; no row where nothing knows it.
-- ?1 {name}
SELECT json_array(g.paused, g.used, json((
  SELECT json_array(coalesce(sum(pending), 0), coalesce(sum(delayed), 0), coalesce(sum(blocked), 0),
    coalesce(sum(processing), 0))
  FROM counters WHERE queue = ?1 ->> 'name'
))) AS r
FROM gates AS g WHERE g.key = 'q:' || (?1 ->> 'name')
