-- What the service handlers keep.

-- Items that batch-import has written.
CREATE TABLE imported_items (
  namespace TEXT NOT NULL,
  id TEXT NOT NULL,
  data TEXT NOT NULL,                    -- JSON
  job_id TEXT NOT NULL,                  -- the import that wrote it last
  imported_at INTEGER NOT NULL,
  PRIMARY KEY (namespace, id)
) STRICT, WITHOUT ROWID;

-- Locks that handlers take (wasm/core/lock.h). One is free when there is no row, or its time is over.
CREATE TABLE locks (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,                   -- made for this taking: who knows it may give the lock back
  job_id TEXT NOT NULL,
  fence INTEGER NOT NULL,                -- the fencing token of the job's lease
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The sweep removes what nobody gave back.
CREATE INDEX locks_expires_at ON locks (expires_at);
