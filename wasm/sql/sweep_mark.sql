-- What is unfinished between the last two watermarks is watched from now on.
-- ?1 {now, skew}
UPDATE jobs SET wake_at = CASE WHEN status = 'processing' THEN lease_until + (?1 ->> 'skew') ELSE ?1 ->> 'now' END
WHERE id > (SELECT previous FROM sweep) AND id <= (SELECT watermark FROM sweep)
  AND status IN ('pending', 'processing') AND wake_at IS NULL
