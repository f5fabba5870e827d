-- The ends of these jobs have been taken account of.
-- ?1 [[id, 1: the job itself, 0: those that depend on it], …]; ?2 {now, op, edges, wake}
/*+depend_close*/ UPDATE dependencies SET open = 0
FROM ({{depend_edges}}) AS e
WHERE dependencies.parent_id = e.parent_id AND dependencies.child_id = e.child_id /*-depend_close*/
