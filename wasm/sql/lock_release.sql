-- Gives a lock back, unless somebody else has it by now.
-- ?1 {key, value}
DELETE FROM locks WHERE key = ?1 ->> 'key' /*+lock_owner*/ AND value = ?1 ->> 'value' /*-lock_owner*/
