-- The jobs of ?1; none where nothing depends on anything, which is told once, not for each of them.
json_each(CASE WHEN EXISTS (SELECT 1 FROM dependencies WHERE parent_id > '') THEN ?1 END) AS j
