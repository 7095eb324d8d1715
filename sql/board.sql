-- CREATE_BOARD: a board with its default lists.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT collab.create_board(test.workspace('Team'), ' Road map ', E'First\nsecond', command_id => test.cid(1)) AS ack \gset
SELECT * FROM test.ack(:'ack');
SELECT :'ack'::jsonb->>'board_id' = :'ack'::jsonb->'result'->>'board_id' AS result_names_it;
SELECT event->>'type' AS type, payload - ARRAY['event', 'timestamp', 'board_id', 'board'] AS payload
	FROM jsonb_array_elements(:'ack'::jsonb->'events') AS event, jsonb_extract_path(event, 'payload') AS payload;
-- The event's board is as in BOARD_STATE; how the log keeps the order does not go out.
SELECT test.mask(jsonb_pretty(:'ack'::jsonb->'events'->0->'payload'->'board'));
SELECT jsonb_path_exists(:'ack', '$.**.ranks') AS shows_ranks;
SELECT * FROM test.show('Road map');
SELECT name, description, owner_id, visibility, settings, version FROM collab.boards WHERE name = 'Road map';
SELECT aggregate_type, workspace_id = test.workspace('Team') AS in_team, version FROM collab.aggregates
	WHERE id = test.board('Road map');
SELECT * FROM test.log(test.board('Road map'));
-- The workspace's own version stays: boards do not wait for each other.
SELECT version FROM collab.workspaces WHERE name = 'Team';
-- Everybody of the workspace sees it.
SET collab.user_id = '4';
SELECT name, description, owner_id, visibility, version FROM collab.visible_boards WHERE name <> 'Tasks' ORDER BY name;
SELECT name, "position", category, wip_limit, task_count, version FROM collab.visible_lists
	WHERE board_id = test.board('Road map') ORDER BY "position";
SELECT w->>'name' AS workspace, w->>'role' AS role, jsonb_agg(b - ARRAY['id', 'updated_at']) AS boards
	FROM jsonb_array_elements(collab.my_workspaces()) AS w, jsonb_array_elements(w->'boards') AS b GROUP BY 1, 2 ORDER BY 1;
SELECT test.try($$ SELECT collab.create_board(test.workspace('Team'), 'Of Vera') $$);
SET collab.user_id = '5';
SELECT name FROM collab.visible_boards;
SELECT test.try($$ SELECT collab.create_board(test.workspace('Team'), 'Of Oscar') $$);
-- Without id a second one; with it the first again.
SET collab.user_id = '3';
SELECT collab.create_board(test.workspace('Team'), ' Road map ', E'First\nsecond', command_id => test.cid(1)) AS again \gset
SELECT * FROM test.ack(:'again');
SELECT :'again'::jsonb - 'replayed' = :'ack'::jsonb - 'replayed' AS same_answer;
SELECT test.try($$ SELECT collab.create_board(test.workspace('Team'), 'Another', NULL, command_id => test.cid(1)) $$);
SELECT count(*) FROM collab.boards WHERE workspace_id = test.workspace('Team');
-- Refused
SELECT test.try($$ SELECT collab.create_board(NULL, 'x') $$);
SELECT test.try($$ SELECT collab.create_board(test.board('Plan'), 'a board is no workspace') $$);
SELECT test.try($$ SELECT collab.create_board('00000000-0000-0000-0000-000000000001', 'x') $$);
SELECT test.try($$ SELECT collab.create_board(test.workspace('Team'), '') $$);
SELECT test.try($$ SELECT collab.create_board(test.workspace('Team'), repeat('x', 101)) $$);
SELECT test.try($$ SELECT collab.create_board(test.workspace('Team'), 'x', E'\x01') $$);
SELECT test.try($$ SELECT collab.execute('{"type": "CREATE_BOARD", "payload": {"workspace_id": "no uuid", "name": "x"}}') $$);
SELECT count(*) FROM collab.boards WHERE workspace_id = test.workspace('Team');
SELECT * FROM collab.verify();
