-- Gives back the places of the leases that the next statement ends: of handlers that were stopped.
-- ?1 [[id, fence], …]; ?2 {op}
/*+place_stopped*/ WITH freed AS MATERIALIZED (
  SELECT o.value AS key, count(*) AS n
  FROM json_each(?1) AS j CROSS JOIN jobs ON jobs.id = j.value ->> 0 CROSS JOIN json_each(jobs.gates) AS o
  WHERE {{release_guard}}
  GROUP BY 1
)
UPDATE gates SET op = ?2 ->> 'op', used = max(0, used - (SELECT freed.n FROM freed WHERE freed.key = gates.key))
WHERE key IN (SELECT freed.key FROM freed) /*-place_stopped*/
