-- role_matrix.sql: owner, admin, member, viewer and outsider against every command and every read. One table is walked: each
-- command through collab.execute and collab.execute_batch, on an open board, on a private one that the member is not on, and on
-- an archived one; each read as it is called. A new command or read that is not in the table fails the test.
BEGIN;
SELECT no_plan();

CREATE TEMP TABLE person (role text, id bigint);
INSERT INTO person VALUES ('owner', 1), ('admin', 2), ('member', 3), ('viewer', 4), ('outsider', 5);
-- 6 is nobody yet, 7 a member and 8 an admin to whom things are done.
SELECT count(*) FROM (SELECT * FROM person UNION SELECT * FROM (VALUES ('newcomer', 6), ('mate', 7), ('deputy', 8)) AS v ORDER BY 2) AS p (role, id), LATERAL collab.upsert_user('test', role, role) \gset
SET LOCAL collab.user_id = '1';

-- What there is, by the place it is in: plan, secret (private), shelf (archived).
CREATE TEMP TABLE thing (place text, name text, id text);
CREATE TEMP TABLE problem (what text);
-- Gives a command as a user and writes down what it made, or why it could not be made.
CREATE FUNCTION pg_temp.give(place text, name text, key text, type text, payload text, actor bigint DEFAULT 1) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	t record;
BEGIN
	FOR t IN SELECT thing.name, thing.id FROM thing WHERE thing.place IN (give.place, '') AND thing.name <> '' LOOP
		payload := replace(payload, '<' || t.name || '>', t.id);
	END LOOP;
	PERFORM set_config('collab.user_id', actor::text, true);
	INSERT INTO thing SELECT give.place, give.name, collab.execute(jsonb_build_object('type', type, 'payload', payload::jsonb))->'result'->>key;
	PERFORM set_config('collab.user_id', '1', true);
EXCEPTION WHEN OTHERS THEN
	INSERT INTO thing VALUES (place, name, gen_random_uuid());
	INSERT INTO problem VALUES (format('%s on %s: %s %s', type, place, SQLSTATE, SQLERRM));
	PERFORM set_config('collab.user_id', '1', true);
