-- The ring of rates with what is added to it: five minutes of buckets.
(
  SELECT json_group_array(json_array(bucket, done, errors, ms))
  FROM (
    SELECT bucket, sum(done) AS done, sum(errors) AS errors, sum(ms) AS ms
    FROM (
      SELECT value ->> 0 AS bucket, value ->> 1 AS done, value ->> 2 AS errors, value ->> 3 AS ms
      FROM json_each(counters.ring)
      WHERE value ->> 0 > (?2 ->> 'bucket') - (?2 ->> 'buckets') - 1
      UNION ALL
      SELECT excluded.ring ->> 0, excluded.ring ->> 1, excluded.ring ->> 2, excluded.ring ->> 3
    )
    GROUP BY bucket
    ORDER BY bucket
  )
)
