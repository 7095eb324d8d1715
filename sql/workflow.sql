-- The workflow: from which list a task may go to which; and open blockers, which keep a task from being completed.
\i test/fixtures/team.sql
SET collab.user_id = '1';
SELECT test.board('Plan') AS board, test.list('To do') AS todo, test.list('In progress') AS doing, test.list('Done') AS done \gset
SELECT collab.create_list(:'board', 'Review', category => 'doing')->'changed' AS changed;
SELECT test.list('Review') AS review \gset
-- To do → In progress → Review → Done, back from Review; Done has no entry.
SELECT collab.update_board(:'board', jsonb_build_object('settings', jsonb_build_object('workflow', jsonb_build_object('transitions', jsonb_build_object(:'todo', jsonb_build_array(:'doing'),
	:'doing', jsonb_build_array(:'review'), :'review', jsonb_build_array(:'doing', :'done'))))))->'changed' AS changed;
SET collab.user_id = '3';
SELECT count(collab.create_task(:'board', list::uuid, title)) FROM (VALUES (:'todo', 'A'), (:'todo', 'B'), (:'review', 'C'), (:'done', 'D')) AS v (list, title);
CREATE FUNCTION test.move(task text, list text) RETURNS text LANGUAGE sql AS $$
	SELECT test.try(format('SELECT collab.move_task(%L, %L)', test.task(task), test.list(list)))
$$;
CREATE FUNCTION test.status(task text, status text) RETURNS text LANGUAGE sql AS $$
	SELECT test.try(format('SELECT collab.update_task(%L, ''{"status": "%s"}'')', test.task(task), status))
$$;
SELECT task, list, test.move(task, list) FROM (VALUES ('A', 'Done'), ('A', 'Review'), ('A', 'To do'), ('A', 'In progress'), ('A', 'To do'), ('A', 'Done'), ('A', 'Review'), ('A', 'To do'), ('A', 'Done')) AS v (task, list);
-- Inside a list nothing is asked; a list without an entry may go anywhere.
SELECT collab.create_task(:'board', :'todo', 'F')->'changed' AS changed;
SELECT collab.move_task(test.task('F'), :'todo', 0)->'changed' AS changed;
SELECT collab.delete_task(test.task('F'))->'changed' AS changed;
SELECT test.move('D', 'To do');
-- A status goes to the first list that is allowed, or to none.
SELECT * FROM test.show();
SELECT 'B' AS task, test.status('B', 'done');
SELECT 'C' AS task, test.status('C', 'todo'), test.status('C', 'done');
SELECT 'B' AS task, test.status('B', 'doing');
SELECT collab.move_list(:'review', 0)->'changed' AS changed;
SELECT 'D' AS task, test.status('D', 'doing');
SELECT * FROM test.show();
-- Completing follows it.
SELECT test.try(format('SELECT collab.complete_task(%L)', test.task('B')));
SELECT test.move('B', 'Review');
SELECT collab.complete_task(test.task('B'))#>>'{events,0,payload,to_list_id}' = :'done' AS to_done;
-- New tasks come from nowhere.
SELECT collab.create_task(:'board', :'done', 'E')->'changed' AS changed;
-- A list that can go nowhere, and one whose only goal is archived
SET collab.user_id = '1';
SELECT collab.update_board(:'board', jsonb_build_object('settings', jsonb_build_object('workflow', jsonb_build_object('transitions', jsonb_build_object(:'done', '[]'::jsonb)))))->'changed' AS changed;
SELECT test.move('E', 'To do');
SELECT collab.archive_list(:'review')->'changed' AS changed;
SELECT test.move('D', 'Done'), test.status('D', 'done');
-- A task that comes back from the archive goes nowhere.
SELECT collab.archive_task(test.task('E'))->'changed' AS changed;
SELECT collab.restore_task(test.task('E'))->'changed' AS changed;
-- Taken away, everything goes.
SELECT collab.update_board(:'board', '{"settings": {"workflow": null}}')->'changed' AS changed;
SELECT test.move('E', 'To do');
-- An UNDO is under the rules of now.
SELECT collab.update_board(:'board', jsonb_build_object('settings', jsonb_build_object('workflow', jsonb_build_object('transitions', jsonb_build_object(:'todo', '[]'::jsonb)))))->'changed' AS changed;
SET collab.user_id = '2';
SELECT collab.create_task(:'board', :'doing', 'G')->'changed' AS changed;
SELECT test.move('G', 'To do');
SELECT test.try(format('SELECT collab.undo(%L)', :'board'));
SET collab.user_id = '1';
SELECT * FROM collab.verify();
-- Blockers: an open task that blocks keeps another from being completed, however that is asked.
SELECT collab.create_board(test.workspace('Team'), 'Blocked')->'changed' AS changed;
SELECT test.board('Blocked') AS board, test.list('To do', 'Blocked') AS todo, test.list('Done', 'Blocked') AS done \gset
SELECT count(collab.create_task(:'board', :'todo', title)) FROM unnest('{Ship,One,Two,Three,Four,Five}'::text[]) AS title;
SELECT test.task('Ship', 'Blocked') AS ship \gset
CREATE FUNCTION test.complete() RETURNS TABLE (how text, result text) LANGUAGE sql AS $$
	SELECT split_part(what, '(', 1), test.try(format('SELECT collab.' || what, test.task('Ship', 'Blocked'), test.list('Done', 'Blocked')))
	FROM (VALUES ('move_task(%1$L, %2$L)'), ('update_task(%1$L, ''{"status": "done"}'')'), ('complete_task(%1$L)')) AS v (what)
$$;
SELECT count(collab.add_dependency(:'ship', test.task(title, 'Blocked'))) FROM unnest('{One,Two,Three,Four,Five}'::text[]) AS title;
SELECT * FROM test.complete();
SELECT test.try(format('SELECT collab.move_task(%L, %L)', :'ship', test.list('In progress', 'Blocked'))) AS elsewhere;
-- Completed, archived and deleted ones block no more, nor those of an archived list.
SELECT collab.complete_task(test.task('Five', 'Blocked'))->'changed' AS changed;
SELECT collab.archive_task(test.task('Four', 'Blocked'))->'changed' AS changed;
SELECT collab.delete_task(test.task('Three', 'Blocked'))->'changed' AS changed;
SELECT * FROM test.complete();
SELECT collab.archive_list(:'todo')->'changed' AS changed;
BEGIN;
SELECT * FROM test.complete() LIMIT 1;
ROLLBACK;
SELECT collab.restore_list(:'todo')->'changed' AS changed;
SELECT collab.remove_dependency(:'ship', test.task('Two', 'Blocked'))->'changed' AS changed;
SELECT * FROM test.complete() LIMIT 1;
-- The board's settings may allow it.
SELECT collab.update_board(:'board', '{"settings": {"complete_blocked": true}}')->'changed' AS changed;
SELECT collab.move_task(:'ship', :'done')->'changed' AS changed;
-- Without a list for what is done a task is completed where it is, by the same rule.
SELECT collab.move_task(:'ship', :'todo')->'changed' AS changed;
SELECT collab.update_board(:'board', '{"settings": {"complete_blocked": false}}')->'changed' AS changed;
SELECT collab.archive_list(:'done')->'changed' AS changed;
SELECT test.try(format('SELECT collab.complete_task(%L)', :'ship'));
SELECT * FROM collab.verify();
