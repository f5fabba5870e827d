SELECT id FROM jobs WHERE id > (SELECT pruned_from FROM sweep) AND id <= (SELECT pruned_to FROM sweep)
UNION ALL
SELECT id FROM (
  SELECT id FROM jobs
  WHERE prune_at <= ?1 ->> 'now'
    AND NOT (id > (SELECT pruned_from FROM sweep) AND id <= (SELECT pruned_to FROM sweep))
  ORDER BY prune_at LIMIT ?1 ->> 'rows'
)
