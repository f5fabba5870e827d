-- Leases that gate k.key, with its row g, can still give; NULL: any number, -1: nothing passes.
CASE WHEN g.key IS NULL OR /*+paused*/ g.paused = 0 /*-paused*/ THEN {{gate_cap}} - coalesce(g.used, 0) ELSE -1 END
