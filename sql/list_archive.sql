-- Archiving and restoring lists; how many a board may have.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT test.board('Plan') AS board, test.list('To do') AS todo, test.list('In progress') AS doing \gset
SELECT count(collab.create_task(:'board', :'todo', title)) FROM unnest('{A,B,C}'::text[]) AS title;
SELECT collab.archive_task(test.task('C'))->'changed' AS changed;
SELECT * FROM test.ack(collab.archive_list(:'todo'));
SELECT * FROM test.ack(collab.archive_list(:'todo'));
SELECT event_type, event_data - 'list_id' AS event_data FROM collab.events WHERE aggregate_id = :'board' ORDER BY version DESC LIMIT 1;
SELECT * FROM test.show();
SELECT count(*) FROM jsonb_path_query(collab.board_state(:'board'), '$.board.lists[*].tasks[*]');
SELECT name, "position", archived_at IS NOT NULL AS archived, task_count FROM collab.visible_lists WHERE board_id = :'board' ORDER BY 3, 2;
-- Nothing goes into it, and it does not move; a task can be taken out of it.
SELECT what, test.try(format('SELECT collab.' || what, :'board', :'todo', test.task('A'))) FROM (VALUES ('create_task(%1$L, %2$L, ''x'')'), ('move_list(%2$L, 1)')) AS v (what);
SELECT test.try(format('SELECT collab.restore_task(%L)', test.task('C')));
SELECT collab.create_task(:'board', NULL, 'First open')#>>'{events,0,payload,list_id}' = :'doing' AS in_first_open_list;
SELECT test.try(format('SELECT collab.move_task(%L, %L)', test.task('First open'), :'todo'));
SELECT collab.move_task(test.task('B'), :'doing')->'changed' AS changed;
-- A status never leads there.
SELECT test.try(format('SELECT collab.update_task(%L, ''{"status": "todo"}'')', test.task('First open')));
-- Restored: to the end, with its tasks.
SELECT r#>'{events,0,payload,new_position}' AS new_position, (r#>'{events,0,payload,list}') - 'id' AS list, r#>'{events,0,payload}' ? 'ranks' AS ranks FROM collab.restore_list(:'todo') AS r;
SELECT * FROM test.ack(collab.restore_list(:'todo'));
SELECT * FROM test.show();
SELECT version, archived_at FROM collab.lists WHERE id = :'todo';
SELECT count(*) FROM jsonb_path_query(collab.board_state(:'board'), '$.board.lists[*].tasks[*]');
-- UNDO of a restore archives, UNDO of that archiving's command restores.
SELECT collab.undo(:'board')#>>'{events,0,type}' AS event;
SELECT collab.restore_list(:'todo')->'changed' AS changed;
SELECT collab.archive_list(:'todo')->'changed' AS changed;
SELECT collab.undo(:'board')#>>'{events,0,type}' AS event;
SELECT * FROM test.show();
SELECT * FROM collab.verify();
-- Who may, and versions
SELECT who, test.try(format('SELECT set_config(''collab.user_id'', %L, false), collab.%s(%L)', who, what, :'todo')) FROM generate_series(1, 5) AS who, (VALUES ('archive_list'), ('restore_list')) AS v (what);
SET collab.user_id = '3';
SELECT test.try(format('SELECT collab.archive_list(%L, version => 2)', :'todo')) AS stale;
SELECT test.try(format('SELECT collab.archive_list(%L)', gen_random_uuid())) AS unknown;
-- Moving tells where the list stood before.
SELECT collab.move_list(:'todo', 0)->'changed' AS changed;
SELECT event_data->'new_position' AS new_position, event_data->'before' AS before FROM collab.events WHERE aggregate_id = :'board' ORDER BY version DESC LIMIT 1;
SELECT collab.undo(:'board')#>'{events,0,payload,new_position}' AS new_position;
-- 500 open lists
SELECT count(collab.create_list(:'board', 'List ' || n)) FROM generate_series(4, 500) AS n;
SELECT test.try(format('SELECT collab.create_list(%L, ''One more'')', :'board'));
SELECT collab.archive_list(test.list('List 7'))->'changed' AS changed;
SELECT collab.create_list(:'board', 'One more')->'changed' AS changed;
SELECT test.try(format('SELECT collab.restore_list(%L)', test.list('List 7')));
SELECT * FROM collab.verify();
