-- Whether there is more to remove now.
-- ?1 {now, bound}
SELECT json_array(
  EXISTS (SELECT 1 FROM jobs WHERE id > (SELECT pruned_to FROM sweep) AND id <= ?1 ->> 'bound')
  OR EXISTS (SELECT 1 FROM jobs WHERE prune_at <= ?1 ->> 'now')
) AS r
