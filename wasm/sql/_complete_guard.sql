/*+move_state*/ jobs.status = 'processing' /*-move_state*/
/*+move_fence*/ AND jobs.fence = j.value ->> 1 /*-move_fence*/
