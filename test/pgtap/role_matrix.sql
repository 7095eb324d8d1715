-- role_matrix.sql: owner, admin, member, viewer and outsider against every command and every read. One table is walked: each
-- command through collab.execute and collab.execute_batch, each read as it is called. A new command or read that is not in the
-- table fails the test.
BEGIN;
SELECT no_plan();

CREATE TEMP TABLE person (role text, id bigint);
INSERT INTO person VALUES ('owner', 1), ('admin', 2), ('member', 3), ('viewer', 4), ('outsider', 5);
SELECT count(*) FROM (SELECT * FROM person ORDER BY id) AS p, LATERAL collab.upsert_user('test', role, role) \gset
SELECT user_id FROM collab.upsert_user('test', 'newcomer', 'Newcomer') \gset
SET LOCAL collab.user_id = '1';
SELECT collab.create_workspace('Team')->>'workspace_id' AS workspace \gset
SELECT count(collab.add_member(:'workspace', id, role::collab.workspace_role)) FROM person WHERE role IN ('admin', 'member', 'viewer') \gset
SELECT collab.create_board(:'workspace', 'Plan')->>'board_id' AS board \gset
SELECT collab.create_list(:'board', 'List')->'result'->>'list_id' AS list \gset
SELECT collab.create_list(:'board', 'Other')->'result'->>'list_id' AS other \gset
SELECT collab.create_task(:'board', :'list', 'Task')->'result'->>'task_id' AS task \gset
SELECT collab.import_trello(:'workspace', '{"name": "Imported", "lists": [{"id": "l", "name": "L", "pos": 1}], "cards": [{"id": "c", "name": "C", "idList": "l", "pos": 1}],
	"actions": [{"type": "commentCard", "date": "2026-01-01T00:00:00Z", "data": {"text": "hi", "card": {"id": "c"}}, "memberCreator": {"id": "m", "username": "someone"}}]}') AS report \gset

