-- The ids that a cleanup looks at: [the last, how many].
-- ?1 {after, bound, rows}
SELECT json_array(max(id), count(*)) AS r FROM ({{prune_range}})
