-- Leases that gate k.key, with its row g, can still give; NULL: any number, -1: nothing passes. While its breaker is half
-- open it gives one.
CASE
  WHEN false /*+paused*/ OR g.paused = 1 /*-paused*/ /*+breaker_open*/ OR g.open_until > ?2 ->> 'now' /*-breaker_open*/
    THEN -1
  /*+breaker_probe*/ WHEN g.open_until > 0 THEN 1 - g.used /*-breaker_probe*/
  ELSE {{gate_cap}} - coalesce(g.used, 0)
END
