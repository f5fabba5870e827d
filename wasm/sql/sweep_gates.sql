-- Walks on over the gates, a bounded number of rows; behind the last it begins anew.
-- ?1 {rows}
UPDATE sweep SET gates_from = gates_to,
  gates_to = coalesce((SELECT key FROM gates WHERE key > sweep.gates_to ORDER BY key LIMIT 1 OFFSET (?1 ->> 'rows') - 1), '')
WHERE gates_from <> '' OR gates_to <> '' OR EXISTS (SELECT 1 FROM gates WHERE key > '' LIMIT 1 OFFSET (?1 ->> 'rows') - 1)
