-- The record. Times are integer milliseconds since the epoch, UTC.

CREATE TABLE jobs (
  id TEXT NOT NULL PRIMARY KEY,          -- UUIDv7: append-only, ranges of it are ranges of time
  type TEXT NOT NULL,
  queue TEXT NOT NULL,                   -- logical queue
  transport TEXT NOT NULL,               -- the Cloudflare Queue that carries it
  status TEXT NOT NULL,
  priority INTEGER NOT NULL,             -- 1 (first) to 10
  attempts INTEGER NOT NULL DEFAULT 0,   -- started since the last manual retry
  max_attempts INTEGER NOT NULL,
  fence INTEGER NOT NULL DEFAULT 0,      -- fencing token: grows with each lease, never reset
  losses INTEGER NOT NULL DEFAULT 0,     -- leases that ran out
  op TEXT NOT NULL,                      -- nonce of the step that wrote the row last
  leased_by TEXT,
  lease_until INTEGER,
  created_at INTEGER NOT NULL,
  run_at INTEGER,                        -- not before
  started_at INTEGER,                    -- of the latest attempt
  completed_at INTEGER,                  -- when it became final
  updated_at INTEGER NOT NULL,
  wake_at INTEGER,                       -- when the sweep looks at it; NULL: only the watermark does
  timeout_ms INTEGER NOT NULL,
  backoff TEXT,                          -- [kind, delay, cap, jitter in permille]; NULL: its type's
  payload TEXT,                          -- JSON; NULL: in bodies
  payload_size INTEGER NOT NULL,         -- bytes
  result TEXT,                           -- JSON; NULL: none, or in bodies
  result_size INTEGER,                   -- bytes
  progress INTEGER,                      -- 0 to 100
  last_error TEXT,                       -- JSON {code, message, retryable}
  history TEXT,                          -- JSON array of past attempts and interventions, newest last
  unique_key TEXT,                       -- with its namespace: key:, idem: or ext:
  tags TEXT,                             -- JSON array
  correlation_id TEXT,                   -- NULL: the id
  user_id TEXT,
  session_id TEXT,
  CONSTRAINT status_known CHECK (
    status IN ('pending', 'delayed', 'blocked', 'processing', 'completed', 'failed', 'cancelled')
  ),
  CONSTRAINT priority_range CHECK (priority BETWEEN 1 AND 10),
  CONSTRAINT attempts_range CHECK (attempts >= 0 AND max_attempts >= 1),
  CONSTRAINT processing_is_leased CHECK (
    status <> 'processing' OR (lease_until IS NOT NULL AND leased_by IS NOT NULL AND started_at IS NOT NULL)
  ),
  CONSTRAINT final_has_end CHECK (
    (completed_at IS NOT NULL) = (status IN ('completed', 'failed', 'cancelled'))
  ),
  CONSTRAINT delayed_has_time CHECK (status <> 'delayed' OR (run_at IS NOT NULL AND wake_at IS NOT NULL)),
  CONSTRAINT progress_range CHECK (progress IS NULL OR progress BETWEEN 0 AND 100)
) STRICT, WITHOUT ROWID;

-- Only what the sweep must look at pays for an index; a plain job never does.
CREATE INDEX jobs_wake ON jobs (wake_at) WHERE wake_at IS NOT NULL;
-- Lists of what went wrong stay short to read among millions that went well.
CREATE INDEX jobs_unhappy ON jobs (status, id) WHERE status IN ('failed', 'cancelled');

-- Payloads, results and checkpoints that are too long for the job's row.
CREATE TABLE bodies (
  job_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,                    -- JSON
  PRIMARY KEY (job_id, kind),
  CONSTRAINT kind_known CHECK (kind IN ('payload', 'result', 'checkpoint'))
) STRICT, WITHOUT ROWID;

-- One judge for "the same job again".
CREATE TABLE unique_keys (
  key TEXT NOT NULL PRIMARY KEY,
  job_id TEXT NOT NULL,
  expires_at INTEGER                     -- NULL: as long as the job is kept
) STRICT, WITHOUT ROWID;

-- Counts kept by the batch that changes a state; they equal what a full scan gives.
CREATE TABLE counters (
  queue TEXT NOT NULL,
  type TEXT NOT NULL,
  pending INTEGER NOT NULL DEFAULT 0,
  delayed INTEGER NOT NULL DEFAULT 0,
  blocked INTEGER NOT NULL DEFAULT 0,
  processing INTEGER NOT NULL DEFAULT 0,
  completed INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  cancelled INTEGER NOT NULL DEFAULT 0,
  pruned INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,   -- sum over the jobs that are kept
  room INTEGER NOT NULL DEFAULT 0,       -- free places of the queue when `op` admitted to it
  op TEXT NOT NULL DEFAULT '',           -- nonce of the step that admitted last
  ring TEXT NOT NULL DEFAULT '[]',       -- [[bucket, completed, errors, ms], …] of the last five minutes
  PRIMARY KEY (queue, type)
) STRICT, WITHOUT ROWID;

-- What could not be done: failed jobs (id is the job's), and messages that were never jobs.
CREATE TABLE dead_letters (
  id TEXT NOT NULL PRIMARY KEY,
  job_id TEXT,
  fence INTEGER,                         -- the fencing token the job failed with
  type TEXT,
  queue TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  max_attempts INTEGER,
  last_error TEXT NOT NULL,              -- JSON {code, message, retryable}
  body TEXT,                             -- the raw message of what was never a job
  failed_at INTEGER NOT NULL,
  buried_at INTEGER,                     -- when the dead-letter consumer archived it
  op TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX dead_letters_failed_at ON dead_letters (failed_at);
-- Failed jobs are counted by the counters; what was never a job is counted here.
CREATE INDEX dead_letters_messages ON dead_letters (failed_at) WHERE job_id IS NULL;

-- The sweep's one row: every unfinished job with an id up to the watermark has a wake_at.
CREATE TABLE sweep (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  watermark TEXT NOT NULL,
  previous TEXT NOT NULL,                -- where the last round began
  ticked_at INTEGER NOT NULL
) STRICT;

INSERT INTO sweep (one, watermark, previous, ticked_at)
VALUES (1, '00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000', 0);
