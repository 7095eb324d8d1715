-- collab.task_limit: how many open tasks a board may have.
\i test/fixtures/team.sql
SHOW collab.task_limit;
SET collab.task_limit = 3;
SET collab.user_id = '3';
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), name)) FROM unnest(ARRAY['A', 'B', 'C']) AS name;
SELECT test.try($$ SELECT collab.create_task(test.board('Plan'), test.list('Done'), 'D') $$);
-- Moving is no matter of it; another board counts for itself.
SELECT collab.move_task(test.task('A'), test.list('Done'))->'changed' AS changed;
SELECT collab.create_board(test.workspace('Team'), 'Other')->'changed' AS changed;
SELECT collab.create_task(test.board('Other'), title => 'O')->'changed' AS changed;
-- What is archived makes room, and finds none when it comes back.
SELECT collab.archive_task(test.task('A'))->'changed' AS changed;
SELECT collab.create_task(test.board('Plan'), test.list('Done'), 'D')->'changed' AS changed;
SELECT test.try($$ SELECT collab.restore_task(test.task('A')) $$);
SELECT collab.delete_task(test.task('D'))->'changed' AS changed;
SELECT test.try($$ SELECT collab.restore_task(test.task('A')) $$);
-- So does what was deleted, and what an UNDO would bring back.
SET collab.user_id = '1';
SELECT collab.delete_task(test.task('B'))->'changed' AS changed;
SET collab.user_id = '3';
SELECT collab.create_task(test.board('Plan'), test.list('Done'), 'E')->'changed' AS changed;
SET collab.user_id = '1';
SELECT test.try($$ SELECT collab.undo(test.board('Plan')) $$);
SET collab.user_id = '3';
SELECT collab.archive_task(test.task('E'))->'changed' AS changed;
SET collab.user_id = '1';
SELECT test.try($$ SELECT collab.undo(test.board('Plan')) $$);
SET collab.user_id = '3';
SELECT test.try($$ SELECT collab.undo(test.board('Plan')) $$) AS undo_of_archived;
SELECT * FROM test.show();
-- A limit below what is there refuses only more.
SET collab.task_limit = 1;
SELECT test.try($$ SELECT collab.create_task(test.board('Plan'), test.list('Done'), 'F') $$);
SELECT test.try($$ SELECT collab.update_task(test.task('C'), '{"title": "C2"}') $$);
SELECT test.try($$ SELECT collab.complete_task(test.task('C2')) $$);
SET collab.task_limit = 0;
RESET collab.task_limit;
SELECT test.try($$ SELECT collab.create_task(test.board('Plan'), test.list('Done'), 'F') $$);
-- It is the administrator's.
CREATE ROLE task_limit_person;
SET ROLE task_limit_person;
SET collab.task_limit = 5;
RESET ROLE;
DROP ROLE task_limit_person;
SELECT * FROM collab.verify();
