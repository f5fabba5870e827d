-- Whether there is more to remove now.
-- ?1 {now, bound, skew}
SELECT json_array(
  EXISTS (SELECT 1 FROM jobs WHERE id > (SELECT pruned_to FROM sweep) AND id <= ?1 ->> 'bound')
  OR EXISTS (SELECT 1 FROM jobs WHERE prune_at <= ?1 ->> 'now')
  OR EXISTS (SELECT 1 FROM locks WHERE expires_at <= (?1 ->> 'now') - (?1 ->> 'skew'))
) AS r
