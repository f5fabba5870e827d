-- Rates: the turn of a leased job is its run_at, and a gate's row outlives its last lease until its turns are over.
ALTER TABLE jobs DROP COLUMN reserved;

-- The keys between which the last round of the sweep looked for gates that nothing needs any more.
ALTER TABLE sweep ADD COLUMN gates_from TEXT NOT NULL DEFAULT '';
ALTER TABLE sweep ADD COLUMN gates_to TEXT NOT NULL DEFAULT '';
