-- The newest dead letters of one of several databases: when each failed, and its id.
-- ?1 {rows}
SELECT json_array(failed_at, id) AS r FROM dead_letters ORDER BY failed_at DESC, id DESC LIMIT ?1 ->> 'rows'
