-- UPDATE_LIST: name, category, WIP limit; what a category does to the tasks.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT test.board('Plan') AS board, test.list('To do') AS list \gset
SELECT * FROM test.ack(collab.update_list(:'list', '{"name": " Ideas  ", "wip_limit": 3}'));
SELECT event_data - 'list_id' AS event_data, event_data->>'list_id' = :'list' AS list FROM collab.events WHERE aggregate_id = :'board' ORDER BY version DESC LIMIT 1;
SELECT event_type, event_data->'updates' AS updates, event_data ? 'before' AS before FROM collab.events_after(:'board', 1);
SELECT name, category, wip_limit, version FROM collab.lists WHERE id = :'list';
-- Only what changed
SELECT * FROM test.ack(collab.update_list(:'list', '{"name": "Ideas", "wip_limit": 3, "category": "todo"}'));
SELECT collab.update_list(:'list', '{"name": "Ideas", "wip_limit": 4}')#>'{events,0,payload,updates}' AS updates;
SELECT collab.update_list(:'list', '{"name": null, "category": null, "wip_limit": null}')#>'{events,0,payload,updates}' AS updates;
SELECT * FROM test.ack(collab.update_list(:'list', '{"wip_limit": null}'));
SELECT event_data - 'list_id' AS event_data FROM collab.events WHERE aggregate_id = :'board' ORDER BY version DESC LIMIT 1;
-- Refused
SELECT test.try(format('SELECT collab.update_list(%L, %L)', :'list', updates)) FROM (VALUES ('{}'), ('{"position": 1}'), ('{"name": "\t"}'), ('{"category": "later"}'), ('{"wip_limit": 0}'), ('{"wip_limit": 1.5}'),
	('{"wip_limit": "3"}'), ('{"wip_limit": 99999999999}')) AS v (updates);
SELECT test.try(format('SELECT collab.update_list(%L, %L)', gen_random_uuid(), '{"name": "x"}')) AS unknown;
SELECT who, test.try(format('SELECT set_config(''collab.user_id'', %L, false), collab.update_list(%L, ''{"name": "By %s"}'')', who, :'list', who)) FROM generate_series(1, 5) AS who;
SET collab.user_id = '3';
-- A list's version is that of its own last change: tasks do not disturb it.
SELECT version AS seen FROM collab.boards WHERE id = :'board' \gset
SELECT count(collab.create_task(:'board', :'list', title)) FROM unnest('{A,B,Gone,Kept}'::text[]) AS title;
SELECT collab.update_list(:'list', '{"name": "Ideas"}', version => :seen)->'changed' AS changed;
SELECT test.try(format('SELECT collab.update_list(%L, ''{"name": "Late"}'', version => %s)', :'list', :seen)) AS stale;
-- A list that becomes done completes its tasks at that time; archived and deleted ones stay as they are.
CREATE FUNCTION test.tasks() RETURNS TABLE (title text, status text, completed text, version int) LANGUAGE sql AS $$
	SELECT t.title, l.category, CASE WHEN t.completed_at IS NULL THEN 'no' WHEN t.completed_at = e.created_at THEN 'now' ELSE 'earlier' END, t.version
	FROM collab.tasks t JOIN collab.lists l ON l.id = t.list_id, LATERAL (SELECT created_at FROM collab.events WHERE aggregate_id = t.board_id ORDER BY events.version DESC LIMIT 1) AS e
	WHERE t.board_id = test.board('Plan') ORDER BY t.title
$$;
SELECT collab.delete_task(test.task('Gone'))->'changed' AS changed;
SELECT collab.archive_task(test.task('Kept'))->'changed' AS changed;
SELECT collab.complete_task(test.task('B'))->'changed' AS changed;
SELECT collab.move_task(test.task('B'), :'list')->'changed' AS changed;
SELECT * FROM test.tasks();
SELECT collab.create_task(:'board', test.list('Done'), 'C')->'changed' AS changed;
SELECT collab.update_list(:'list', '{"category": "done"}')#>'{events,0,payload,updates}' AS updates;
SELECT * FROM test.tasks();
SELECT collab.board_state(:'board', 'cards') #> '{board,lists,0,tasks,0}' ->> 'status' AS status;
SELECT * FROM collab.verify();
-- One that no longer is opens them again; between the others nothing happens to them.
SELECT collab.update_list(:'list', '{"category": "doing"}')->'changed' AS changed;
SELECT * FROM test.tasks();
SELECT collab.update_list(:'list', '{"category": "todo", "name": "To do"}')->'changed' AS changed;
SELECT * FROM test.tasks();
-- UNDO goes back, but not behind a change that completed tasks or opened them: what they were is not known any more.
SELECT collab.undo(:'board')#>'{events,0,payload,updates}' AS updates;
SELECT test.try(format('SELECT collab.undo(%L)', :'board'));
SELECT * FROM test.tasks();
-- A limit below what is there is allowed; nothing more comes in.
SELECT collab.update_list(:'list', '{"wip_limit": 1}')->'changed' AS changed;
SELECT test.try(format('SELECT collab.create_task(%L, %L, ''x'')', :'board', :'list'));
-- An archived list changes no more.
SELECT collab.archive_list(:'list')->'changed' AS changed;
SELECT test.try(format('SELECT collab.update_list(%L, ''{"name": "x"}'')', :'list'));
SELECT * FROM collab.verify();
