-- Whether the watermark reached the bound: 1 when there is more to read.
-- ?1 {bound}
SELECT json_array(watermark < ?1 ->> 'bound') AS r FROM sweep