-- What stands in a cell: ok, forbidden (TB003: you see it, your role does not allow this), not_found (TB002: you do not see it).
CREATE TEMP TABLE matrix (verb text, variant text, payload jsonb, owner text, admin text, member text, viewer text, outsider text);
INSERT INTO matrix VALUES
	('CREATE_WORKSPACE', '', '{"name": "New"}', 'ok', 'ok', 'ok', 'ok', 'ok'),
	('ADD_MEMBER', 'a viewer', '{"workspace_id": "<workspace>", "user_id": 6, "role": "viewer"}', 'ok', 'ok', 'forbidden', 'forbidden', 'not_found'),
	('ADD_MEMBER', 'a member', '{"workspace_id": "<workspace>", "user_id": 6, "role": "member"}', 'ok', 'ok', 'forbidden', 'forbidden', 'not_found'),
	('ADD_MEMBER', 'an admin', '{"workspace_id": "<workspace>", "user_id": 6, "role": "admin"}', 'ok', 'forbidden', 'forbidden', 'forbidden', 'not_found'),
	('ADD_MEMBER', 'an owner', '{"workspace_id": "<workspace>", "user_id": 6, "role": "owner"}', 'ok', 'forbidden', 'forbidden', 'forbidden', 'not_found'),
	('CREATE_BOARD', '', '{"workspace_id": "<workspace>", "name": "New"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('IMPORT_BOARD', '', '{"workspace_id": "<workspace>", "format": "trello", "document": {"name": "New", "lists": [], "cards": []}}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('CREATE_LIST', '', '{"board_id": "<board>", "name": "New"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('MOVE_LIST', 'with board', '{"board_id": "<board>", "list_id": "<list>", "new_position": 0}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('MOVE_LIST', 'without board', '{"list_id": "<list>", "new_position": 0}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('CREATE_TASK', '', '{"board_id": "<board>", "list_id": "<list>", "title": "New"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('UPDATE_TASK', 'with board', '{"board_id": "<board>", "task_id": "<task>", "updates": {"title": "New"}}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('UPDATE_TASK', 'without board', '{"task_id": "<task>", "updates": {"title": "New"}}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('UPDATE_TASK', 'stale', '{"task_id": "<task>", "updates": {"title": "New"}, "version": 1}', 'conflict', 'conflict', 'conflict', 'forbidden', 'not_found'),
	('UPDATE_TASK', 'unchanged', '{"task_id": "<task>", "updates": {"title": "Task"}}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('UPDATE_TASK', 'of no task', '{"board_id": "<board>", "task_id": "00000000-0000-0000-0000-000000000001", "updates": {"title": "New"}}', 'not_found', 'not_found', 'not_found', 'forbidden', 'not_found'),
	('MOVE_TASK', 'with board', '{"board_id": "<board>", "task_id": "<task>", "to_list_id": "<other>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('MOVE_TASK', 'without board', '{"task_id": "<task>", "to_list_id": "<other>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('DELETE_TASK', 'with board', '{"board_id": "<board>", "task_id": "<task>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('DELETE_TASK', 'without board', '{"task_id": "<task>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found');
UPDATE matrix SET payload = replace(replace(replace(replace(replace(payload::text, '<workspace>', :'workspace'), '<board>', :'board'), '<list>', :'list'),
	'<other>', :'other'), '<task>', :'task')::jsonb;

-- Reads give a row or not; statement: <user> is the one who asks.
CREATE TEMP TABLE read_matrix (verb text, statement text, owner text, admin text, member text, viewer text, outsider text);
INSERT INTO read_matrix SELECT verb, statement, 'ok', 'ok', 'ok', 'ok', 'not_found' FROM (VALUES
	('board_state', 'SELECT collab.board_state(%1$L)'), ('events_after', 'SELECT collab.events_after(%1$L)'),
	('my_workspaces', 'SELECT 1 FROM jsonb_array_elements(collab.my_workspaces()) AS w, jsonb_array_elements(w->''boards'') AS b WHERE b->>''id'' = %1$L'),
	('visible_workspaces', 'SELECT 1 FROM collab.visible_workspaces WHERE id = %2$L'), ('visible_members', 'SELECT 1 FROM collab.visible_members WHERE workspace_id = %2$L'),
	('visible_boards', 'SELECT 1 FROM collab.visible_boards WHERE id = %1$L'), ('visible_lists', 'SELECT 1 FROM collab.visible_lists WHERE board_id = %1$L'),
	('visible_tasks', 'SELECT 1 FROM collab.visible_tasks WHERE board_id = %1$L'), ('visible_comments', 'SELECT 1 FROM collab.visible_comments'),
	('room_state', 'SELECT 1 FROM collab.room_state(<user>, %1$L, ''full'') WHERE code IS NULL AND body IS NOT NULL'),
	('room_resume', 'SELECT 1 FROM collab.room_resume(<user>, %1$L, 1, NULL) WHERE code IS NULL AND resumable'),
	('room_readers', 'SELECT 1 FROM collab.room_readers(%1$L) WHERE <user> = ANY (user_ids)'),
	('user_workspaces', 'SELECT 1 FROM json_array_elements(collab.user_workspaces(<user>)::json) AS w WHERE w->>''id'' = %2$L')) AS r (verb, statement);
UPDATE read_matrix SET statement = format(statement, :'board', :'workspace');

-- Runs a statement as a user and takes it back; 'ok', the refusal, or 'not_found' where it gave no row.
CREATE FUNCTION pg_temp.outcome(statement text, actor bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	found_rows bigint;
BEGIN
	PERFORM set_config('collab.user_id', actor::text, true);
	EXECUTE statement;
	GET DIAGNOSTICS found_rows = ROW_COUNT;
	RAISE EXCEPTION SQLSTATE 'XX999' USING MESSAGE = CASE WHEN found_rows > 0 THEN 'ok' ELSE 'not_found' END;
EXCEPTION
	WHEN SQLSTATE 'XX999' THEN RETURN SQLERRM;
	WHEN SQLSTATE 'TB001' THEN RETURN 'conflict';
	WHEN SQLSTATE 'TB002' THEN RETURN 'not_found';
	WHEN SQLSTATE 'TB003' THEN RETURN 'forbidden';
	WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;
CREATE FUNCTION pg_temp.batch_outcome(message text, actor bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	outcome text;
BEGIN
	SELECT CASE kind WHEN 'ack' THEN 'ok' WHEN 'conflict' THEN kind ELSE code END INTO outcome
		FROM collab.execute_batch(ARRAY[actor], ARRAY[gen_random_uuid()], ARRAY[message]) WHERE kind <> 'event';
	RAISE EXCEPTION SQLSTATE 'XX999' USING MESSAGE = outcome;
EXCEPTION
	WHEN SQLSTATE 'XX999' THEN RETURN SQLERRM;
END
$$;

SELECT is(pg_temp.outcome(format('SELECT collab.execute(%L)', jsonb_build_object('type', verb, 'payload', payload)), p.id), to_jsonb(m)->>p.role,
	format('%s %s by %s', verb, variant, p.role)) FROM matrix m, person p ORDER BY verb, variant, p.id;
SELECT is(pg_temp.batch_outcome(jsonb_build_object('type', verb, 'payload', payload)::text, p.id), to_jsonb(m)->>p.role,
	format('%s %s by %s, in a batch', verb, variant, p.role)) FROM matrix m, person p ORDER BY verb, variant, p.id;
SELECT is(pg_temp.outcome(replace(statement, '<user>', p.id::text), p.id), to_jsonb(r)->>p.role, format('%s by %s', verb, p.role)) FROM read_matrix r, person p ORDER BY verb, p.id;

-- Nothing is left out: every typed command and every read that somebody may call has a row above.
SELECT set_eq($$ SELECT DISTINCT lower(verb) FROM matrix WHERE verb <> 'IMPORT_BOARD' UNION SELECT 'import_trello' $$,
	$$ SELECT split_part(split_part(object_name, '(', 1), '.', 2) FROM collab.access_objects('person') WHERE object_type = 'FUNCTION'
		AND object_name NOT IN (SELECT object_name FROM collab.access_objects('reader')) AND object_name !~ '\.(execute|run_command)\(' $$, 'every command is in the matrix');
SELECT set_eq('SELECT verb FROM read_matrix',
	$$ SELECT split_part(split_part(object_name, '(', 1), '.', 2) FROM (SELECT * FROM collab.access_objects('reader') UNION SELECT * FROM collab.access_objects('bridge')) AS o
		WHERE object_name !~ '\.(current_user_id|execute_batch|upsert_user|room_events|room_heads)(\(|$)' $$, 'every read is in the matrix');
-- The refused ones left nothing behind, the others were taken back.
SELECT is((SELECT version FROM collab.boards WHERE id = :'board'), 4, 'the board is as it was');

SELECT * FROM finish();
ROLLBACK;
