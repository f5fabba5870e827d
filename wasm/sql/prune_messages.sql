-- Dead letters that were never jobs.
-- ?1 {now, rows, failed}
DELETE FROM dead_letters WHERE id IN (
  SELECT id FROM dead_letters
  WHERE job_id IS NULL AND failed_at <= (?1 ->> 'now') - (?1 ->> 'failed')
  ORDER BY failed_at LIMIT ?1 ->> 'rows'
)
