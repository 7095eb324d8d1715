-- Archiving, restoring and deleting boards; what is in the archive.
\i test/fixtures/team.sql
SET collab.user_id = '2';
SELECT test.board('Plan') AS board, test.list('To do') AS list \gset
SELECT collab.create_task(:'board', :'list', title)->'changed' AS changed FROM unnest('{A,B,C}'::text[]) AS title;
SELECT test.task('A') AS task \gset
CREATE FUNCTION test.as(who int, statement text) RETURNS text LANGUAGE sql AS $$
	SELECT test.try(format('SELECT set_config(''collab.user_id'', %L, false), %s', who, statement))
$$;
-- Who may
SELECT who, test.as(who, format('collab.archive_board(%L)', :'board')) FROM generate_series(3, 5) AS who;
-- The default board stays, of any workspace.
SET collab.user_id = '1';
SELECT w.name, b.name AS board, test.try(format('SELECT collab.archive_board(%L)', b.id)) AS archive, test.try(format('SELECT collab.delete_board(%L)', b.id)) AS delete
	FROM collab.workspaces w JOIN collab.boards b ON b.id = w.default_board_id WHERE w.owner_id = 1 ORDER BY 1;
-- Archived: it can be read, restored and deleted.
SET collab.user_id = '2';
SELECT * FROM test.ack(collab.archive_board(:'board'));
SELECT * FROM test.ack(collab.archive_board(:'board'));
SELECT archived_at = updated_at AS archived, version, entity_version FROM collab.boards WHERE id = :'board';
SELECT event_type, event_data FROM collab.events WHERE aggregate_id = :'board' ORDER BY version DESC LIMIT 1;
SELECT archived_at IS NOT NULL AS archived, name FROM collab.visible_boards WHERE id = :'board';
SELECT jsonb_array_length(collab.board_state(:'board')#>'{board,lists}') AS lists, (collab.board_state(:'board')#>>'{board,archived_at}') IS NOT NULL AS archived;
SELECT count(*) FROM jsonb_path_query(collab.my_workspaces(), '$[*].boards[*] ? (@.name == "Plan")');
SELECT what, test.try(format('SELECT collab.' || what, :'board', :'list', :'task')) FROM (VALUES ('create_task(%1$L, %2$L, ''x'')'), ('create_list(%1$L, ''x'')'), ('update_task(%3$L, ''{"title": "x"}'')'),
	('move_list(%2$L, 1)'), ('archive_list(%2$L)'), ('delete_task(%3$L)'), ('update_board(%1$L, ''{"name": "x"}'')'), ('add_board_member(%1$L, 3)'), ('remove_board_member(%1$L, 3)'), ('undo(%1$L)')) AS v (what);
-- It comes back as it was.
SELECT * FROM test.ack(collab.restore_board(:'board'));
SELECT * FROM test.ack(collab.restore_board(:'board'));
SELECT archived_at, version, entity_version FROM collab.boards WHERE id = :'board';
SELECT * FROM test.show();
-- Its version is checked: the board itself did not change since the restore, and did since the archiving.
SELECT version AS seen FROM collab.boards WHERE id = :'board' \gset
SELECT test.try(format('SELECT collab.archive_board(%L, version => %s)', :'board', :seen - 1)) AS stale;
SELECT collab.create_task(:'board', :'list', 'D')->'changed' AS changed;
SELECT collab.archive_board(:'board', version => :seen)->'changed' AS changed;
-- Deleted, also from the archive: nobody finds it any more.
SELECT collab.delete_board(:'board', test.cid(1))->'version' AS version;
SELECT r->'version' AS version, r->'replayed' AS replayed FROM collab.delete_board(:'board', test.cid(1)) AS r;
SELECT event_type, event_data FROM collab.events WHERE aggregate_id = :'board' ORDER BY version DESC LIMIT 1;
SELECT deleted_at = updated_at AS deleted, archived_at IS NOT NULL AS archived, version, entity_version FROM collab.boards WHERE id = :'board';
SELECT what, test.try(format('SELECT collab.' || what, :'board', :'list', :'task')) FROM (VALUES ('board_state(%1$L)'), ('events_after(%1$L)'), ('archived(%1$L)'), ('restore_board(%1$L)'), ('delete_board(%1$L)'),
	('create_task(%1$L, %2$L, ''x'')'), ('update_task(%3$L, ''{"title": "x"}'')'), ('archive_list(%2$L)')) AS v (what);
SELECT (SELECT count(*) FROM collab.visible_boards WHERE id = :'board') AS boards, (SELECT count(*) FROM collab.visible_lists WHERE board_id = :'board') AS lists,
	(SELECT count(*) FROM collab.visible_tasks WHERE board_id = :'board') AS tasks;
SELECT acl_version, user_ids FROM collab.room_readers(:'board');
SELECT * FROM collab.verify();
-- The archive of a board: lists with what comes back with them, and tasks. What was archived last comes first.
SELECT collab.create_board(test.workspace('Team'), 'Next')->'changed' AS changed;
SELECT test.board('Next') AS board \gset
SELECT collab.archived(:'board');
SELECT count(collab.create_task(:'board', test.list(list, 'Next'), title, labels => '{}', assignees => '{3}')) FROM (VALUES ('To do', 'A'), ('To do', 'B'), ('Done', 'C'), ('Done', 'D'), ('To do', 'E')) AS v (list, title);
SELECT count(collab.archive_task(test.task(title, 'Next'))) FROM unnest('{A,D}'::text[]) AS title;
SELECT collab.archive_list(test.list('Done', 'Next'))->'changed' AS changed;
SELECT l->>'name' AS list, l->'category' AS category, l->'task_count' AS task_count, l ? 'archived_at' AS archived, (SELECT string_agg(k, ' ' ORDER BY k) FROM jsonb_object_keys(l) AS k) AS keys
	FROM jsonb_array_elements(collab.archived(:'board')->'lists') AS l;
SELECT t->>'title' AS title, t->>'status' AS status, t->'assignees' AS assignees, t ? 'archived_at' AS archived, t ? 'position' AS has_position, t ? 'description' AS is_full FROM jsonb_array_elements(collab.archived(:'board')->'tasks') AS t;
SELECT test.try('SELECT collab.archived(NULL)'), test.try(format('SELECT collab.archived(%L)', gen_random_uuid()));
SELECT name, "position", archived_at IS NOT NULL AS archived FROM collab.visible_lists WHERE board_id = :'board' ORDER BY 3, 2;
