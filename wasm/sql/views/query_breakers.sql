-- Breakers that are not closed.
-- ?1 {limit}
SELECT json_array(key, fails, open_until) AS r
FROM gates WHERE open_until > 0
ORDER BY open_until DESC, key DESC
LIMIT ?1 ->> 'limit'
