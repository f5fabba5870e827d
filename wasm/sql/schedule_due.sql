-- Schedules whose next tick has come, longest due first, from a place among them.
-- ?1 {now, at, name, rows}
SELECT json_array({{schedule_columns}}, payload) AS r FROM schedules
WHERE next_at <= ?1 ->> 'now' AND (next_at, name) > (?1 ->> 'at', ?1 ->> 'name')
ORDER BY next_at, name LIMIT ?1 ->> 'rows'
