SELECT json_array(ticked_at) AS r FROM sweep
