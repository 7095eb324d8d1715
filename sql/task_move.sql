-- MOVE_TASK: inside a list, between lists, by index and beside another.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), name)) FROM unnest(ARRAY['A', 'B', 'C', 'D']) AS name;
SELECT count(collab.create_task(test.board('Plan'), test.list('In progress'), name)) FROM unnest(ARRAY['X', 'Y']) AS name;
-- Moves, and tells the new index or that nothing changed, and the two lists.
CREATE FUNCTION test.move(task text, list text, at int DEFAULT NULL, before text DEFAULT NULL, after text DEFAULT NULL)
	RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	ack jsonb := collab.move_task(test.task(task), test.list(list), at, test.task(before), test.task(after));
BEGIN
	RETURN coalesce(ack->'events'->0->'payload'->>'new_position', 'unchanged') || ': '
		|| (SELECT string_agg(coalesce(tasks, '-'), ' | ') FROM test.show());
END
$$;
SELECT * FROM test.show();
-- The final index, counted without the task itself
SELECT test.move('A', 'To do', 2);
SELECT test.move('A', 'To do', 2);
SELECT test.move('A', 'To do', 0);
SELECT test.move('A', 'To do', 3);
SELECT test.move('A', 'To do', 99);
SELECT test.move('A', 'To do');
SELECT test.move('D', 'To do', 0);
SELECT test.move('B', 'To do', 1);
SELECT test.move('C', 'To do', 1);
-- To another list
SELECT test.move('A', 'In progress', 0);
SELECT test.move('B', 'In progress', 2);
SELECT test.move('C', 'In progress', 99);
SELECT test.move('D', 'In progress');
SELECT test.move('D', 'To do', 5);
-- Beside another
SELECT test.move('A', 'In progress', before => 'Y');
SELECT test.move('A', 'In progress', before => 'Y');
SELECT test.move('A', 'In progress', after => 'Y');
SELECT test.move('C', 'In progress', before => 'X');
SELECT test.move('B', 'To do', after => 'D');
SELECT test.move('B', 'To do', before => 'D');
SELECT test.move('X', 'To do', after => 'D');
-- Beside itself or beside one that is elsewhere makes no sense; two places neither.
SELECT test.try($$ SELECT test.move('A', 'In progress', before => 'A') $$);
SELECT test.try($$ SELECT test.move('A', 'In progress', after => 'B') $$);
SELECT test.try($$ SELECT test.move('A', 'In progress', 0, 'Y') $$);
SELECT test.try($$ SELECT test.move('A', 'In progress', NULL, 'Y', 'C') $$);
SELECT test.try($$ SELECT collab.move_task(test.task('A'), test.list('To do'), before_task_id => '00000000-0000-0000-0000-000000000001') $$);
-- The event
SELECT p - ARRAY['board_id', 'event', 'timestamp', 'task_id', 'from_list_id', 'to_list_id'] AS payload,
	p->>'task_id' = test.task('A')::text AS task, p->>'from_list_id' = test.list('In progress')::text AS "from",
	p->>'to_list_id' = test.list('To do')::text AS "to"
	FROM jsonb_extract_path(collab.move_task(test.task('A'), test.list('To do'), 0), 'events', '0', 'payload') AS p;
-- Into and out of a done list
SELECT p->>'status' AS status, p->>'completed_at' = p->>'timestamp' AS completed_then
	FROM jsonb_extract_path(collab.move_task(test.task('A'), test.list('Done')), 'events', '0', 'payload') AS p;
SELECT completed_at AS before FROM collab.tasks WHERE title = 'A' \gset
SELECT collab.create_list(test.board('Plan'), 'Shipped', NULL, 'done')->'changed' AS changed;
SELECT collab.move_task(test.task('A'), test.list('Shipped'))->'changed' AS changed;
SELECT completed_at = :'before' AS keeps_its_time FROM collab.tasks WHERE title = 'A';
SELECT p->>'status' AS status, p->'completed_at' AS completed_at
	FROM jsonb_extract_path(collab.move_task(test.task('A'), test.list('To do')), 'events', '0', 'payload') AS p;
SELECT completed_at FROM collab.tasks WHERE title = 'A';
-- A list's limit: nobody comes in, but inside it things move.
SELECT collab.create_list(test.board('Plan'), 'Small', NULL, 'doing', 1)->'changed' AS changed;
SELECT test.try($$ SELECT collab.move_task(test.task('A'), test.list('Small')) $$);
SELECT test.try($$ SELECT collab.move_task(test.task('B'), test.list('Small')) $$);
SELECT test.try($$ SELECT collab.move_task(test.task('A'), test.list('Small'), 0) $$);
SELECT test.try($$ SELECT collab.move_task(test.task('A'), test.list('To do')) $$);
SELECT test.try($$ SELECT collab.move_task(test.task('B'), test.list('Small')) $$);
-- from_list_id tells that the client knew where it was.
SELECT test.try($$ SELECT collab.execute(jsonb_build_object('type', 'MOVE_TASK', 'payload', jsonb_build_object('task_id',
	test.task('A'), 'from_list_id', test.list('Done'), 'to_list_id', test.list('Done')))) $$);
SELECT test.try($$ SELECT collab.execute(jsonb_build_object('type', 'MOVE_TASK', 'payload', jsonb_build_object('task_id',
	test.task('A'), 'from_list_id', test.list('To do'), 'to_list_id', test.list('Done')))) $$);
-- An archived task stays where it is, and so does what would go to an archived list.
SELECT collab.import_trello(test.workspace('Team'), '{"name": "Attic", "lists": [{"id": "a", "name": "Open", "pos": 1},
	{"id": "b", "name": "Closed", "pos": 2, "closed": true}], "cards": [{"id": "k", "name": "Old", "idList": "a", "pos": 1, "closed": true},
	{"id": "l", "name": "New", "idList": "a", "pos": 2}, {"id": "m", "name": "Hidden", "idList": "b", "pos": 1}]}')->'imported' AS imported;
SELECT test.try($$ SELECT collab.move_task(test.task('Old', 'Attic'), test.list('Open', 'Attic'), 0) $$);
SELECT test.try($$ SELECT collab.move_task(test.task('New', 'Attic'), test.list('Closed', 'Attic')) $$);
SELECT test.try($$ SELECT collab.move_task(test.task('New', 'Attic'), test.list('Open', 'Attic'), before_task_id => test.task('Old', 'Attic')) $$);
SELECT test.try($$ SELECT collab.move_task(test.task('Hidden', 'Attic'), test.list('Open', 'Attic'), 0) $$) AS out_of_an_archived_list;
SELECT * FROM test.show('Attic');
-- Other boards, unknown things, wrong values
SELECT test.try($$ SELECT collab.move_task(test.task('New', 'Attic'), test.list('To do')) $$);
SELECT test.try($$ SELECT collab.move_task(test.task('A'), '00000000-0000-0000-0000-000000000001') $$);
SELECT test.try($$ SELECT collab.move_task('00000000-0000-0000-0000-000000000001', test.list('To do')) $$);
SELECT test.try($$ SELECT collab.move_task(test.task('A'), test.list('To do'), -1) $$);
SELECT test.try($$ SELECT collab.move_task(test.task('A'), NULL) $$);
SELECT l.name, task_count, (SELECT count(*) FROM collab.tasks t WHERE t.list_id = l.id AND archived_at IS NULL AND deleted_at IS NULL)
	AS counted FROM collab.lists l JOIN collab.boards b ON b.id = l.board_id WHERE b.name <> 'Tasks' ORDER BY board_id = test.board('Plan') DESC, l.rank;
SELECT * FROM collab.verify();
