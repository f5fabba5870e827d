-- Open dependencies on jobs that have come to their end, a bounded number of them. What this step decides itself may
-- have come to its end just now: who waits for it is the next step's to decide.
SELECT d.parent_id, d.child_id
FROM {{depend_jobs}}
CROSS JOIN dependencies AS d ON d.parent_id = j.value ->> 0
CROSS JOIN jobs AS m ON m.id = d.parent_id
WHERE j.value ->> 1 = 0 AND d.open = 1 /*+depend_ready*/ AND m.completed_at IS NOT NULL /*-depend_ready*/
LIMIT ?2 ->> 'edges'
