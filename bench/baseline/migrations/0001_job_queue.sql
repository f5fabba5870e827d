-- Times are text in UTC, as SQLite's datetime() writes them.
CREATE TABLE job_queue (
  id TEXT PRIMARY KEY,
  type TEXT NOT NULL,
  priority INTEGER DEFAULT 5, -- 1 first, 10 last
  payload TEXT NOT NULL, -- JSON
  status TEXT DEFAULT 'pending', -- pending, processing, completed, failed
  attempts INTEGER DEFAULT 0,
  max_attempts INTEGER DEFAULT 3,
  result TEXT, -- JSON
  last_error TEXT,
  scheduled_for TEXT DEFAULT (datetime('now')),
  locked_until TEXT,
  locked_by TEXT,
  created_at TEXT DEFAULT (datetime('now')),
  updated_at TEXT DEFAULT (datetime('now')),
  completed_at TEXT
);

CREATE INDEX idx_job_queue_pending ON job_queue (status, priority, scheduled_for) WHERE status = 'pending';
CREATE INDEX idx_job_queue_processing ON job_queue (status, locked_until) WHERE status = 'processing';
