-- CREATE_WORKSPACE, and what its maker sees.
\i test/fixtures/helpers.sql
SELECT user_id, handle FROM collab.upsert_user('test', 'alice', 'Alice');
SELECT user_id, handle FROM collab.upsert_user('test', 'bob', 'Bob');
SET collab.user_id = '1';
SELECT collab.create_workspace('Team', 'What we do', test.cid(1)) AS ack \gset
SELECT * FROM test.ack(:'ack');
SELECT jsonb_object_keys(:'ack'::jsonb) AS key ORDER BY 1;
SELECT :'ack'::jsonb->>'workspace_id' = :'ack'::jsonb->'result'->>'workspace_id' AS result_names_it,
	:'ack'::jsonb->>'command_id' = test.cid(1)::text AS names_command;
-- The event's message
SELECT event->>'type' AS type, payload - ARRAY['event', 'timestamp', 'workspace_id', 'workspace'] AS payload,
	(payload->'workspace') - ARRAY['id', 'default_board_id'] AS workspace
	FROM jsonb_array_elements(:'ack'::jsonb->'events') AS event, jsonb_extract_path(event, 'payload') AS payload;
SELECT test.mask(event_data::text), user_id, version, acl_version, schema_version, command_id IS NOT NULL AS has_command,
	length(command_hash) AS hash_bytes, created_at <= clock_timestamp() AS in_the_past, xid = pg_snapshot_xmin(pg_current_snapshot())
		OR xid < pg_snapshot_xmin(pg_current_snapshot()) AS committed
	FROM collab.events WHERE aggregate_id = test.workspace('Team');
SELECT aggregate_type, version, acl_version, workspace_id = id AS is_its_own FROM collab.aggregates WHERE workspace_id = test.workspace('Team');
SELECT name, description, owner_id, personal, version FROM collab.workspaces ORDER BY id <> test.workspace('Team'), owner_id;
-- With it came its default board.
SELECT b.name, b.owner_id, b.version, b.id = w.default_board_id AS is_default, (SELECT string_agg(l.name, ', ' ORDER BY l.rank) FROM collab.lists l WHERE l.board_id = b.id) AS lists
	FROM collab.boards b JOIN collab.workspaces w ON w.id = b.workspace_id WHERE w.name = 'Team';
SELECT version, event_type, command_id IS NULL AS has_none FROM collab.events WHERE aggregate_id = (SELECT default_board_id FROM collab.workspaces WHERE name = 'Team');
SELECT user_id, role FROM collab.members WHERE workspace_id = test.workspace('Team');
-- The maker sees it, nobody else does.
SELECT name, description, role, personal, version FROM collab.visible_workspaces ORDER BY name;
SELECT username, handle, role FROM collab.visible_members WHERE workspace_id = test.workspace('Team');
-- The personal workspace comes last.
SELECT w - ARRAY['id', 'default_board_id', 'boards'] AS workspace, (w->'boards'->0) - ARRAY['id', 'updated_at'] AS board, w->'boards'->0->'id' = w->'default_board_id' AS is_default
	FROM jsonb_array_elements(collab.my_workspaces()) WITH ORDINALITY AS a (w, n) ORDER BY n;
SET collab.user_id = '2';
SELECT name, role, personal FROM collab.visible_workspaces;
SELECT w->'name' AS name, w->'role' AS role FROM jsonb_array_elements(collab.my_workspaces()) AS w;
SET collab.user_id = '1';
-- Names are trimmed and brought to one form; the same name may be there twice.
SELECT collab.create_workspace(E'  Cafe\u0301 \n')->'changed' AS changed;
SELECT name = U&'Caf\00E9' AS is_composed FROM collab.workspaces WHERE name LIKE 'Caf%';
SELECT collab.create_workspace('Team')->'changed' AS changed;
SELECT count(*) FROM collab.visible_workspaces WHERE name = 'Team';
SELECT collab.create_workspace(repeat('é', 100))->'changed' AS changed;
-- Without an id of its own the command makes a new workspace each time; with one, one for each user.
SELECT collab.create_workspace('Team', 'What we do', test.cid(1))->>'workspace_id' = :'ack'::jsonb->>'workspace_id' AS same;
SET collab.user_id = '2';
SELECT collab.create_workspace('Team', 'What we do', test.cid(1))->>'workspace_id' = :'ack'::jsonb->>'workspace_id' AS same;
SELECT count(*) AS own FROM collab.visible_workspaces WHERE NOT personal;
-- Refused
SELECT test.try($$ SELECT collab.create_workspace('') $$);
SELECT test.try($$ SELECT collab.create_workspace('   ') $$);
SELECT test.try($$ SELECT collab.create_workspace(NULL) $$);
SELECT test.try($$ SELECT collab.create_workspace(E'a\tb') $$);
SELECT test.try($$ SELECT collab.create_workspace(E'a\u0085b') $$);
SELECT test.try($$ SELECT collab.create_workspace('z' || repeat(U&'\0301', 31)) $$);
SELECT test.try($$ SELECT collab.create_workspace('z' || repeat(U&'\0301', 30)) $$);
SELECT test.try($$ SELECT collab.create_workspace(repeat('x', 101)) $$);
SELECT test.try($$ SELECT collab.create_workspace('a', repeat('x', 65537)) $$);
SELECT test.try($$ SELECT collab.create_workspace('a', E'line\nline\ttab') $$);
SELECT test.try($$ SELECT collab.create_workspace('a', E'bell\007') $$);
SELECT test.try($$ SELECT collab.execute('{"type": "CREATE_WORKSPACE", "payload": {"name": 7}}') $$);
SELECT test.try($$ SELECT collab.execute('{"type": "CREATE_WORKSPACE", "payload": {"name": "a", "description": ["b"]}}') $$);
-- Unknown fields are not looked at.
SELECT test.try($$ SELECT collab.execute('{"type": "CREATE_WORKSPACE", "color": 1, "payload": {"name": "b", "owner_id": 1, "personal": true}}') $$);
SELECT owner_id, personal FROM collab.workspaces WHERE name = 'b';
SELECT * FROM collab.verify();
