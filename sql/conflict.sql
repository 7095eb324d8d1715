-- The policy "entity": a command with a version is refused when the thing it names changed after that version.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), name)) FROM unnest(ARRAY['A', 'B', 'C']) AS name;
CREATE FUNCTION test.head() RETURNS int LANGUAGE sql AS $$ SELECT version FROM collab.boards WHERE name = 'Plan' $$;
-- A conflict in one row: message, what is there now (in the detail), hint.
CREATE FUNCTION test.conflict(statement text) RETURNS TABLE (state text, message text, detail text, hint text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	state := 'ok';
	RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	detail := regexp_replace(regexp_replace(test.mask(detail), '"[0-9-]+T[0-9:.]+Z"', '"<time>"', 'g'), '"description.*"version"', '… "version"');
	RETURN NEXT;
END
$$;
SELECT test.head() AS seen \gset
-- Nobody was faster.
SELECT collab.update_task(test.task('A'), '{"title": "A1"}', version => :seen)->'version' AS version;
-- Somebody was: himself counts too.
\x on
SELECT * FROM test.conflict(format('SELECT collab.update_task(%L, %L, version => %s)', test.task('A1'), '{"title": "A2"}', :seen));
SELECT * FROM test.conflict(format('SELECT collab.move_list(%L, 0, version => %s)', test.list('Done'), 0));
\x off
-- With what he sees now it goes through.
SELECT collab.update_task(test.task('A1'), '{"title": "A2"}', version => test.head())->'version' AS version;
-- An old version is fine as long as the thing itself did not change: neighbours do not matter.
SELECT collab.update_task(test.task('B'), '{"title": "B1"}', version => :seen)->'changed' AS changed;
SELECT :seen AS seen, test.head() AS head;
SELECT collab.move_task(test.task('C'), test.list('To do'), 0)->'changed' AS changed;
SELECT collab.move_task(test.task('A2'), test.list('Done'), version => test.head() - 1)->'changed' AS changed;
-- Neither do the things next to it, nor its list.
SELECT test.head() AS seen \gset
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'D', NULL, 0)->'changed' AS changed;
SELECT collab.create_list(test.board('Plan'), 'Front', 0)->'changed' AS changed;
SELECT collab.move_list(test.list('To do'), 3)->'changed' AS changed;
SELECT collab.move_task(test.task('B1'), test.list('To do'), 0, version => :seen)->'changed' AS changed;
-- Making room for others moves ranks, and is no change of the task.
SELECT version AS before, test.head() AS seen FROM collab.tasks WHERE title = 'C' \gset
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), 'Filler ' || n, "position" => 1)) FROM generate_series(1, 60) AS n;
SELECT version = :before AS untouched FROM collab.tasks WHERE title = 'C';
SELECT collab.update_task(test.task('C'), '{"priority": "low"}', version => :seen)->'changed' AS changed;
-- A version above the head is one of another history.
SELECT test.try(format('SELECT collab.update_task(%L, %L, version => %s)', test.task('C'), '{"title": "x"}', test.head() + 1));
SELECT test.try(format('SELECT collab.update_task(%L, %L, version => 2147483647)', test.task('C'), '{"title": "x"}'));
-- At the head itself
SELECT test.try(format('SELECT collab.update_task(%L, %L, version => %s)', test.task('C'), '{"title": "C1"}', test.head()));
-- Each command that names a thing
SELECT command, left(test.try(replace(format(statement, test.task('C1'), test.list('Done')), 'VERSION', 'version => 1')), 5) AS at_version_1
	FROM (VALUES ('UPDATE_TASK', 'SELECT collab.update_task(%L, ''{"title": "y"}'', VERSION)'),
		('MOVE_TASK', 'SELECT collab.move_task(%L, %L, VERSION)'), ('DELETE_TASK', 'SELECT collab.delete_task(%L, VERSION)')) AS c (command, statement);
SELECT collab.move_list(test.list('To do'), 0)->'changed' AS changed;
SELECT left(test.try(format('SELECT collab.move_list(%L, 1, version => 1)', test.list('To do'))), 5) AS move_list;
-- A command that names none has nothing to conflict with; but a version that is not yet is refused.
SELECT collab.execute(jsonb_build_object('type', 'CREATE_TASK', 'payload', jsonb_build_object('board_id', test.board('Plan'),
	'list_id', test.list('To do'), 'title', 'E', 'version', 1)))->'changed' AS changed;
SELECT left(test.try(format('SELECT collab.execute(%L)', jsonb_build_object('type', 'CREATE_TASK', 'payload', jsonb_build_object(
	'board_id', test.board('Plan'), 'list_id', test.list('To do'), 'title', 'F', 'version', 10000)))), 5) AS create_task;
-- Not found and forbidden go before a conflict, and a conflict before the board's rules.
SELECT left(test.try($$ SELECT collab.delete_task('00000000-0000-0000-0000-000000000001', version => 1) $$), 5) AS unknown;
SET collab.user_id = '4';
SELECT left(test.try($$ SELECT collab.delete_task(test.task('C1'), version => 1) $$), 5) AS viewer;
SET collab.user_id = '3';
SELECT left(test.try(format('SELECT collab.update_task(%L, %L, version => 1)', test.task('C1'), '{"labels": ["Nope"]}')), 5) AS rule;
-- A stale update that would change nothing is a conflict still: the client must look again.
SELECT left(test.try(format('SELECT collab.update_task(%L, %L, version => 1)', test.task('C1'), '{"title": "C1"}')), 5) AS same_title;
-- For the bridge: the payload of CONFLICT_ERROR.
SELECT kind, code, version, (body::jsonb) - 'current' AS body, body::jsonb->'current'->'title' AS title, body::jsonb->'current'->'version' AS entity_version
	FROM collab.execute_batch('{3}', ARRAY[test.cid(1)], ARRAY[jsonb_build_object('type', 'UPDATE_TASK', 'payload',
		jsonb_build_object('task_id', test.task('C1'), 'version', 2, 'updates', '{"title": "z"}'::jsonb))::text]);
SELECT (body::jsonb) - 'current' AS body, body::jsonb->'current' = 'null' AS no_entity FROM collab.execute_batch('{3}', ARRAY[test.cid(2)],
	ARRAY[jsonb_build_object('type', 'CREATE_LIST', 'payload', jsonb_build_object('board_id', test.board('Plan'), 'name', 'x', 'version', 999))::text]);
SELECT count(*) AS refused_events FROM collab.events WHERE command_id IN (test.cid(1), test.cid(2));
SELECT * FROM collab.verify();
