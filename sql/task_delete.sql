-- DELETE_TASK: the task is gone from everything that is read, and leaves a tombstone.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT collab.import_trello(test.workspace('Team'), '{"name": "Full", "lists": [{"id": "a", "name": "Inbox", "pos": 1}],
	"cards": [{"id": "k", "name": "A", "idList": "a", "pos": 1, "idLabels": ["x"], "idMembers": ["p"]},
	{"id": "l", "name": "B", "idList": "a", "pos": 2}, {"id": "m", "name": "Archived", "idList": "a", "pos": 3, "closed": true}],
	"labels": [{"id": "x", "name": "Bug", "color": "red"}], "members": [{"id": "p", "username": "bob"}],
	"checklists": [{"id": "c", "name": "Steps", "idCard": "k", "pos": 1, "checkItems": [{"name": "one", "pos": 1, "state": "complete"}]}],
	"actions": [{"type": "commentCard", "date": "2026-01-01T00:00:00Z", "idMemberCreator": "p", "data": {"card": {"id": "k"}, "text": "hello"}}]}')->'imported' AS imported;
SELECT test.task('A', 'Full') AS task, version AS before FROM collab.boards WHERE name = 'Full' \gset
SELECT collab.delete_task(:'task', test.cid(1)) AS ack \gset
SELECT ack.from_version - :before AS from_version, ack.version - :before AS version, changed, replayed FROM test.ack(:'ack') AS ack;
SELECT p - ARRAY['event', 'timestamp', 'version', 'board_id', 'task_id', 'list_id'] AS payload,
	p->>'task_id' = :'task' AS names_task, p->>'list_id' = test.list('Inbox', 'Full')::text AS names_list
	FROM jsonb_extract_path(:'ack'::jsonb, 'events', '0', 'payload') AS p;
SELECT * FROM test.show('Full');
SELECT title FROM collab.visible_tasks ORDER BY 1;
SELECT jsonb_path_query_array(collab.board_state(test.board('Full')), '$.board.lists[*].tasks[*].title') AS titles;
SELECT deleted_at IS NOT NULL AS is_tombstone FROM collab.tasks WHERE id = :'task';
-- What hung on it is not shown either.
SELECT count(*) AS comments FROM collab.visible_comments;
-- Resent it answers as at first; as a new command there is no such task.
SELECT :'ack'::jsonb - 'replayed' = collab.delete_task(:'task', test.cid(1)) - 'replayed' AS same_answer;
SELECT (collab.delete_task(:'task', test.cid(1)))->'replayed' AS replayed;
SELECT test.try(format('SELECT collab.delete_task(%L)', :'task'));
SELECT test.try(format('SELECT collab.delete_task(%L, test.cid(2))', :'task'));
SELECT test.try(format('SELECT collab.update_task(%L, %L)', :'task', '{"title": "Back"}'));
SELECT test.try(format('SELECT collab.move_task(%L, %L)', :'task', test.list('Inbox', 'Full')));
-- Nothing is put beside it.
SELECT test.try(format('SELECT collab.move_task(%L, %L, after_task_id => %L)', test.task('B', 'Full'), test.list('Inbox', 'Full'), :'task'));
-- Another command with the used id
SELECT test.try(format('SELECT collab.delete_task(%L, test.cid(1))', test.task('B', 'Full')));
-- The others move up, and an archived one can be deleted without disturbing the count.
SELECT title, "position" FROM collab.visible_tasks WHERE archived_at IS NULL;
SELECT collab.delete_task(test.task('Archived', 'Full'))->'changed' AS changed;
SELECT name, task_count FROM collab.lists WHERE board_id = test.board('Full');
SELECT collab.delete_task(test.task('B', 'Full'))->'changed' AS changed;
SELECT name, task_count FROM collab.lists WHERE board_id = test.board('Full');
SELECT count(*) FROM collab.visible_tasks;
-- What was done to it before can still be resent.
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'Short life', command_id => test.cid(3))->'result'->>'task_id' AS short \gset
SELECT collab.move_task(:'short', test.list('Done'), command_id => test.cid(4))->'changed' AS changed;
SELECT collab.delete_task(:'short', test.cid(5))->'changed' AS changed;
SELECT ack.* FROM collab.create_task(test.board('Plan'), test.list('To do'), 'Short life', command_id => test.cid(3)) AS a, test.ack(a) AS ack;
SELECT ack.* FROM collab.move_task(:'short', test.list('Done'), command_id => test.cid(4)) AS a, test.ack(a) AS ack;
-- Refused
SELECT test.try($$ SELECT collab.delete_task(NULL) $$);
SELECT test.try($$ SELECT collab.delete_task('00000000-0000-0000-0000-000000000001') $$);
SELECT test.try($$ SELECT collab.delete_task(test.list('To do')) $$);
SELECT * FROM test.log(test.board('Plan'));
SELECT * FROM collab.verify();
