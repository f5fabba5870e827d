-- Leases that gate k.key, with its row g, can still give: places, and turns that come soon; NULL: any number, -1: nothing
-- passes. While its breaker is half open it gives one.
CASE
  WHEN false /*+paused*/ OR g.paused = 1 /*-paused*/ /*+breaker_open*/ OR g.open_until > ?2 ->> 'now' /*-breaker_open*/
    THEN -1
  /*+breaker_probe*/ WHEN g.open_until > 0 THEN 1 - g.used /*-breaker_probe*/
  ELSE (
    SELECT min(min(
      coalesce((m.value ->> 1) - coalesce(g.used, 0), 1000000)
      /*+rate*/, coalesce(
        max(0, (?2 ->> 'ahead') + (m.value ->> 2) - max(0, coalesce(g.next_at, 0) - (?2 ->> 'now'))) / (m.value ->> 2),
        1000000) /*-rate*/,
      1000000
    ))
    FROM json_each(?2, '$.caps') AS m WHERE {{gate_match}}
  )
END
