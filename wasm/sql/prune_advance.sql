-- Walks on over the ids that are old enough, a bounded number of rows.
-- ?1 {bound, rows}
UPDATE sweep SET pruned_from = pruned_to, pruned_to = coalesce(
  (
    SELECT id FROM jobs WHERE id > sweep.pruned_to AND id <= ?1 ->> 'bound'
    ORDER BY id LIMIT 1 OFFSET (?1 ->> 'rows') - 1
  ),
  (SELECT max(id) FROM jobs WHERE id > sweep.pruned_to AND id <= ?1 ->> 'bound'),
  pruned_to
)
WHERE pruned_from < pruned_to OR EXISTS (SELECT 1 FROM jobs WHERE id > sweep.pruned_to AND id <= ?1 ->> 'bound')
