-- Retention: final jobs are removed some time after they became final.

-- When the sweep looks whether the job may go; NULL: only its walk over the ids does. A plain job pays for no index.
ALTER TABLE jobs ADD COLUMN prune_at INTEGER;
CREATE INDEX jobs_prune ON jobs (prune_at) WHERE prune_at IS NOT NULL;

-- Every final job with an id up to pruned_to has a prune_at.
ALTER TABLE sweep ADD COLUMN pruned_to TEXT NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
-- Where the last round of that walk began, and the jobs that it removed (a JSON array of ids).
ALTER TABLE sweep ADD COLUMN pruned_from TEXT NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
ALTER TABLE sweep ADD COLUMN pruning TEXT NOT NULL DEFAULT '[]';
