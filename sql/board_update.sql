-- UPDATE_BOARD: name, description; CREATE_BOARD with settings and visibility.
\i test/fixtures/team.sql
SET collab.user_id = '2';
SELECT test.board('Plan') AS board \gset
-- The event names what really changed; what it was is kept inside.
SELECT * FROM test.ack(collab.update_board(:'board', '{"name": "  Road map ", "description": "Where we go\nfrom here"}'));
SELECT event_data FROM collab.events WHERE aggregate_id = :'board' ORDER BY version DESC LIMIT 1;
SELECT event_type, event_data FROM collab.events_after(:'board', 1);
SELECT name, description, visibility, settings, version, entity_version FROM collab.boards WHERE id = :'board';
SELECT * FROM test.ack(collab.update_board(:'board', '{"name": "Road map", "description": "", "visibility": "workspace"}'));
SELECT event_data FROM collab.events WHERE aggregate_id = :'board' ORDER BY version DESC LIMIT 1;
-- Nothing to do
SELECT * FROM test.ack(collab.update_board(:'board', '{"name": "Road map", "settings": {}}'));
-- Null leaves a name as it is, and empties a description.
SELECT collab.update_board(:'board', '{"description": "Again"}')->'changed' AS changed;
SELECT collab.update_board(:'board', '{"name": null, "description": null}')->'events'->0->'payload'->'updates' AS updates;
-- Refused
SELECT test.try(format('SELECT collab.update_board(%L, %L)', :'board', updates)) FROM (VALUES ('{}'), ('{"nam": "x"}'), ('{"name": ""}'), ('{"name": 5}'),
	('{"description": []}'), ('{"visibility": "public"}'), ('{"visibility": null}'), (format('{"name": %s}', to_json(repeat('x', 101))))) AS v (updates);
SELECT test.try(format('SELECT collab.update_board(%L, %L)', gen_random_uuid(), '{"name": "x"}')) AS unknown;
-- A board's version for its own changes is that of its last one: a task does not disturb it.
SELECT version AS seen FROM collab.boards WHERE id = :'board' \gset
SELECT collab.create_task(:'board', test.list('To do', 'Road map'), 'A')->'version' AS version;
SELECT collab.update_board(:'board', '{"name": "Next"}', version => :seen)->'version' AS version;
SELECT test.try(format('SELECT collab.update_board(%L, %L, version => %s)', :'board', '{"name": "Late"}', :seen)) AS stale;
SELECT body::jsonb->'current' ?& ARRAY['id', 'name', 'visibility', 'settings', 'version'] AS told, body::jsonb#>>'{current,name}' AS name, body::jsonb#>>'{current,version}' AS version
	FROM collab.execute_batch('{2}', ARRAY[test.cid(1)], ARRAY[jsonb_build_object('type', 'UPDATE_BOARD', 'payload', jsonb_build_object('board_id', :'board', 'updates',
	'{"name": "Late"}'::jsonb, 'version', :seen))::text]);
-- Who may
SELECT who, test.try(format('SELECT set_config(''collab.user_id'', %L, false), collab.update_board(%L, %L)', who, :'board', format('{"description": "by %s"}', who))) FROM generate_series(1, 5) AS who;
-- UNDO goes back.
SET collab.user_id = '1';
SELECT collab.update_board(:'board', '{"name": "Wrong", "settings": {"wip": "off"}}')->'version' AS version;
SELECT collab.undo(:'board')->'events'->0->'payload'->'updates' AS updates;
SELECT name, settings FROM collab.boards WHERE id = :'board';
-- A new board with settings and visibility
SELECT collab.create_board(test.workspace('Team'), 'Strict', settings => '{"conflict_policy": "strict", "wip": null}')#>'{events,0,payload,board,settings}' AS settings;
SELECT test.try(format('SELECT collab.create_board(%L, %L, settings => %L)', test.workspace('Team'), 'Bad', settings)) FROM (VALUES ('{"colour": "red"}'), ('{"wip": "no"}'), ('[]'),
	(format('{"workflow": {"transitions": {"%s": []}}}', gen_random_uuid()))) AS v (settings);
SET collab.user_id = '3';
SELECT collab.create_board(test.workspace('Team'), 'Mine', visibility => 'private')#>'{events,0,payload,members_added}' AS members_added;
SELECT b.name, b.visibility, m.user_id, m.created_at = b.created_at AS at_once FROM collab.boards b LEFT JOIN collab.board_members m ON m.board_id = b.id WHERE b.name IN ('Strict', 'Mine') ORDER BY 1;
SELECT * FROM collab.verify();
