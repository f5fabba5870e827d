DELETE FROM jobs WHERE id IN (SELECT value FROM {{pruning}})
