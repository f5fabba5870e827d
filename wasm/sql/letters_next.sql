-- The next dead letters of a type, a queue or all, oldest first: after the last one looked at, none that came after the
-- request, and not too many bytes of raw bodies.
-- ?1 {by, name, until, at, id, limit, bytes}
SELECT json_array({{record_columns}}, jobs.completed_at, {{letter_columns}}, d.id) AS r
FROM (
  SELECT *, row_number() OVER w AS n, sum(coalesce(length(body), 0)) OVER w AS size
  FROM (
    SELECT * FROM (
      SELECT * FROM dead_letters
      WHERE ?1 ->> 'by' = 'all'
        AND (failed_at, id) > (?1 ->> 'at', ?1 ->> 'id') AND failed_at <= ?1 ->> 'until'
      ORDER BY failed_at, id LIMIT ?1 ->> 'limit'
    )
    UNION ALL
    SELECT * FROM (
      SELECT * FROM dead_letters
      WHERE ?1 ->> 'by' = 'type' AND type = ?1 ->> 'name'
        AND (failed_at, id) > (?1 ->> 'at', ?1 ->> 'id') AND failed_at <= ?1 ->> 'until'
      ORDER BY failed_at, id LIMIT ?1 ->> 'limit'
    )
    UNION ALL
    SELECT * FROM (
      SELECT * FROM dead_letters
      WHERE ?1 ->> 'by' = 'queue' AND queue = ?1 ->> 'name'
        AND (failed_at, id) > (?1 ->> 'at', ?1 ->> 'id') AND failed_at <= ?1 ->> 'until'
      ORDER BY failed_at, id LIMIT ?1 ->> 'limit'
    )
  )
  WINDOW w AS (ORDER BY failed_at, id)
) AS d LEFT JOIN jobs ON jobs.id = d.job_id
WHERE d.n = 1 OR d.size <= ?1 ->> 'bytes'
ORDER BY d.failed_at, d.id
