-- The conflict policy "last_write_wins": no version is looked at.
\i test/fixtures/team.sql
SET collab.user_id = '1';
SELECT test.board('Plan') AS board, test.list('To do') AS todo, test.list('Done') AS done \gset
SELECT collab.create_task(:'board', :'todo', 'A')->'version' AS version;
SELECT test.task('A') AS a \gset
-- The default first: the second one is told.
SELECT collab.update_task(:'a', '{"title": "First"}', version => 2)->'version' AS version;
SELECT test.try(format('SELECT collab.update_task(%L, ''{"title": "Second"}'', version => 2)', :'a'));
SELECT collab.update_board(:'board', '{"settings": {"conflict_policy": "last_write_wins"}}')->'version' AS version;
SELECT collab.update_task(:'a', '{"title": "Second"}', version => 2)->'version' AS version;
SELECT collab.move_task(:'a', :'done', version => 1)->'version' AS version;
SELECT collab.update_list(:'todo', '{"name": "Later"}', version => 0)->'version' AS version;
-- Not even one that the board does not have yet
SELECT collab.update_task(:'a', '{"title": "Third"}', version => 999)->'version' AS version;
SELECT title, version FROM collab.tasks WHERE id = :'a';
-- Rules and rights hold all the same, and a version is still a number.
SELECT test.try(format('SELECT collab.update_task(%L, ''{"title": ""}'', version => 1)', :'a'));
SELECT test.try(format('SELECT collab.update_task(%L, ''{"title": "x"}'', version => -1)', :'a'));
SELECT collab.delete_task(:'a', version => 1)->'changed' AS changed;
SELECT test.try(format('SELECT collab.update_task(%L, ''{"title": "x"}'', version => 1)', :'a'));
SELECT collab.update_board(:'board', '{"settings": {"conflict_policy": "entity"}}', version => 1)->'changed' AS changed;
SELECT test.try(format('SELECT collab.update_board(%L, ''{"name": "x"}'', version => 1)', :'board'));
SELECT * FROM collab.verify();
