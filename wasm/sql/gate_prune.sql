-- Forgets the gates that nothing passes any more, of those that the walk has reached; those of queues are few, and stay.
-- Turns are over by every clock, and what a breaker counted long ago says nothing now.
-- ?1 {now, skew, fails}
DELETE FROM gates
WHERE key > (SELECT gates_from FROM sweep)
  AND key <= (SELECT CASE WHEN gates_to = '' THEN 'z' ELSE gates_to END FROM sweep)
  AND substr(key, 1, 2) <> 'q:' AND paused = 0
  /*+idle_gate*/ AND used = 0 AND next_at <= (?1 ->> 'now') - (?1 ->> 'skew') /*-idle_gate*/
  AND (fails = 0 AND open_until = 0 OR max(next_at, open_until) BETWEEN 1 AND (?1 ->> 'now') - (?1 ->> 'fails'))
