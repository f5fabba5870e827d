/*+state*/ jobs.status = j.value ->> 1 /*-state*/
/*+fence*/ AND jobs.fence = j.value ->> 2 /*-fence*/
/*+op*/ AND (j.value ->> 3 IS NULL OR jobs.op = j.value ->> 3) /*-op*/
