-- Keeps messages that are no jobs, once each however often they are delivered.
-- ?1 [[id, queue, attempts, error, raw body], …]; ?2 {now, op}
/*+archive_message*/ INSERT INTO dead_letters (id, queue, attempts, last_error, body, failed_at, buried_at, op)
SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value -> 3, j.value ->> 4,
  ?2 ->> 'now', ?2 ->> 'now', ?2 ->> 'op'
FROM {{rows}} AS j
WHERE true
/*+archive_once*/ ON CONFLICT (id) DO NOTHING /*-archive_once*/ /*-archive_message*/
