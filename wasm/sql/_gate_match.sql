-- Whether limit m of the configuration is gate k.key's: by its whole key, or by the beginning of it.
(m.value ->> 0 = k.key OR (m.value ->> 0 GLOB '*:' AND substr(k.key, 1, length(m.value ->> 0)) = m.value ->> 0))
