-- What goes wrong most often.
-- ?1 {limit}
SELECT json_array(type, code, message, count, last_at) AS r
FROM failures
ORDER BY count DESC, last_at DESC, type DESC, code DESC, message DESC
LIMIT ?1 ->> 'limit'
