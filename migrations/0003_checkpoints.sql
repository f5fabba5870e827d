-- Checkpoints in order: a batch may be committed long after its failure was reported.

-- Of a checkpoint: the fencing token and the pulse that it came with (wasm/core/pulse.cc). 0: of any other body, and
-- of a checkpoint from before there were versions.
ALTER TABLE bodies ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
