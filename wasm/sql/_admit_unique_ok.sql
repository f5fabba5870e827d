/*+unique_holder*/ (
  j.value ->> 4 IS NULL OR (SELECT u.job_id FROM unique_keys AS u WHERE u.key = j.value ->> 4) = j.value ->> 0
) /*-unique_holder*/
