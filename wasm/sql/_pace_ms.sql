-- ms from one turn at gate k.key to the next.
(SELECT max(m.value ->> 2) FROM json_each(?2, '$.caps') AS m WHERE {{gate_match}})
