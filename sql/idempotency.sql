-- A command id names one command for ever: resent it answers as at first and writes nothing.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT test.board('Plan') AS board, test.list('To do') AS list, test.workspace('Team') AS workspace \gset
CREATE FUNCTION test.send(id int, type text, payload jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT collab.execute(jsonb_build_object('id', test.cid(id), 'type', type, 'payload', payload))
$$;
CREATE FUNCTION test.try_send(id int, type text, payload jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT test.try(format('SELECT test.send(%L, %L, %L)', id, type, payload))
$$;
CREATE VIEW test.written AS SELECT (SELECT count(*) FROM collab.events) AS events, (SELECT count(*) FROM collab.tasks) AS tasks,
	(SELECT count(*) FROM collab.lists) AS lists, (SELECT sum(version) FROM collab.aggregates) AS versions;
-- The first answer, and the same again, apart from "replayed".
SELECT jsonb_build_object('board_id', :'board', 'list_id', :'list', 'title', 'A') AS task_a \gset
SELECT test.send(1, 'CREATE_TASK', :'task_a') AS first \gset
SELECT * FROM test.written \gset before_
SELECT test.send(1, 'CREATE_TASK', :'task_a') AS second \gset
SELECT :'first'::jsonb->'replayed' AS first, :'second'::jsonb->'replayed' AS second,
	:'first'::jsonb - 'replayed' = :'second'::jsonb - 'replayed' AS same_answer;
-- The order of keys, and space, are no difference; nor is the typed function.
SELECT (collab.execute(format('{"payload": {"title":"A",  "list_id": "%s", "board_id":"%s"}, "id": "%s", "type": "CREATE_TASK"}',
	:'list', :'board', upper(test.cid(1)::text))::jsonb))->'replayed' AS replayed;
SELECT collab.create_task(:'board', :'list', 'A', command_id => test.cid(1))->'replayed' AS replayed;
-- Also when the board went on meanwhile.
SELECT count(collab.create_task(:'board', :'list', 'Other ' || n)) FROM generate_series(1, 3) AS n;
SELECT collab.update_task(test.task('A'), '{"title": "A, renamed"}')->'changed' AS changed;
SELECT * FROM test.ack(test.send(1, 'CREATE_TASK', :'task_a'));
SELECT test.send(1, 'CREATE_TASK', :'task_a') - 'replayed' = :'first'::jsonb - 'replayed' AS same_answer;
SELECT events - :before_events AS events, tasks - :before_tasks AS tasks FROM test.written;
-- The same id with other content, as another type, by another user: refused, whatever it says.
SELECT test.try_send(1, 'CREATE_TASK', :'task_a'::jsonb || '{"title": "B"}');
SELECT test.try_send(1, 'CREATE_TASK', :'task_a'::jsonb || '{"position": 0}');
SELECT test.try_send(1, 'CREATE_TASK', :'task_a'::jsonb || '{"unknown": 1}');
SELECT test.try_send(1, 'CREATE_LIST', jsonb_build_object('board_id', :'board', 'name', 'B'));
SET collab.user_id = '2';
SELECT test.try_send(1, 'CREATE_TASK', :'task_a');
SET collab.user_id = '5';
SELECT test.try_send(1, 'CREATE_TASK', :'task_a') AS by_an_outsider;
SET collab.user_id = '3';
-- A refusal is not kept: once the reason is gone, the command goes through.
SELECT test.try_send(2, 'UPDATE_TASK', jsonb_build_object('task_id', test.task('Other 1'), 'version', 1, 'updates', '{"title": "x"}'::jsonb));
SELECT test.try_send(2, 'UPDATE_TASK', jsonb_build_object('task_id', test.task('Other 1'), 'updates', '{"labels": ["Bug"]}'::jsonb));
SELECT test.try_send(2, 'UPDATE_TASK', jsonb_build_object('task_id', test.task('Other 1'), 'updates', '{"title": "Other 1, renamed"}'::jsonb));
SELECT test.try_send(2, 'UPDATE_TASK', jsonb_build_object('task_id', test.task('Other 1, renamed'), 'updates', '{"title": "Again"}'::jsonb));
-- A stale version does not matter in a resend: the command was carried out.
SELECT version AS head FROM collab.boards WHERE id = :'board' \gset
SELECT test.send(3, 'UPDATE_TASK', jsonb_build_object('task_id', test.task('Other 2'), 'version', :head, 'updates', '{"title": "Other 2b"}'::jsonb))->'replayed' AS replayed;
SELECT collab.update_task(test.task('Other 2b'), '{"title": "Other 2c"}')->'changed' AS changed;
SELECT test.send(3, 'UPDATE_TASK', jsonb_build_object('task_id', test.task('Other 2c'), 'version', :head, 'updates', '{"title": "Other 2b"}'::jsonb))->'replayed' AS replayed;
SELECT title FROM collab.tasks WHERE title LIKE 'Other 2%';
-- A command that changed nothing wrote nothing, so it is looked at anew.
SELECT test.send(4, 'UPDATE_TASK', jsonb_build_object('task_id', test.task('Other 3'), 'updates', '{"title": "Other 3"}'::jsonb)) - 'board_id' AS ack;
SELECT test.send(4, 'UPDATE_TASK', jsonb_build_object('task_id', test.task('Other 3'), 'updates', '{"title": "Other 3"}'::jsonb)) - 'board_id' AS ack;
-- The right is gone: the one who had it gets his first answer.
SELECT test.send(5, 'CREATE_TASK', jsonb_build_object('board_id', :'board', 'list_id', :'list', 'title', 'Last act'))->'version' AS version;
BEGIN;
DELETE FROM collab.members WHERE user_id = 3;
SELECT test.try_send(6, 'CREATE_TASK', jsonb_build_object('board_id', :'board', 'list_id', :'list', 'title', 'More'));
SELECT * FROM test.ack(test.send(5, 'CREATE_TASK', jsonb_build_object('board_id', :'board', 'list_id', :'list', 'title', 'Last act')));
ROLLBACK;
-- The thing is gone.
SELECT test.task('Last act') AS gone \gset
SELECT test.send(7, 'UPDATE_TASK', jsonb_build_object('task_id', :'gone', 'updates', '{"title": "Going"}'::jsonb))->'changed' AS changed;
SELECT test.send(8, 'DELETE_TASK', jsonb_build_object('task_id', :'gone'))->'changed' AS changed;
SELECT * FROM test.ack(test.send(7, 'UPDATE_TASK', jsonb_build_object('task_id', :'gone', 'updates', '{"title": "Going"}'::jsonb)));
SELECT * FROM test.ack(test.send(8, 'DELETE_TASK', jsonb_build_object('task_id', :'gone')));
SELECT test.try_send(9, 'DELETE_TASK', jsonb_build_object('task_id', :'gone'));
-- What creates a workspace or a board makes its id from the user and the command id.
SELECT test.send(10, 'CREATE_WORKSPACE', '{"name": "Mine"}')->>'workspace_id' AS mine \gset
SELECT test.send(10, 'CREATE_WORKSPACE', '{"name": "Mine"}')->>'workspace_id' = :'mine' AS same;
SELECT test.try_send(10, 'CREATE_WORKSPACE', '{"name": "Not mine"}');
SELECT test.send(11, 'CREATE_BOARD', jsonb_build_object('workspace_id', :'mine', 'name', 'In mine'))->>'board_id' AS in_mine \gset
SELECT test.send(11, 'CREATE_BOARD', jsonb_build_object('workspace_id', :'mine', 'name', 'In mine'))->>'board_id' = :'in_mine' AS same;
SELECT test.try_send(11, 'CREATE_BOARD', jsonb_build_object('workspace_id', :'workspace', 'name', 'In mine'));
SET collab.user_id = '1';
SELECT test.send(10, 'CREATE_WORKSPACE', '{"name": "Mine"}')->>'workspace_id' = :'mine' AS same_for_another_user;
-- The mark of a version 8 uuid: nobody takes it for a random one.
SELECT substr(:'mine', 15, 1) AS version, substr(:'mine', 20, 1) IN ('8', '9', 'a', 'b') AS variant;
-- Only the first event of a command carries its id; in each log an id is there once.
SELECT count(*) AS commands, count(DISTINCT (aggregate_id, command_id)) AS distinct_ids FROM collab.events WHERE command_id::text LIKE 'c0000000-%';
-- A bad id
SELECT test.try($$ SELECT collab.execute('{"id": "x", "type": "CREATE_WORKSPACE", "payload": {"name": "x"}}') $$);
SELECT test.try($$ SELECT collab.execute('{"id": 7, "type": "CREATE_WORKSPACE", "payload": {"name": "x"}}') $$);
SELECT test.try($$ SELECT collab.execute('{"id": null, "type": "CREATE_WORKSPACE", "payload": {"name": "No id"}}') $$);
SELECT * FROM collab.verify();
