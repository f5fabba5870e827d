-- move_count for what complete_jobs will move.
-- ?1 [[id, fence, result, its bytes, ms], …]; ?2 {bucket, buckets}
INSERT INTO counters (queue, type, processing, completed, ring)
SELECT jobs.queue, jobs.type, -count(*), count(*), json_array(?2 ->> 'bucket', count(*), 0, sum(j.value ->> 4))
FROM {{rows}} AS j CROSS JOIN jobs ON jobs.id = j.value ->> 0
WHERE {{complete_guard}}
GROUP BY 1, 2
ON CONFLICT (queue, type) DO UPDATE SET
  /*+move_counter*/
  processing = counters.processing + excluded.processing,
  completed = counters.completed + excluded.completed,
  /*-move_counter*/
  ring = {{ring}}
