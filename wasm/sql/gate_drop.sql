-- Forgets the gates that nothing passes any more, and whose turns are over by every clock; those of queues are few, and stay.
-- ?1 [[key, places], …]; ?2 {now, skew}
DELETE FROM gates
WHERE key IN (SELECT j.value ->> 0 FROM json_each(?1) AS j WHERE substr(j.value ->> 0, 1, 2) <> 'q:')
  AND used = 0 AND paused = 0 AND next_at <= (?2 ->> 'now') - (?2 ->> 'skew') AND fails = 0 AND open_until = 0
