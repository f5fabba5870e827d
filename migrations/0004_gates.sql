-- Gates: what a job may have to wait for, and the lines in which it waits.

-- The gate in whose line the job stands: it has no message and is not claimed. NULL: none.
ALTER TABLE jobs ADD COLUMN held_by TEXT;
-- Keys of its gates (a JSON array of texts), its queue's among them since it was leased under a limit; NULL: none.
ALTER TABLE jobs ADD COLUMN gates TEXT;
ALTER TABLE jobs ADD COLUMN tenant TEXT;
ALTER TABLE jobs ADD COLUMN concurrency_key TEXT;
-- 1: its turn at a rate limit is run_at, and it need not ask again.
ALTER TABLE jobs ADD COLUMN reserved INTEGER NOT NULL DEFAULT 0;

-- Lines, first come first: ten minutes of waiting are worth one step of priority.
CREATE INDEX jobs_line ON jobs (held_by, created_at + priority * 600000, id) WHERE held_by IS NOT NULL;

CREATE TABLE gates (
  key TEXT NOT NULL PRIMARY KEY,         -- kind:name (wasm/core/gate.h)
  used INTEGER NOT NULL DEFAULT 0,       -- jobs with this key that have a lease
  paused INTEGER NOT NULL DEFAULT 0,     -- 1: nothing passes
  next_at INTEGER NOT NULL DEFAULT 0,    -- rate limit: the next free turn
  fails INTEGER NOT NULL DEFAULT 0,      -- breaker: failures in a row
  open_until INTEGER NOT NULL DEFAULT 0, -- breaker: nothing passes before; then one probe at a time
  op TEXT NOT NULL DEFAULT '',           -- nonce of the step that wrote the row last
  CONSTRAINT used_range CHECK (used >= 0),
  CONSTRAINT paused_flag CHECK (paused IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Where the sweep's walk over the lines goes on.
ALTER TABLE sweep ADD COLUMN line TEXT NOT NULL DEFAULT '';
