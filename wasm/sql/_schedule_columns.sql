name, cron, timezone, type, priority, next_at, last_at, created_at, updated_at, op, payload_size
