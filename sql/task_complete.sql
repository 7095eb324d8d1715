-- COMPLETE_TASK, REOPEN_TASK: completed_at, and the list of the category done.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), name)) FROM unnest(ARRAY['A', 'B', 'C', 'D']) AS name;
-- What an event says, without ids and times; where it led; the versions.
CREATE FUNCTION test.told(ack jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT (ack->'events'->0->>'type') || ' ' || (p->>'status')
		|| CASE WHEN p->>'completed_at' IS NULL THEN '' ELSE ' completed' END
		|| CASE WHEN p ? 'to_list_id' THEN ': ' || (SELECT l.name FROM collab.lists l WHERE l.id = (p->>'from_list_id')::uuid)
			|| ' -> ' || (SELECT l.name FROM collab.lists l WHERE l.id = (p->>'to_list_id')::uuid) || ' ' || (p->>'new_position')
			ELSE '' END
	FROM (SELECT ack->'events'->0->'payload') AS e (p)
$$;
-- To the end of the done list, completed at the event's time
SELECT test.told(collab.complete_task(test.task('B')));
SELECT collab.complete_task(test.task('A')) AS ack \gset
SELECT test.told(:'ack'), p->>'completed_at' = p->>'timestamp' AS completed_then,
	p - ARRAY['board_id', 'event', 'timestamp', 'task_id', 'from_list_id', 'to_list_id', 'completed_at'] AS payload
	FROM jsonb_extract_path(:'ack'::jsonb, 'events', '0', 'payload') AS p;
SELECT * FROM test.show();
SELECT t.title, t.completed_at = e.created_at AS completed_then, t.version = e.version AS has_version
	FROM collab.tasks t JOIN collab.events e ON e.event_data->>'task_id' = t.id::text ORDER BY 1;
-- Completed already: nothing to do.
SELECT collab.complete_task(test.task('A'))->'changed' AS changed;
-- Reopened to the end of the first list that is open
SELECT test.told(collab.reopen_task(test.task('B')));
SELECT collab.reopen_task(test.task('B'))->'changed' AS changed;
SELECT * FROM test.show();
SELECT title, completed_at IS NOT NULL AS completed FROM collab.tasks ORDER BY 1;
-- UNDO brings it back to its place, and again.
SELECT test.told(collab.complete_task(test.task('C')));
SELECT jsonb_path_query_array(collab.undo(test.board('Plan')), '$.events[*].type');
SELECT * FROM test.show();
SELECT test.told(collab.reopen_task(test.task('A')));
SELECT jsonb_path_query_array(collab.undo(test.board('Plan')), '$.events[*].type');
SELECT * FROM test.show();
SELECT event_type, (event_data->'before') - ARRAY['completed_at', 'list_id'] AS before, event_data->'before'->>'completed_at' IS NOT NULL AS completed
	FROM collab.events WHERE aggregate_id = test.board('Plan') AND event_data ? 'before' ORDER BY version;
-- What blocks it must be completed first; several are named.
SELECT count(collab.add_dependency(test.task('C'), test.task(title))) FROM unnest(ARRAY['B', 'D']) AS title;
SELECT test.try($$ SELECT collab.complete_task(test.task('C')) $$);
SELECT test.told(collab.complete_task(test.task('B')));
SELECT test.try($$ SELECT collab.complete_task(test.task('C')) $$);
SELECT collab.archive_task(test.task('D'))->'changed' AS changed;
SELECT test.told(collab.complete_task(test.task('C')));
-- An archived task is left alone.
SELECT test.try($$ SELECT collab.complete_task(test.task('D')) $$);
SELECT collab.import_trello(test.workspace('Team'), '{"name": "Lean", "lists": [{"id": "a", "name": "Only", "pos": 1}],
	"cards": [{"id": "k", "name": "K", "idList": "a", "pos": 1}, {"id": "l", "name": "L", "idList": "a", "pos": 2}]}')->'imported' AS imported;
-- Without a done list a task is completed, and reopened, where it is.
SELECT test.told(collab.complete_task(test.task('K', 'Lean')));
SELECT test.told(collab.reopen_task(test.task('K', 'Lean')));
SELECT test.told(collab.complete_task(test.task('K', 'Lean')));
SELECT * FROM test.show('Lean');
-- A full done list takes no more.
SELECT collab.create_list(test.board('Lean'), 'Small', NULL, 'done', 1)->'changed' AS changed;
-- Completed before the board had one, and moved through open lists since, it stays completed.
SELECT collab.complete_task(test.task('K', 'Lean'))->'changed' AS changed;
SELECT collab.create_list(test.board('Lean'), 'Next', NULL, 'doing')->'changed' AS changed;
SELECT collab.move_task(test.task('K', 'Lean'), test.list('Next', 'Lean'))->'changed' AS changed;
SELECT completed_at IS NOT NULL AS completed FROM collab.tasks WHERE title = 'K';
SELECT test.told(collab.complete_task(test.task('L', 'Lean')));
SELECT collab.create_task(test.board('Lean'), test.list('Only', 'Lean'), 'M')->'changed' AS changed;
SELECT test.try($$ SELECT collab.complete_task(test.task('M', 'Lean')) $$);
-- A second done list has room.
SELECT collab.create_list(test.board('Lean'), 'Large', NULL, 'done')->'changed' AS changed;
SELECT test.told(collab.complete_task(test.task('M', 'Lean')));
SELECT * FROM test.show('Lean');
-- The board's workflow: a reopened task goes to a list of the category todo, or else doing, whichever is allowed.
SELECT collab.create_board(test.workspace('Team'), 'Flow', settings => '{"complete_blocked": true}')->'changed' AS changed;
SELECT count(collab.create_task(test.board('Flow'), test.list('To do', 'Flow'), name)) FROM unnest(ARRAY['F', 'G']) AS name;
SELECT collab.add_dependency(test.task('F', 'Flow'), test.task('G', 'Flow'))->'changed' AS changed;
SELECT test.told(collab.complete_task(test.task('F', 'Flow'))) AS blocked_but_allowed;
SET collab.user_id = '1';
SELECT collab.update_board(test.board('Flow'), jsonb_build_object('settings', jsonb_build_object('workflow', jsonb_build_object('transitions',
	jsonb_build_object(test.list('Done', 'Flow'), jsonb_build_array(test.list('In progress', 'Flow')), test.list('To do', 'Flow'), '[]'::jsonb)))))->'changed' AS changed;
SET collab.user_id = '3';
SELECT test.told(collab.reopen_task(test.task('F', 'Flow')));
SELECT test.told(collab.complete_task(test.task('F', 'Flow')));
SELECT test.try($$ SELECT collab.complete_task(test.task('G', 'Flow')) $$);
SET collab.user_id = '1';
SELECT collab.update_board(test.board('Flow'), jsonb_build_object('settings', jsonb_build_object('workflow', jsonb_build_object('transitions',
	jsonb_build_object(test.list('Done', 'Flow'), '[]'::jsonb)))))->'changed' AS changed;
SET collab.user_id = '3';
SELECT test.try($$ SELECT collab.reopen_task(test.task('F', 'Flow')) $$);
SELECT * FROM test.show('Flow');
-- A board of nothing but done lists reopens it where it is.
SELECT collab.create_board(test.workspace('Team'), 'Past')->'changed' AS changed;
SELECT count(collab.update_list(test.list(name, 'Past'), '{"category": "done"}')) FROM unnest(ARRAY['To do', 'In progress']) AS name;
SELECT collab.create_task(test.board('Past'), title => 'P')->'changed' AS changed;
SELECT test.told(collab.reopen_task(test.task('P', 'Past')));
SELECT test.told(collab.complete_task(test.task('P', 'Past')));
-- With a version, and resent
SELECT test.try($$ SELECT collab.reopen_task(test.task('M', 'Lean'), version => 1) $$);
SELECT collab.reopen_task(test.task('M', 'Lean'), test.cid(1)) AS ack \gset
SELECT :'ack'::jsonb - 'replayed' = collab.reopen_task(test.task('M', 'Lean'), test.cid(1)) - 'replayed' AS same_answer;
-- Refused
SET collab.user_id = '4';
SELECT test.try($$ SELECT collab.complete_task(test.task('A')) $$);
SET collab.user_id = '5';
SELECT test.try($$ SELECT collab.reopen_task(test.task('A')) $$);
SET collab.user_id = '3';
SELECT test.try($$ SELECT collab.complete_task('00000000-0000-0000-0000-000000000001') $$);
SELECT collab.delete_task(test.task('A'))->'changed' AS changed;
SELECT test.try($$ SELECT collab.reopen_task(test.task('A')) $$);
SELECT count(*) AS miscounted FROM collab.lists l WHERE task_count <>
	(SELECT count(*) FROM collab.tasks t WHERE t.list_id = l.id AND archived_at IS NULL AND deleted_at IS NULL);
SELECT * FROM collab.verify();
