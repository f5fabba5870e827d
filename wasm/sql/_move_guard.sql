/*+move_state*/ jobs.status = j.value ->> 1 /*-move_state*/
/*+move_fence*/ AND jobs.fence = j.value ->> 2 /*-move_fence*/
/*+move_op*/ AND (j.value ->> 3 IS NULL OR jobs.op = j.value ->> 3) /*-move_op*/
