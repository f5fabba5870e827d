-- How many dead letters each queue has.
SELECT json_array(queue, count) AS r FROM letters ORDER BY queue
