\i test/fixtures/team.sql
\pset format unaligned
\pset tuples_only on
CREATE FUNCTION test.undo() RETURNS text LANGUAGE sql AS $$
	SELECT test.try('DO ''BEGIN PERFORM collab.undo(test.board(''''Plan'''')); END''')
$$;
CREATE FUNCTION test.completed_at() RETURNS timestamptz LANGUAGE sql AS $$
	SELECT completed_at FROM collab.tasks WHERE title = 'A'
$$;
SET collab.user_id = '3';
SELECT collab.create_task(list_id => test.list('To do'), title => 'A')->'changed' AS created;
-- A task that is open already does not come back a second time: not for who archived and deleted it,
SELECT collab.archive_task(test.task('A'))->'changed' AS archived;
SELECT collab.delete_task(test.task('A'))->'changed' AS deleted;
SELECT test.undo();
SELECT test.undo();
SELECT list, counted, tasks FROM test.show();
-- nor when another one's UNDO has brought it back.
SELECT collab.archive_task(test.task('A'))->'changed' AS archived;
SET collab.user_id = '2';
SELECT collab.delete_task(test.task('A'))->'changed' AS deleted;
SELECT test.undo();
SET collab.user_id = '3';
SELECT test.undo();
SELECT list, counted, tasks FROM test.show();
-- What is completed again has been completed since then.
SELECT collab.complete_task(test.task('A'))->'changed' AS completed;
SELECT test.completed_at() AS since \gset
SELECT collab.reopen_task(test.task('A'))->'changed' AS reopened;
SELECT test.undo();
SELECT test.completed_at() = :'since' AS since_then;
SELECT collab.move_task(test.task('A'), test.list('To do'))->'changed' AS moved;
SELECT test.undo();
SELECT test.completed_at() = :'since' AS since_then;
SELECT collab.update_task(test.task('A'), '{"status": "doing"}')->'changed' AS updated;
SELECT test.undo();
SELECT test.completed_at() = :'since' AS since_then;
-- A label that tasks have got, and a list that has got tasks, stay.
SELECT collab.create_label(test.board('Plan'), 'New', 'red')->'changed' AS created;
SET collab.user_id = '2';
SELECT collab.update_task(test.task('A'), '{"labels": ["New"]}')->'changed' AS labelled;
SET collab.user_id = '3';
SELECT test.undo();
SELECT collab.create_list(test.board('Plan'), 'New')->'changed' AS created;
SET collab.user_id = '2';
SELECT collab.move_task(test.task('A'), test.list('New'))->'changed' AS moved;
SET collab.user_id = '3';
SELECT test.undo();
SELECT list, counted, tasks FROM test.show();
-- A change that others have made as good as undone is passed over.
SELECT collab.create_task(list_id => test.list('To do'), title => t)->'changed' AS created FROM unnest(ARRAY['B', 'C']) AS t;
SELECT collab.update_task(test.task('B'), '{"title": "B2"}')->'changed' AS renamed;
SELECT collab.move_task(test.task('B2'), test.list('To do'), 1)->'changed' AS moved;
SET collab.user_id = '2';
SELECT collab.move_task(test.task('C'), test.list('To do'), 1)->'changed' AS moved;
SET collab.user_id = '3';
SELECT test.undo();
SELECT list, counted, tasks FROM test.show();
SELECT * FROM collab.verify();
-- An archived list comes back where it stood, among others too.
SELECT collab.archive_list(test.list('In progress'))->'changed' AS archived;
SELECT collab.move_list(test.list('New'), 0)->'changed' AS moved;
SELECT test.undo();
SELECT test.undo();
SELECT list, counted, tasks FROM test.show();
