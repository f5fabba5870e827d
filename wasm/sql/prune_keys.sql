-- A key that another job has taken over meanwhile is that one's.
DELETE FROM unique_keys WHERE key IN (
  SELECT u.key
  FROM {{pruning}} AS j CROSS JOIN jobs ON jobs.id = j.value
  CROSS JOIN unique_keys AS u ON u.key = jobs.unique_key
  WHERE /*+key_owner*/ u.job_id = jobs.id /*-key_owner*/
)
