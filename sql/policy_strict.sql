-- The conflict policy "strict": a command says the board's version, and it must be exactly that.
\i test/fixtures/team.sql
SET collab.user_id = '1';
SELECT test.board('Plan') AS board, test.list('To do') AS todo, test.list('Done') AS done \gset
SELECT count(collab.create_task(:'board', :'todo', title)) FROM unnest('{A,B}'::text[]) AS title;
SELECT test.task('A') AS a, test.task('B') AS b \gset
SELECT collab.update_board(:'board', '{"settings": {"conflict_policy": "strict"}}')->'version' AS version \gset
-- Without a version: invalid, whatever the command is.
SELECT what, test.try(format('SELECT collab.' || what, :'board', :'todo', :'a')) FROM (VALUES ('update_task(%3$L, ''{"title": "x"}'')'), ('create_task(%1$L, %2$L, ''x'')'), ('create_list(%1$L, ''x'')'),
	('move_list(%2$L, 1)'), ('add_comment(%3$L, ''x'')'), ('update_board(%1$L, ''{"name": "x"}'')'), ('archive_board(%1$L)')) AS v (what);
-- An older one: conflict, although the task did not change; a newer one, too.
SELECT seen, test.try(format('SELECT collab.update_task(%L, ''{"title": "x"}'', version => %s)', :'a', :version + seen)) FROM unnest('{-1,5,0}'::int[]) AS seen;
-- Each change moves it on.
SELECT test.try(format('SELECT collab.update_task(%L, ''{"title": "y"}'', version => %s)', :'b', :version)) AS stale;
SELECT collab.update_task(:'b', '{"title": "B2"}', version => :version + 1)->'version' AS version;
SELECT collab.create_task(:'board', :'todo', 'C', version => :version + 2)->'version' AS version;
SELECT test.try(format('SELECT collab.create_task(%L, %L, ''D'', version => %s)', :'board', :'todo', :version + 2)) AS stale;
-- What the bridge gets
SELECT kind, code, body::jsonb - 'command_id' - 'current' AS body, body::jsonb#>>'{current,title}' AS current FROM collab.execute_batch('{3,3}', ARRAY[test.cid(1), test.cid(2)],
	ARRAY[jsonb_build_object('type', 'MOVE_TASK', 'payload', jsonb_build_object('task_id', :'a', 'to_list_id', :'done', 'version', :version + 1))::text,
	jsonb_build_object('type', 'MOVE_TASK', 'payload', jsonb_build_object('task_id', :'a', 'to_list_id', :'done'))::text]);
-- A resend is answered although its version is old.
SELECT collab.move_task(:'a', :'done', command_id => test.cid(3), version => :version + 3)->'version' AS version;
SELECT r->'version' AS version, r->'replayed' AS replayed FROM collab.move_task(:'a', :'done', command_id => test.cid(3), version => :version + 3) AS r;
-- New boards have no version to be at.
SELECT collab.create_board(test.workspace('Team'), 'Strict', settings => '{"conflict_policy": "strict"}')->'version' AS version;
-- Back to the default: with the version, for the last time.
SELECT collab.update_board(:'board', '{"settings": {"conflict_policy": null}}', version => :version + 4)->'changed' AS changed;
SELECT collab.update_task(:'a', '{"title": "A3"}')->'changed' AS changed;
SELECT * FROM collab.verify();
