-- Whether the watermark reached the bound (1 when there is more to read), and whether a schedule's tick has come.
-- ?1 {bound, now}
SELECT json_array(watermark < ?1 ->> 'bound', EXISTS (SELECT 1 FROM schedules WHERE next_at <= ?1 ->> 'now')) AS r
FROM sweep
