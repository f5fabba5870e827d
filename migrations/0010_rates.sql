-- Rates: the turn of a leased job is its run_at.
ALTER TABLE jobs DROP COLUMN reserved;
