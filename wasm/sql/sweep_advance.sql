-- Moves the watermark up to ?1's id, over a bounded number of rows.
-- ?1 {bound, rows, now}
UPDATE sweep SET previous = watermark, ticked_at = ?1 ->> 'now',
  watermark = /*+watermark*/ max(watermark, /*-watermark*/ coalesce(
  (
    SELECT id FROM jobs WHERE id > sweep.watermark AND id <= ?1 ->> 'bound'
    ORDER BY id LIMIT 1 OFFSET (?1 ->> 'rows') - 1
  ),
  ?1 ->> 'bound'
)/*+watermark*/ ) /*-watermark*/
