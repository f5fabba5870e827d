SELECT id FROM jobs WHERE id > ?1 ->> 'after' AND id <= ?1 ->> 'bound' ORDER BY id LIMIT ?1 ->> 'rows'
