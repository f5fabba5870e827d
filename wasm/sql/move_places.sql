-- Gives back the places of the leases that the next statement ends, and keeps the breakers: a success closes one, and
-- of attempts that end together it is taken for the last.
-- ?1 moves (see move.h); ?2 {now, op, fails, until}
/*+place_back*/ WITH freed AS MATERIALIZED (
  SELECT o.value AS key, count(*) AS n, sum(j.value ->> 19) AS bad, count(j.value ->> 19) AS told
  FROM {{rows}} AS j CROSS JOIN jobs ON jobs.id = j.value ->> 0 CROSS JOIN json_each(jobs.gates) AS o
  WHERE {{move_guard}} AND jobs.lease_until IS NOT NULL AND NOT (j.value ->> 10)
  GROUP BY 1
)
UPDATE gates SET op = ?2 ->> 'op', used = max(0, used - f.n)
  /*+breaker*/,
  fails = CASE WHEN f.key NOT GLOB '[hs]:*' OR f.bad < f.told THEN 0 ELSE gates.fails + coalesce(f.bad, 0) END,
  open_until = CASE
    WHEN f.key NOT GLOB '[hs]:*' OR f.bad < f.told THEN 0
    WHEN f.bad > 0 AND gates.fails + f.bad >= ?2 ->> 'fails' AND gates.open_until <= ?2 ->> 'now' THEN ?2 ->> 'until'
    ELSE gates.open_until
  END /*-breaker*/
FROM freed AS f
WHERE gates.key = f.key /*-place_back*/
