-- Schedules: jobs that are enqueued by the calendar.
CREATE TABLE schedules (
  name TEXT NOT NULL PRIMARY KEY,
  cron TEXT NOT NULL,                    -- 5 fields
  timezone TEXT NOT NULL,                -- IANA name
  type TEXT NOT NULL,
  payload TEXT NOT NULL,                 -- JSON
  payload_size INTEGER NOT NULL,         -- bytes
  priority INTEGER NOT NULL,
  next_at INTEGER NOT NULL,              -- the first tick that has led to no job
  last_at INTEGER,                       -- the last one that has
  op TEXT NOT NULL,                      -- nonce of the step that wrote the row last
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,           -- when it was set
  CONSTRAINT priority_range CHECK (priority BETWEEN 1 AND 10)
) STRICT, WITHOUT ROWID;

CREATE INDEX schedules_next ON schedules (next_at);
