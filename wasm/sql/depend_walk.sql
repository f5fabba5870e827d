-- Walks on over the jobs that wait for others, a bounded number of them, and begins anew behind the last.
-- ?1 {now, rows}
UPDATE sweep SET
  blocked_from = CASE WHEN blocked_to = 'g' THEN '' ELSE blocked_to END,
  blocked_to = coalesce((
    SELECT id FROM jobs
    WHERE status = 'blocked' AND id > CASE WHEN sweep.blocked_to = 'g' THEN '' ELSE sweep.blocked_to END
    ORDER BY id LIMIT 1 OFFSET (?1 ->> 'rows') - 1
  ), 'g')
WHERE blocked_to NOT IN ('', 'g') OR EXISTS (SELECT 1 FROM jobs WHERE status = 'blocked' AND id > '')
