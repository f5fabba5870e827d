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
