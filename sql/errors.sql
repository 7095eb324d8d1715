-- Every refusal once: SQLSTATE, message, detail, hint, and the code of the wire.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'Task')->'version' AS version;
SELECT collab.create_list(test.board('Plan'), 'Small', NULL, 'doing', 1)->'version' AS version;
SELECT collab.create_task(test.board('Plan'), test.list('Small'), 'Full')->'version' AS version;
SELECT collab.create_list(test.board('Plan'), 'Kept', command_id => test.cid(9))->'version' AS version;
CREATE TABLE test.refusals (sqlstate text, name text, command text, actor bigint, id uuid DEFAULT gen_random_uuid());
INSERT INTO test.refusals (sqlstate, name, actor, command) VALUES
	('TB001', 'version_conflict', 3, '{"type": "DELETE_TASK", "payload": {"task_id": "<task>", "version": 1}}'),
	('TB002', 'not_found', 5, '{"type": "DELETE_TASK", "payload": {"task_id": "<task>"}}'),
	('TB003', 'forbidden', 4, '{"type": "DELETE_TASK", "payload": {"task_id": "<task>"}}'),
	('TB004', 'invalid', 3, '{"type": "UPDATE_TASK", "payload": {"task_id": "<task>", "updates": {"priority": "top"}}}'),
	('TB005', 'rule', 3, '{"type": "MOVE_TASK", "payload": {"task_id": "<task>", "to_list_id": "<small>"}}'),
	('TB007', 'limit', 3, '{"type": "UPDATE_TASK", "payload": {"task_id": "<task>", "updates": {"title": "<long>"}}}'),
	('TB008', 'command_id_reused', 3, '{"id": "<used>", "type": "CREATE_LIST", "payload": {"board_id": "<board>", "name": "Not kept"}}'),
	('TB009', 'unauthenticated', 999, '{"type": "DELETE_TASK", "payload": {"task_id": "<task>"}}'),
	('TB010', 'unknown_type', 3, '{"type": "EXPLODE", "payload": {}}'),
	('TB011', 'bad_message', 3, '["type"]');
UPDATE test.refusals SET id = test.cid(9) WHERE name = 'command_id_reused';
UPDATE test.refusals SET command = replace(replace(replace(replace(replace(command, '<task>', test.task('Task')::text),
	'<small>', test.list('Small')::text), '<board>', test.board('Plan')::text), '<long>', repeat('x', 501)), '<used>', test.cid(9)::text);
CREATE FUNCTION test.raise(command text, actor bigint, OUT state text, OUT message text, OUT detail text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('collab.user_id', actor::text, true);
	PERFORM collab.execute(command::jsonb);
	state := 'ok';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	message := test.mask(message);
	detail := regexp_replace(detail, ': \{.*', ': …');
END
$$;
-- For people: an error
SELECT raised.state, raised.message, nullif(raised.detail, '') AS detail, nullif(raised.hint, '') AS hint, raised.state = r.sqlstate AS right
	FROM test.refusals r, test.raise(r.command, r.actor) AS raised ORDER BY r.sqlstate;
-- For the bridge: a value with the code of the wire
SELECT r.sqlstate, b.kind, b.code, test.mask(body::jsonb->>'message') AS message, body::jsonb->'hint' IS NOT NULL AS has_hint, b.code = r.name AS right
	FROM test.refusals r, collab.execute_batch(ARRAY[r.actor], ARRAY[r.id], ARRAY[r.command]) AS b ORDER BY r.sqlstate;
-- Messages that are no command
SELECT command, test.try(format('SELECT collab.execute(%L)', command)) AS outcome FROM unnest(ARRAY['null', '1', '"x"', '[]', '{}', '{"type": 1}',
	'{"type": ""}', '{"type": "create_task", "payload": {}}', '{"type": "CREATE_TASK"}', '{"type": "CREATE_TASK", "payload": []}',
	'{"type": "CREATE_TASK", "payload": null}', '{"type": "CREATE_TASK", "payload": {}}', '{"type": "JOIN_BOARD", "payload": {}}']::jsonb[]) AS command;
SELECT test.try('SELECT collab.execute(NULL)') AS null_in_null_out;
-- The first field that does not fit is named.
SELECT test.try($$ SELECT collab.execute('{"type": "CREATE_TASK", "payload": {"board_id": 1, "list_id": 2}}') $$);
-- Reads
SELECT test.try($$ SELECT collab.board_state('00000000-0000-0000-0000-000000000001') $$);
SELECT test.try($$ SELECT collab.board_state(NULL) $$);
SELECT test.try($$ SELECT collab.board_state(test.board('Plan'), 'some') $$);
SELECT test.try($$ SELECT collab.events_after('00000000-0000-0000-0000-000000000001') $$);
SELECT test.try($$ SELECT collab.events_after(test.board('Plan'), -1) $$);
SELECT test.try($$ SELECT collab.events_after(test.board('Plan'), 0, 0) $$);
SELECT test.try($$ SELECT collab.events_after(test.board('Plan'), 0, 10001) $$);
SELECT test.try($$ SELECT collab.rebuild('00000000-0000-0000-0000-000000000001') $$);
-- Commands look at what is committed, so they need READ COMMITTED.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT test.try($$ SELECT collab.create_workspace('x') $$);
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT test.try($$ SELECT collab.create_workspace('x') $$);
ROLLBACK;
BEGIN READ ONLY;
SELECT test.try($$ SELECT collab.create_workspace('x') $$);
SELECT jsonb_array_length(collab.board_state(test.board('Plan'))->'board'->'lists') AS reads_work;
ROLLBACK;
-- A message does not repeat megabytes.
SELECT octet_length(test.try(format('SELECT collab.execute(%L)', jsonb_build_object('type', repeat('é', 1000000), 'payload', '{}'::jsonb)))) AS bytes;
-- Where the log's trigger does not run nothing may be written.
SET session_replication_role = replica;
SELECT test.try($$ SELECT collab.create_workspace('x') $$);
SELECT test.try($$ UPDATE collab.events SET user_id = 1 $$);
RESET session_replication_role;
-- Nothing of all this was written.
SELECT version AS plan FROM collab.boards WHERE name = 'Plan';
SELECT count(*) AS workspaces FROM collab.workspaces WHERE NOT personal;
