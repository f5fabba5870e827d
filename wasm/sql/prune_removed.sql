-- How many jobs the statements behind this one remove.
SELECT json_array(json_array_length(pruning)) AS r FROM sweep
