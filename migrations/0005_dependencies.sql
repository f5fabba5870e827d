-- Dependencies: jobs that wait for others.

-- What the job depends on (a JSON array of ids); NULL: nothing.
ALTER TABLE jobs ADD COLUMN depends_on TEXT;
-- What becomes of it when one of them fails or is cancelled; NULL: it depends on nothing.
ALTER TABLE jobs ADD COLUMN on_failure TEXT CONSTRAINT on_failure_known CHECK (on_failure IN ('cancel', 'proceed'));

-- A job's row goes when the one that depends on it does, and not before: so long its parents are kept.
CREATE TABLE dependencies (
  parent_id TEXT NOT NULL,
  child_id TEXT NOT NULL,
  open INTEGER NOT NULL,                 -- 1: the parent's end has not been taken account of
  PRIMARY KEY (parent_id, child_id),
  CONSTRAINT open_flag CHECK (open IN (0, 1))
) STRICT, WITHOUT ROWID;

-- The sweep walks over the few jobs that wait so.
CREATE INDEX jobs_blocked ON jobs (id) WHERE status = 'blocked';

-- Where its walk began in the last round, and where it came to.
ALTER TABLE sweep ADD COLUMN blocked_from TEXT NOT NULL DEFAULT '';
ALTER TABLE sweep ADD COLUMN blocked_to TEXT NOT NULL DEFAULT '';