END
$$;
CREATE FUNCTION pg_temp.fill(place text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	step text[];
BEGIN
	FOREACH step SLICE 1 IN ARRAY ARRAY[
		['board', 'board_id', 'CREATE_BOARD', '{"workspace_id": "<workspace>", "name": "Board"}'],
		['list', 'list_id', 'CREATE_LIST', '{"board_id": "<board>", "name": "List"}'],
		['other', 'list_id', 'CREATE_LIST', '{"board_id": "<board>", "name": "Other", "category": "doing"}'],
		['attic', 'list_id', 'CREATE_LIST', '{"board_id": "<board>", "name": "Attic"}'],
		['', '', 'ARCHIVE_LIST', '{"list_id": "<attic>"}'],
		['task', 'task_id', 'CREATE_TASK', '{"board_id": "<board>", "list_id": "<list>", "title": "Task"}'],
		['blocker', 'task_id', 'CREATE_TASK', '{"board_id": "<board>", "list_id": "<list>", "title": "Blocker"}'],
		['busy', 'task_id', 'CREATE_TASK', '{"board_id": "<board>", "list_id": "<list>", "title": "Busy", "assignees": [7]}'],
		['', '', 'ADD_DEPENDENCY', '{"task_id": "<busy>", "blocked_by": "<blocker>"}'],
		['done', 'task_id', 'CREATE_TASK', '{"board_id": "<board>", "list_id": "<list>", "title": "Done"}'],
		['', '', 'COMPLETE_TASK', '{"task_id": "<done>"}'],
		['filed', 'task_id', 'CREATE_TASK', '{"board_id": "<board>", "list_id": "<list>", "title": "Filed"}'],
		['', '', 'ARCHIVE_TASK', '{"task_id": "<filed>"}'],
		['label', 'label_id', 'CREATE_LABEL', '{"board_id": "<board>", "name": "Bug", "color": "red"}'],
		['field', 'field_id', 'DEFINE_CUSTOM_FIELD', '{"board_id": "<board>", "name": "Size", "kind": "text"}'],
		['checklist', 'checklist_id', 'CREATE_CHECKLIST', '{"task_id": "<task>", "name": "Steps"}'],
		['item', 'item_id', 'ADD_CHECKLIST_ITEM', '{"checklist_id": "<checklist>", "text": "First"}'],
		['second', 'item_id', 'ADD_CHECKLIST_ITEM', '{"checklist_id": "<checklist>", "text": "Second"}'],
		['attachment', 'attachment_id', 'ADD_ATTACHMENT', '{"task_id": "<task>", "name": "Page", "url": "https://example.org/"}'],
		['comment', 'comment_id', 'ADD_COMMENT', '{"task_id": "<task>", "text": "Of the owner"}']] LOOP
		PERFORM pg_temp.give(place, step[1], step[2], step[3], step[4]);
	END LOOP;
	PERFORM pg_temp.give(place, '', '', 'ADD_BOARD_MEMBER', '{"board_id": "<board>", "user_id": 8}');
	INSERT INTO thing SELECT fill.place, 'file', collab.attach_file((SELECT id::uuid FROM thing WHERE thing.place = fill.place AND name = 'task'), 'a.txt', 'text', 'text/plain')->'result'->>'attachment_id';
	-- Who has a task on a board stays on it when it becomes private.
	PERFORM pg_temp.give(place, 'mine', 'task_id', 'CREATE_TASK', format('{"board_id": "<board>", "title": "Of the member", "assignees": %s}', CASE place WHEN 'secret' THEN '[]' ELSE '[3]' END));
	PERFORM collab.room_joined(md5('bridge')::uuid, md5('connection')::uuid, (SELECT id::uuid FROM thing WHERE thing.place = fill.place AND name = 'board'));
	-- The member's own comment, and everybody's own change to take back.
	PERFORM pg_temp.give(place, 'remark', 'comment_id', 'ADD_COMMENT', '{"task_id": "<task>", "text": "Of the member"}', 3);
	PERFORM pg_temp.give(place, '', '', 'CREATE_LIST', '{"board_id": "<board>", "name": "To take back"}', actor) FROM unnest(ARRAY[1, 2, 3]) AS actor;
END
$$;
INSERT INTO thing SELECT '', 'workspace', collab.create_workspace('Team')->>'workspace_id';
SELECT count(collab.add_member(w.id::uuid, p.id, p.role::collab.workspace_role)) FROM thing w, (SELECT role, id FROM person UNION SELECT * FROM (VALUES ('member', 7), ('admin', 8)) AS v) AS p (role, id)
	WHERE w.name = 'workspace' AND p.role IN ('admin', 'member', 'viewer') \gset
SELECT pg_temp.give('', 'invite', 'invite_id', 'CREATE_INVITE', '{"workspace_id": "<workspace>"}') \gset
SELECT pg_temp.give('', 'token', 'token', 'CREATE_INVITE', '{"workspace_id": "<workspace>", "role": "viewer"}') \gset
SELECT collab.bridge_alive(md5('bridge')::uuid, 'test'), collab.connection_opened(md5('bridge')::uuid, md5('connection')::uuid, 1) \gset
SELECT pg_temp.fill('plan'), pg_temp.fill('secret'), pg_temp.fill('shelf') \gset
SELECT pg_temp.give('secret', '', '', 'UPDATE_BOARD', '{"board_id": "<board>", "updates": {"visibility": "private"}}') \gset
SELECT pg_temp.give('secret', '', '', 'ADD_BOARD_MEMBER', '{"board_id": "<board>", "user_id": 7}') \gset
SELECT pg_temp.give('shelf', '', '', 'ARCHIVE_BOARD', '{"board_id": "<board>"}') \gset
SELECT id AS board FROM thing WHERE place = 'plan' AND name = 'board' \gset
SELECT id AS secret FROM thing WHERE place = 'secret' AND name = 'board' \gset
SELECT id AS workspace FROM thing WHERE name = 'workspace' \gset
SELECT string_agg(version::text, ' ') AS versions FROM collab.boards WHERE id::text IN (SELECT id FROM thing WHERE name = 'board') \gset

SELECT is_empty('SELECT what FROM problem', 'all that the walk needs could be made');

-- What stands in a cell: ok, forbidden (TB003: you see it, your role does not allow this), not_found (TB002: you do not see it),
-- rule (TB005), conflict (TB001). Columns: owner, admin, member, viewer, outsider. docs/roles.md is made from this table.
-- begin: commands
CREATE TEMP TABLE matrix (verb text, variant text, payload text, owner text, admin text, member text, viewer text, outsider text);
INSERT INTO matrix VALUES
	('CREATE_WORKSPACE', '', '{"name": "New"}', 'ok', 'ok', 'ok', 'ok', 'ok'),
	('UPDATE_WORKSPACE', '', '{"workspace_id": "<workspace>", "updates": {"name": "New"}}', 'ok', 'ok', 'forbidden', 'forbidden', 'not_found'),
	('DELETE_WORKSPACE', '', '{"workspace_id": "<workspace>"}', 'ok', 'forbidden', 'forbidden', 'forbidden', 'not_found'),
	('TRANSFER_WORKSPACE', 'to a member', '{"workspace_id": "<workspace>", "user_id": 7}', 'ok', 'forbidden', 'forbidden', 'forbidden', 'not_found'),
	('ADD_MEMBER', 'a viewer', '{"workspace_id": "<workspace>", "user_id": 6, "role": "viewer"}', 'ok', 'ok', 'forbidden', 'forbidden', 'not_found'),
	('ADD_MEMBER', 'a member', '{"workspace_id": "<workspace>", "user_id": 6, "role": "member"}', 'ok', 'ok', 'forbidden', 'forbidden', 'not_found'),
	('ADD_MEMBER', 'an admin', '{"workspace_id": "<workspace>", "user_id": 6, "role": "admin"}', 'ok', 'forbidden', 'forbidden', 'forbidden', 'not_found'),
	('ADD_MEMBER', 'an owner', '{"workspace_id": "<workspace>", "user_id": 6, "role": "owner"}', 'ok', 'forbidden', 'forbidden', 'forbidden', 'not_found'),
	('CHANGE_ROLE', 'of a member, to viewer', '{"workspace_id": "<workspace>", "user_id": 7, "role": "viewer"}', 'ok', 'ok', 'forbidden', 'forbidden', 'not_found'),
	('CHANGE_ROLE', 'of a member, to admin', '{"workspace_id": "<workspace>", "user_id": 7, "role": "admin"}', 'ok', 'forbidden', 'forbidden', 'forbidden', 'not_found'),
	('CHANGE_ROLE', 'of an admin', '{"workspace_id": "<workspace>", "user_id": 8, "role": "member"}', 'ok', 'forbidden', 'forbidden', 'forbidden', 'not_found'),
	('CHANGE_ROLE', 'of the owner', '{"workspace_id": "<workspace>", "user_id": 1, "role": "member"}', 'rule', 'forbidden', 'forbidden', 'forbidden', 'not_found'),
	('REMOVE_MEMBER', 'a member', '{"workspace_id": "<workspace>", "user_id": 7}', 'ok', 'ok', 'forbidden', 'forbidden', 'not_found'),
	('REMOVE_MEMBER', 'an admin', '{"workspace_id": "<workspace>", "user_id": 8}', 'ok', 'forbidden', 'forbidden', 'forbidden', 'not_found'),
	('REMOVE_MEMBER', 'the owner', '{"workspace_id": "<workspace>", "user_id": 1}', 'rule', 'forbidden', 'forbidden', 'forbidden', 'not_found'),
	('LEAVE_MEMBERSHIP', '', '{"workspace_id": "<workspace>"}', 'rule', 'ok', 'ok', 'ok', 'not_found'),
	('CREATE_INVITE', 'for a member', '{"workspace_id": "<workspace>"}', 'ok', 'ok', 'forbidden', 'forbidden', 'not_found'),
	('CREATE_INVITE', 'for an admin', '{"workspace_id": "<workspace>", "role": "admin"}', 'ok', 'forbidden', 'forbidden', 'forbidden', 'not_found'),
	('REVOKE_INVITE', '', '{"invite_id": "<invite>"}', 'ok', 'ok', 'forbidden', 'forbidden', 'not_found'),
	('JOIN_BY_INVITE', '', '{"token": "<token>"}', 'ok', 'ok', 'ok', 'ok', 'ok'),
	('CREATE_BOARD', '', '{"workspace_id": "<workspace>", "name": "New"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('IMPORT_BOARD', '', '{"workspace_id": "<workspace>", "format": "trello", "document": {"name": "New", "lists": [], "cards": []}}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('MARK_READ', '', '{"before": 1}', 'ok', 'ok', 'ok', 'ok', 'ok'),
	('SET_PREFERENCES', '', '{"preferences": {"mentioned": false}}', 'ok', 'ok', 'ok', 'ok', 'ok'),
	-- from here on about a board: walked on all three
	('UPDATE_BOARD', '', '{"board_id": "<board>", "updates": {"name": "New"}}', 'ok', 'ok', 'forbidden', 'forbidden', 'not_found'),
	('ARCHIVE_BOARD', '', '{"board_id": "<board>"}', 'ok', 'ok', 'forbidden', 'forbidden', 'not_found'),
	('RESTORE_BOARD', '', '{"board_id": "<board>"}', 'ok', 'ok', 'forbidden', 'forbidden', 'not_found'),
	('DELETE_BOARD', '', '{"board_id": "<board>"}', 'ok', 'ok', 'forbidden', 'forbidden', 'not_found'),
	('DUPLICATE_BOARD', '', '{"board_id": "<board>", "name": "Copy", "with_tasks": true}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('ADD_BOARD_MEMBER', '', '{"board_id": "<board>", "user_id": 3}', 'ok', 'ok', 'forbidden', 'forbidden', 'not_found'),
	('REMOVE_BOARD_MEMBER', '', '{"board_id": "<board>", "user_id": 8}', 'ok', 'ok', 'forbidden', 'forbidden', 'not_found'),
	('UNDO', '', '{"board_id": "<board>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('CREATE_LIST', '', '{"board_id": "<board>", "name": "New"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('UPDATE_LIST', '', '{"list_id": "<list>", "updates": {"name": "New"}}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('MOVE_LIST', 'with board', '{"board_id": "<board>", "list_id": "<list>", "new_position": 0}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('MOVE_LIST', 'without board', '{"list_id": "<list>", "new_position": 0}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('ARCHIVE_LIST', '', '{"list_id": "<list>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('RESTORE_LIST', '', '{"list_id": "<attic>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('CREATE_TASK', 'in a list', '{"board_id": "<board>", "list_id": "<list>", "title": "New"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('CREATE_TASK', 'on a board', '{"board_id": "<board>", "title": "New"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('CREATE_TASK', 'by its list alone', '{"list_id": "<list>", "title": "New"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('UPDATE_TASK', 'with board', '{"board_id": "<board>", "task_id": "<task>", "updates": {"title": "New"}}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('UPDATE_TASK', 'without board', '{"task_id": "<task>", "updates": {"title": "New"}}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('UPDATE_TASK', 'stale', '{"task_id": "<task>", "updates": {"title": "New"}, "version": 1}', 'conflict', 'conflict', 'conflict', 'forbidden', 'not_found'),
	('UPDATE_TASK', 'unchanged', '{"task_id": "<task>", "updates": {"title": "Task"}}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('UPDATE_TASK', 'of no task', '{"board_id": "<board>", "task_id": "00000000-0000-0000-0000-000000000001", "updates": {"title": "New"}}', 'not_found', 'not_found', 'not_found', 'forbidden', 'not_found'),
	('MOVE_TASK', 'with board', '{"board_id": "<board>", "task_id": "<task>", "to_list_id": "<other>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('MOVE_TASK', 'without board', '{"task_id": "<task>", "to_list_id": "<other>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('COMPLETE_TASK', '', '{"task_id": "<task>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('REOPEN_TASK', '', '{"task_id": "<done>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('ARCHIVE_TASK', '', '{"task_id": "<task>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('RESTORE_TASK', '', '{"task_id": "<filed>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('DELETE_TASK', 'with board', '{"board_id": "<board>", "task_id": "<task>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('DELETE_TASK', 'without board', '{"task_id": "<task>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('ASSIGN_TASK', '', '{"task_id": "<task>", "user_id": 7}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('UNASSIGN_TASK', '', '{"task_id": "<busy>", "user_id": 7}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('ADD_DEPENDENCY', '', '{"task_id": "<task>", "blocked_by": "<blocker>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('REMOVE_DEPENDENCY', '', '{"task_id": "<busy>", "blocked_by": "<blocker>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('CREATE_LABEL', '', '{"board_id": "<board>", "name": "New", "color": "blue"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('UPDATE_LABEL', '', '{"label_id": "<label>", "updates": {"name": "New"}}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('DELETE_LABEL', '', '{"label_id": "<label>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('DEFINE_CUSTOM_FIELD', '', '{"board_id": "<board>", "name": "New", "kind": "choice", "options": ["S", "M"]}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('UPDATE_CUSTOM_FIELD', '', '{"field_id": "<field>", "updates": {"name": "New"}}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('DELETE_CUSTOM_FIELD', '', '{"field_id": "<field>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('SET_CUSTOM_FIELD', '', '{"task_id": "<task>", "field_id": "<field>", "value": "L"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('CREATE_CHECKLIST', '', '{"task_id": "<task>", "name": "New"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('UPDATE_CHECKLIST', '', '{"checklist_id": "<checklist>", "updates": {"name": "New"}}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('DELETE_CHECKLIST', '', '{"checklist_id": "<checklist>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('ADD_CHECKLIST_ITEM', '', '{"checklist_id": "<checklist>", "text": "New"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('UPDATE_CHECKLIST_ITEM', '', '{"item_id": "<item>", "updates": {"text": "New"}}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('CHECK_ITEM', '', '{"item_id": "<item>", "checked": true}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('MOVE_CHECKLIST_ITEM', '', '{"item_id": "<second>", "new_position": 0}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('DELETE_CHECKLIST_ITEM', '', '{"item_id": "<item>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('ADD_COMMENT', '', '{"task_id": "<task>", "text": "New"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('UPDATE_COMMENT', 'of the owner', '{"comment_id": "<comment>", "text": "New"}', 'ok', 'forbidden', 'forbidden', 'forbidden', 'not_found'),
	('UPDATE_COMMENT', 'of the member', '{"comment_id": "<remark>", "text": "New"}', 'forbidden', 'forbidden', 'ok', 'forbidden', 'not_found'),
	('DELETE_COMMENT', 'of the owner', '{"comment_id": "<comment>"}', 'ok', 'ok', 'forbidden', 'forbidden', 'not_found'),
	('DELETE_COMMENT', 'of the member', '{"comment_id": "<remark>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('ADD_ATTACHMENT', '', '{"task_id": "<task>", "name": "New", "url": "https://example.org/new"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found'),
	('REMOVE_ATTACHMENT', '', '{"attachment_id": "<attachment>"}', 'ok', 'ok', 'ok', 'forbidden', 'not_found');
-- end: commands

-- The walk: on every place, what the cell says there. A private board is not there for who is not on it. On an archived one
-- everything that the role would allow is against the rule, but for restoring and deleting it; archiving it changes nothing.
CREATE FUNCTION pg_temp.filled(payload text, place text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	t record;
BEGIN
	FOR t IN SELECT thing.name, thing.id FROM thing WHERE thing.place IN (filled.place, '') AND thing.name <> '' LOOP
		payload := replace(payload, '<' || t.name || '>', t.id);
	END LOOP;
	RETURN payload::jsonb;
END
$$;
CREATE TEMP TABLE walk AS
	SELECT place, m.verb, m.variant, p.id AS actor, p.role, jsonb_build_object('type', m.verb, 'payload', pg_temp.filled(m.payload, place)) AS message,
		CASE WHEN place = 'secret' AND p.role IN ('member', 'viewer') THEN 'not_found'
			WHEN place = 'shelf' AND m.verb NOT IN ('ARCHIVE_BOARD', 'RESTORE_BOARD', 'DELETE_BOARD', 'DUPLICATE_BOARD')
				AND (cell = 'ok' OR (cell = 'forbidden' AND p.role::collab.workspace_role >= c.least_role::collab.workspace_role)) THEN 'rule'
			ELSE cell END AS wanted
	FROM matrix m CROSS JOIN person p CROSS JOIN (VALUES ('plan'), ('secret'), ('shelf')) AS places (place)
		LEFT JOIN collab.commands() c ON c.command = m.verb, LATERAL (SELECT to_jsonb(m)->>p.role AS cell) AS cells
	WHERE place = 'plan' OR m.payload !~ '<(workspace|invite|token)>' AND m.payload ~ '<';

-- Reads give a row or not; <user> is the one who asks. On the private board members and viewers get none, outsiders nowhere.
-- Special ones: open, of boards that are not archived; own, of one's own tasks (the member has one);
-- admins, for them alone.
-- begin: reads
CREATE TEMP TABLE read_matrix (verb text, statement text, special text);
INSERT INTO read_matrix VALUES
	('activity', 'SELECT 1 FROM collab.activity(<board>)', NULL),
	('archived', 'SELECT collab.archived(<board>)', NULL),
	('attachment_content', 'SELECT 1 FROM collab.attachment_content(<file>)', NULL),
	('board_at', 'SELECT collab.board_at(<board>, 1), collab.board_at(<board>, clock_timestamp())', NULL),
	('board_presence', 'SELECT 1 FROM collab.board_presence(<board>)', NULL),
	('board_state', 'SELECT collab.board_state(<board>)', NULL),
	('burndown', 'SELECT 1 FROM collab.burndown(<board>)', NULL),
	('cumulative_flow', 'SELECT 1 FROM collab.cumulative_flow(<board>)', NULL),
	('events_after', 'SELECT 1 FROM collab.events_after(<board>)', NULL),
	('export_board', 'SELECT collab.export_board(<board>)', NULL),
	('export_tasks_csv', 'SELECT collab.export_tasks_csv(<board>)', NULL),
	('find_events', 'SELECT 1 FROM collab.find_events(<board>)', NULL),
	('flow_times', 'SELECT 1 FROM collab.flow_times(<board>)', NULL),
	('my_tasks', 'SELECT 1 WHERE collab.my_tasks(true)::text LIKE ''%'' || <mine> || ''%''', 'own'),
	('my_workspaces', 'SELECT 1 FROM jsonb_array_elements(collab.my_workspaces()) AS w, jsonb_array_elements(w->''boards'') AS b WHERE (b->>''id'')::uuid = <board>', 'open'),
	('room_readers', 'SELECT 1 FROM collab.room_readers(<board>) WHERE <user> = ANY (user_ids)', NULL),
	('room_resume', 'SELECT 1 FROM collab.room_resume(<user>, <board>, 1, NULL) WHERE code IS NULL AND resumable', NULL),
	('room_resume', 'SELECT 1 FROM collab.room_resume(<user>, <workspace>, 1, NULL) WHERE code IS NULL AND resumable', NULL),
	('room_state', 'SELECT 1 FROM collab.room_state(<user>, <board>, ''full'') WHERE code IS NULL AND body IS NOT NULL', NULL),
	('search', 'SELECT 1 WHERE collab.search(''Task'', board_id => <board>)::text LIKE ''%'' || <task> || ''%''', NULL),
	('search', 'SELECT 1 WHERE collab.search(''Task'', workspace_id => <workspace>)::text LIKE ''%'' || <task> || ''%''', 'open'),
	('task_state', 'SELECT collab.task_state(<task>)', NULL),
	('throughput', 'SELECT 1 FROM collab.throughput(<board>)', NULL),
	('user_activity', 'SELECT 1 FROM collab.user_activity(1, NULL, 200) WHERE board_id = <board>', NULL),
	('user_attachment_content', 'SELECT 1 FROM collab.user_attachment_content(<user>, <file>)', NULL),
	('user_workspaces', 'SELECT 1 FROM json_array_elements(collab.user_workspaces(<user>)::json) AS w, json_array_elements(w->''boards'') AS b WHERE (b->>''id'')::uuid = <board>', 'open'),
	('visible_attachments', 'SELECT 1 FROM collab.visible_attachments WHERE board_id = <board>', NULL),
	('visible_board_members', 'SELECT 1 FROM collab.visible_board_members WHERE board_id = <board>', NULL),
	('visible_boards', 'SELECT 1 FROM collab.visible_boards WHERE id = <board>', NULL),
	('visible_checklist_items', 'SELECT 1 FROM collab.visible_checklist_items WHERE board_id = <board>', NULL),
	('visible_checklists', 'SELECT 1 FROM collab.visible_checklists WHERE board_id = <board>', NULL),
	('visible_comments', 'SELECT 1 FROM collab.visible_comments WHERE board_id = <board>', NULL),
	('visible_custom_fields', 'SELECT 1 FROM collab.visible_custom_fields WHERE board_id = <board>', NULL),
	('visible_dependencies', 'SELECT 1 FROM collab.visible_dependencies WHERE board_id = <board>', NULL),
	('visible_labels', 'SELECT 1 FROM collab.visible_labels WHERE board_id = <board>', NULL),
	('visible_lists', 'SELECT 1 FROM collab.visible_lists WHERE board_id = <board>', NULL),
	('visible_members', 'SELECT 1 FROM collab.visible_members WHERE workspace_id = <workspace>', NULL),
	('visible_tasks', 'SELECT 1 FROM collab.visible_tasks WHERE board_id = <board>', NULL),
	('visible_workspaces', 'SELECT 1 FROM collab.visible_workspaces WHERE id = <workspace>', NULL),
	('visible_board_heads', 'SELECT 1 FROM collab.visible_board_heads(<user>, <workspace>) WHERE board_id = <board>', NULL),
	('workload', 'SELECT 1 FROM collab.workload(<board>)', NULL),
	('workspace_invites', 'SELECT 1 FROM collab.workspace_invites(<workspace>)', 'admins'),
	('workspace_presence', 'SELECT 1 FROM collab.workspace_presence(<workspace>)', NULL),
	('workspace_readers', 'SELECT 1 FROM collab.workspace_readers(<workspace>) WHERE <user> = ANY (user_ids)', NULL),
	('workspace_state', 'SELECT collab.workspace_state(<workspace>)', NULL),
	('workspace_stream', 'SELECT 1 FROM collab.workspace_stream(<user>, <workspace>) WHERE code IS NULL AND body IS NOT NULL', NULL),
	('workspace_stream', 'SELECT 1 FROM collab.workspace_stream(<user>, <workspace>) WHERE body LIKE ''%'' || <board> || ''%''', NULL);
-- end: reads
-- The reads of collab.user_read. A read with a sign shows the thing where it is seen, and is there for everybody; the least role
-- of the others stands in collab.reads().
CREATE TEMP TABLE wire_matrix (verb text, payload text, sign text, special text);
INSERT INTO wire_matrix VALUES
	('EXPORT_BOARD', '{"board_id": "<board>", "format": "csv"}', NULL, NULL),
	('EXPORT_BOARD', '{"board_id": "<board>", "format": "json"}', NULL, NULL),
	('GET_ACTIVITY', '{"board_id": "<board>"}', NULL, NULL),
	('GET_ACTIVITY', '{"task_id": "<task>"}', NULL, NULL),
	('GET_ACTIVITY', '{"user_id": 1, "limit": 200}', 'board', NULL),
	('GET_ANALYTICS', '{"board_id": "<board>", "report": "burndown"}', NULL, NULL),
	('GET_ARCHIVED', '{"board_id": "<board>"}', NULL, NULL),
	('GET_ATTACHMENT', '{"attachment_id": "<file>"}', NULL, NULL),
	('GET_BOARD', '{"board_id": "<board>"}', NULL, NULL),
	('GET_BOARDS', '{"workspace_id": "<workspace>"}', 'board', 'open'),
	('GET_BOARD_AT', '{"board_id": "<board>", "at_version": 1}', NULL, NULL),
	('GET_COMMENTS', '{"task_id": "<task>"}', NULL, NULL),
	('GET_EVENTS', '{"board_id": "<board>", "after_version": 0}', NULL, NULL),
	('GET_INVITES', '{"workspace_id": "<workspace>"}', NULL, NULL),
	('GET_LABELS', '{"board_id": "<board>"}', NULL, NULL),
	('GET_LIST', '{"list_id": "<list>"}', NULL, NULL),
	('GET_ME', '{}', NULL, NULL),
	('GET_MEMBERS', '{"workspace_id": "<workspace>"}', NULL, NULL),
	('GET_NOTIFICATIONS', '{}', NULL, NULL),
	('GET_PREFERENCES', '{}', NULL, NULL),
	('GET_TASK', '{"task_id": "<task>"}', NULL, NULL),
	('GET_WORKSPACE', '{"workspace_id": "<workspace>"}', NULL, NULL),
	('MY_TASKS', '{}', 'mine', 'own'),
	('MY_WORKSPACES', '{}', 'board', 'open'),
	('SEARCH', '{"query": "Task", "board_id": "<board>"}', NULL, NULL),
	('SEARCH', '{"query": "Task", "workspace_id": "<workspace>"}', 'task', 'open'),
	('SEARCH', '{"query": "Task"}', 'task', 'open');
-- What says nothing of one board or workspace, or trusts the bridge that calls it; and what is given to people but is no read.
CREATE TEMP TABLE not_walked (name text);
INSERT INTO not_walked VALUES ('attach_file'), ('bridge_alive'), ('bridge_changes'), ('bridge_gone'), ('commands'), ('connection_closed'), ('connection_opened'), ('connection_seen'), ('current_user_id'), ('execute'), ('execute_batch'), ('import_trello'), ('inbox'), ('inbox_delivered'),
	('notification_preferences'), ('notifications'), ('unread_count'), ('user_notifications'), ('mark_delivered'),
	('live_key'), ('reads'), ('room_events'), ('room_heads'), ('room_joined'), ('room_left'), ('room_presence'), ('user_is_active'), ('run_command'), ('upload'), ('upsert_user'), ('user_read'), ('user_task_upload'), ('user_upload'), ('workspace_board_marks'), ('workspace_members_text');

CREATE FUNCTION pg_temp.asked(statement text, place text, actor bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	t record;
BEGIN
	FOR t IN SELECT thing.name, thing.id FROM thing WHERE thing.place IN (asked.place, '') AND thing.name <> '' LOOP
		statement := replace(statement, '<' || t.name || '>', quote_literal(t.id) || CASE WHEN statement ~ 'LIKE' AND t.name IN ('task', 'mine') THEN '' ELSE '::uuid' END);
	END LOOP;
	RETURN replace(statement, '<user>', actor::text);
END
$$;
-- Everybody's own notifications, and what the bridge does with them.
INSERT INTO not_walked VALUES ('mark_delivered'), ('notification_preferences'), ('notifications'), ('unread_count'), ('user_notifications');

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
	WHEN SQLSTATE 'TB005' THEN RETURN 'rule';
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

SELECT is(pg_temp.outcome(format('SELECT collab.execute(%L)', message), actor), wanted, format('%s %s by %s, %s', verb, variant, role, place)) FROM walk ORDER BY place, verb, variant, actor;
SELECT is(pg_temp.batch_outcome(message::text, actor), wanted, format('%s %s by %s, %s, in a batch', verb, variant, role, place)) FROM walk ORDER BY place, verb, variant, actor;
SELECT is(pg_temp.outcome(pg_temp.asked(statement, t.place, p.id), p.id), CASE
		WHEN p.role = 'outsider' OR t.place = 'secret' AND p.role IN ('member', 'viewer') AND statement ~ '<(board|task|file|mine)>' THEN 'not_found'
		WHEN special = 'open' AND t.place = 'shelf' OR special = 'own' AND (p.role <> 'member' OR t.place <> 'plan') THEN 'not_found'
		WHEN special = 'admins' AND p.role IN ('member', 'viewer') THEN 'forbidden' ELSE 'ok' END,
	format('%s by %s, %s', verb, p.role, t.place)) FROM read_matrix r, person p, thing t WHERE t.name = 'board' ORDER BY place, verb, p.id;

CREATE FUNCTION pg_temp.read_outcome(verb text, payload text, sign text, place text, actor bigint) RETURNS text LANGUAGE sql AS $$
	SELECT CASE WHEN r.code IS NULL AND (sign IS NULL OR r.body LIKE '%' || (SELECT id FROM thing WHERE thing.place = read_outcome.place AND name = sign) || '%') THEN 'ok' ELSE coalesce(r.code, 'not_found') END
	FROM collab.user_read(actor, jsonb_build_object('type', verb, 'payload', pg_temp.filled(payload, place))::text) AS r
$$;
SELECT is(pg_temp.read_outcome(w.verb, w.payload, w.sign, t.place, p.id), CASE
		WHEN w.sign IS NULL AND r.least_role = 'anyone' THEN 'ok'
		WHEN p.role = 'outsider' OR t.place = 'secret' AND p.role IN ('member', 'viewer') AND (w.sign IS NOT NULL OR w.payload !~ '<workspace>') THEN 'not_found'
		WHEN w.special = 'open' AND t.place = 'shelf' OR w.special = 'own' AND (p.role <> 'member' OR t.place <> 'plan') THEN 'not_found'
		WHEN r.least_role = 'admin' AND p.role IN ('member', 'viewer') THEN 'forbidden' ELSE 'ok' END,
	format('%s %s by %s, %s', w.verb, w.payload, p.role, t.place)) FROM wire_matrix w JOIN collab.reads() r ON r.read = w.verb, person p, thing t WHERE t.name = 'board' ORDER BY place, verb, p.id;

-- The guests of a private board: who is on it does there what the role allows.
SELECT is(pg_temp.outcome(format('SELECT collab.create_list(%L, %L)', :'secret', 'New'), 7), 'ok', 'a member who is on a private board writes there');
SELECT is(pg_temp.outcome(format('SELECT collab.update_board(%L, %L)', :'secret', '{"name": "New"}'), 7), 'forbidden', '… and is no admin of it');
-- A file is attached as a link is.
SELECT is(pg_temp.outcome(pg_temp.asked('SELECT collab.attach_file(<task>, ''b.txt'', ''text'', ''text/plain'')', place, id), id), CASE WHEN place = 'secret' AND role IN ('member', 'viewer') THEN 'not_found' WHEN place = 'shelf' AND cell = 'ok' THEN 'rule' ELSE cell END,
	format('attach_file by %s, %s', role, place)) FROM person, (VALUES ('plan'), ('secret'), ('shelf')) AS places (place), (VALUES ('ok', 'ok', 'ok', 'forbidden', 'not_found')) AS w (owner, admin, member, viewer, outsider), LATERAL (SELECT to_jsonb(w)->>role AS cell) AS c;
-- A task without any place goes to one's own, whoever one is.
SELECT is(pg_temp.outcome('SELECT collab.create_task(title => ''Mine'')', id), 'ok', format('CREATE_TASK without a place by %s', role)) FROM person;
SELECT is(pg_temp.outcome(format('SELECT collab.create_task(workspace_id => %L, title => ''New'')', :'workspace'), id), to_jsonb(w)->>role, format('CREATE_TASK in a workspace by %s', role)) FROM person,
	(VALUES ('ok', 'ok', 'ok', 'forbidden', 'not_found')) AS w (owner, admin, member, viewer, outsider);

-- Nothing is left out.
SELECT set_eq('SELECT verb FROM matrix', 'SELECT command FROM collab.commands()', 'every command is in the matrix');
SELECT set_eq('SELECT verb FROM wire_matrix', 'SELECT read FROM collab.reads()', 'so is every read of collab.user_read');
SELECT set_eq('SELECT lower(command) FROM collab.commands() UNION SELECT verb FROM read_matrix UNION SELECT name FROM not_walked',
	$$ SELECT split_part(split_part(object_name, '(', 1), '.', 2) FROM (SELECT * FROM collab.access_objects('person') UNION SELECT * FROM collab.access_objects('bridge')) AS o $$, 'every function and view that somebody may call is in the matrix');
-- The refused ones left nothing behind, the others were taken back.
SELECT is((SELECT string_agg(version::text, ' ') FROM collab.boards WHERE id::text IN (SELECT id FROM thing WHERE name = 'board')), :'versions', 'the boards are as they were');

SELECT * FROM finish();
ROLLBACK;
