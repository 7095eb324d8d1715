-- WIP limits: how many open tasks a list may have.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT test.board('Plan') AS board, test.list('To do') AS todo, test.list('In progress') AS doing, test.list('Done') AS done \gset
SELECT collab.update_list(:'doing', '{"wip_limit": 2}')->'changed' AS changed;
SELECT count(collab.create_task(:'board', :'todo', title)) FROM unnest('{A,B,C,D}'::text[]) AS title;
CREATE FUNCTION test.move(task text, list text) RETURNS text LANGUAGE sql AS $$
	SELECT test.try(format('SELECT collab.move_task(%L, %L)', test.task(task), test.list(list)))
$$;
SELECT task, test.move(task, 'In progress') FROM unnest('{A,B,C}'::text[]) AS task;
-- By whatever way
SELECT what, test.try(format('SELECT collab.' || what, :'board', :'doing', test.task('C'))) FROM (VALUES ('create_task(%1$L, %2$L, ''x'')'), ('update_task(%3$L, ''{"status": "doing"}'')'), ('move_task(%3$L, %2$L, 0)')) AS v (what);
-- Inside the full list, and out of it, everything moves.
SELECT collab.move_task(test.task('B'), :'doing', 0)->'changed' AS changed;
SELECT test.move('A', 'Done'), test.move('C', 'In progress'), test.move('A', 'In progress');
-- Archived and deleted ones do not count; one cannot come back into a full list.
SELECT collab.archive_task(test.task('C'))->'changed' AS changed;
SELECT test.move('D', 'In progress');
SELECT test.try(format('SELECT collab.restore_task(%L)', test.task('C')));
SELECT collab.delete_task(test.task('D'))->'changed' AS changed;
SELECT collab.restore_task(test.task('C'))->'changed' AS changed;
SELECT * FROM test.show();
-- A status goes to the next list that is not full.
SELECT collab.create_list(:'board', 'Second', category => 'doing', wip_limit => 1)->'changed' AS changed;
SELECT count(collab.create_task(:'board', :'todo', title)) FROM unnest('{E,F}'::text[]) AS title;
SELECT task, test.try(format('SELECT collab.update_task(%L, ''{"status": "doing"}'')', test.task(task))) FROM unnest('{E,F}'::text[]) AS task;
SELECT * FROM test.show();
-- UNDO is under the rule, too.
SELECT test.move('E', 'Done');
SELECT collab.create_task(:'board', test.list('Second'), 'G')->'changed' AS changed;
SET collab.user_id = '2';
SELECT test.move('G', 'To do');
SET collab.user_id = '3';
SELECT collab.create_task(:'board', test.list('Second'), 'H')->'changed' AS changed;
SET collab.user_id = '2';
SELECT test.try(format('SELECT collab.undo(%L)', :'board'));
-- Lowered below what is there: nothing leaves by itself, nothing comes in. Cleared: everything does.
SET collab.user_id = '3';
SELECT collab.update_list(:'doing', '{"wip_limit": 1}')->'changed' AS changed;
SELECT test.move('F', 'In progress');
SELECT collab.update_list(:'doing', '{"wip_limit": null}')->'changed' AS changed;
SELECT test.move('F', 'In progress');
-- Off for the whole board: limits are shown, not enforced.
SELECT collab.update_list(:'doing', '{"wip_limit": 1}')->'changed' AS changed;
SET collab.user_id = '1';
SELECT collab.update_board(:'board', '{"settings": {"wip": "off"}}')->'changed' AS changed;
SELECT test.move('G', 'In progress');
SELECT collab.create_task(:'board', :'doing', 'I')->'changed' AS changed;
SELECT collab.update_board(:'board', '{"settings": {"wip": "enforce"}}')->'changed' AS changed;
SELECT test.move('E', 'In progress');
SELECT * FROM test.show();
SELECT * FROM collab.verify();
