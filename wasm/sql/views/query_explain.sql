-- One job with all that says why it is where it is: its line, its gate (its queue's where it is polled) and who stands before it there (a bounded count),
-- its dead letter.
-- ?1 [[id]]; ?2 {ahead}
SELECT json_array({{record_columns}}, jobs.completed_at, jobs.wake_at, jobs.leased_by, jobs.unique_key,
  json(jobs.last_error), json(jobs.history), jobs.held_by, g.used, g.paused, g.next_at, g.open_until,
  (
    SELECT count(*) FROM (
      SELECT 1 FROM jobs AS x
      WHERE x.held_by = jobs.held_by
        AND (x.created_at + x.priority * 600000, x.id) < (jobs.created_at + jobs.priority * 600000, jobs.id)
      LIMIT ?2 ->> 'ahead'
    )
  ),
  d.failed_at, d.buried_at) AS r
FROM json_each(?1) AS j
JOIN jobs ON jobs.id = coalesce(
  (SELECT e.id FROM jobs AS e WHERE e.id = j.value ->> 0),
  (SELECT u.job_id FROM unique_keys AS u WHERE u.key = 'ext:' || (j.value ->> 0))
)
LEFT JOIN gates AS g
  ON g.key = CASE WHEN substr(jobs.held_by, 1, 2) = 'p:' THEN 'q:' || jobs.queue ELSE jobs.held_by END
LEFT JOIN dead_letters AS d ON d.id = jobs.id
