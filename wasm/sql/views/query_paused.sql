-- The gates of logical queues.
SELECT json_array(substr(key, 3), paused, used) AS r FROM gates WHERE key >= 'q:' AND key < 'q;' ORDER BY key
