-- The rows of ?1, each kept as its text: json_each() alone makes its value anew for every use of it, which for a row of
-- 26 cells takes six times as long.
(WITH r AS MATERIALIZED (SELECT value FROM json_each(?1)) SELECT value FROM r)
