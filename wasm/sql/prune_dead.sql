DELETE FROM dead_letters WHERE id IN (SELECT value FROM {{pruning}})
