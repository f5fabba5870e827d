-- How far the page before it looked: [rows, last id].
-- ?1 {before, scan}
SELECT json_array(count(*), min(id)) AS r
FROM (SELECT id FROM jobs WHERE id < ?1 ->> 'before' ORDER BY id DESC LIMIT ?1 ->> 'scan')
