-- ?1 {line}
UPDATE sweep SET line = ?1 ->> 'line'
