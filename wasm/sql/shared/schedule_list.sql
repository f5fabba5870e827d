-- Schedules by name, from one on; payloads up to a length.
-- ?1 {name, rows, bytes}
SELECT json_array({{schedule_columns}}, CASE WHEN payload_size <= ?1 ->> 'bytes' THEN payload END) AS r FROM schedules
WHERE name >= ?1 ->> 'name' ORDER BY name LIMIT ?1 ->> 'rows'
