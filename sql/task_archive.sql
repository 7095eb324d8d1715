-- ARCHIVE_TASK, RESTORE_TASK, and the way back from DELETE_TASK by UNDO.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), name)) FROM unnest(ARRAY['A', 'B', 'C']) AS name;
SELECT p - ARRAY['board_id', 'event', 'timestamp', 'task_id', 'list_id'] AS payload, p->>'task_id' = test.task('A')::text AS task,
	p->>'list_id' = test.list('To do')::text AS list
	FROM jsonb_extract_path(collab.archive_task(test.task('A')), 'events', '0', 'payload') AS p;
SELECT collab.archive_task(test.task('A'))->'changed' AS changed;
SELECT * FROM test.show();
SELECT jsonb_path_query_array(collab.board_state(test.board('Plan')), '$.board.lists[0].tasks[*].title') AS titles;
SELECT title, archived_at IS NOT NULL AS archived, "position" FROM collab.visible_tasks ORDER BY archived, "position";
-- Archived it can be changed, but not moved.
SELECT collab.update_task(test.task('A'), '{"priority": "low"}')->'changed' AS changed;
SELECT test.try($$ SELECT collab.move_task(test.task('A'), test.list('Done')) $$);
SELECT test.try($$ SELECT collab.update_task(test.task('A'), '{"status": "done"}') $$);
SELECT test.try($$ SELECT collab.complete_task(test.task('A')) $$);
-- Back at the end of its list
SELECT p - ARRAY['board_id', 'event', 'timestamp', 'task_id', 'list_id'] AS payload, p->>'list_id' = test.list('To do')::text AS list
	FROM jsonb_extract_path(collab.restore_task(test.task('A')), 'events', '0', 'payload') AS p;
SELECT collab.restore_task(test.task('A'))->'changed' AS changed;
SELECT * FROM test.show();
-- A full list takes none back.
SELECT collab.create_list(test.board('Plan'), 'Small', NULL, 'doing', 1)->'changed' AS changed;
SELECT collab.move_task(test.task('A'), test.list('Small'))->'changed' AS changed;
SELECT collab.archive_task(test.task('A'))->'changed' AS changed;
SELECT collab.move_task(test.task('B'), test.list('Small'))->'changed' AS changed;
SELECT test.try($$ SELECT collab.restore_task(test.task('A')) $$);
SELECT collab.move_task(test.task('B'), test.list('To do'))->'changed' AS changed;
SELECT test.try($$ SELECT collab.restore_task(test.task('A')) $$);
SELECT * FROM test.show();
-- A completed task stays completed in the archive, and comes back so.
SELECT collab.complete_task(test.task('A'))->'changed' AS changed;
SELECT completed_at AS before FROM collab.tasks WHERE title = 'A' \gset
SELECT collab.archive_task(test.task('A'))->'changed' AS changed;
SELECT test.try($$ SELECT collab.reopen_task(test.task('A')) $$);
SELECT collab.restore_task(test.task('A'))->'changed' AS changed;
SELECT completed_at = :'before' AS keeps_its_time, archived_at FROM collab.tasks WHERE title = 'A';
-- From an archived list nothing is restored.
SELECT collab.import_trello(test.workspace('Team'), '{"name": "Attic", "lists": [{"id": "b", "name": "Closed", "pos": 2, "closed": true}],
	"cards": [{"id": "k", "name": "Old", "idList": "b", "pos": 1, "closed": true}]}')->'imported' AS imported;
SELECT test.try($$ SELECT collab.restore_task(test.task('Old', 'Attic')) $$);
-- UNDO of each is the other.
SELECT collab.archive_task(test.task('B'))->'changed' AS changed;
SELECT jsonb_path_query_array(collab.undo(test.board('Plan')), '$.events[*].type');
SELECT collab.archive_task(test.task('B'))->'changed' AS changed;
SELECT collab.restore_task(test.task('B'))->'changed' AS changed;
SELECT jsonb_path_query_array(collab.undo(test.board('Plan')), '$.events[*].type');
SELECT * FROM test.show();
-- What is deleted comes back where it was, with what hung on it; deleted from the archive it comes back open.
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'D', assignees => ARRAY[3])->'changed' AS changed;
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'E')->'changed' AS changed;
SELECT collab.add_dependency(test.task('E'), test.task('D'))->'changed' AS changed;
SELECT collab.delete_task(test.task('D'))->'changed' AS changed;
SELECT title, blocked_by_title FROM collab.visible_dependencies;
SELECT * FROM test.show();
SELECT p - ARRAY['board_id', 'event', 'timestamp', 'task_id', 'list_id'] AS payload
	FROM jsonb_extract_path(collab.undo(test.board('Plan')), 'events', '0', 'payload') AS p;
SELECT title, assignees, "position" FROM collab.visible_tasks WHERE title = 'D';
SELECT title, blocked_by_title, is_open FROM collab.visible_dependencies;
SELECT collab.archive_task(test.task('D'))->'changed' AS changed;
SELECT collab.delete_task(test.task('D'))->'changed' AS changed;
SELECT jsonb_path_query_array(collab.undo(test.board('Plan')), '$.events[*].type');
SELECT archived_at, deleted_at FROM collab.tasks WHERE title = 'D';
SELECT * FROM test.show();
-- Refused
SELECT test.try($$ SELECT collab.archive_task(test.task('C'), version => 1) $$);
SELECT test.try($$ SELECT collab.restore_task('00000000-0000-0000-0000-000000000001') $$);
SET collab.user_id = '4';
SELECT test.try($$ SELECT collab.archive_task(test.task('C')) $$);
SET collab.user_id = '5';
SELECT test.try($$ SELECT collab.archive_task(test.task('C')) $$);
SELECT count(*) AS miscounted FROM collab.lists l WHERE task_count <>
	(SELECT count(*) FROM collab.tasks t WHERE t.list_id = l.id AND archived_at IS NULL AND deleted_at IS NULL);
SELECT * FROM collab.verify();
-- A task that comes back into a list that has become done is completed.
SET collab.user_id = '3';
SELECT collab.create_list(test.board('Plan'), 'Shipped')->'changed' AS created;
SELECT collab.create_task(list_id => test.list('Shipped'), title => t)->'changed' AS created FROM unnest(ARRAY['Kept', 'Removed']) AS t;
SELECT collab.archive_task(test.task('Kept'))->'changed' AS archived;
SELECT collab.delete_task(test.task('Removed'))->'changed' AS deleted;
SET collab.user_id = '2';
SELECT collab.update_list(test.list('Shipped'), '{"category": "done"}')->'changed' AS updated;
SELECT collab.restore_task(test.task('Kept'))#>'{events,0,payload}' ? 'completed_at' AS completed;
SET collab.user_id = '3';
SELECT collab.undo(test.board('Plan'))#>'{events,0,payload}' ? 'completed_at' AS completed;
SELECT title, completed_at IS NOT NULL AS is_completed FROM collab.tasks WHERE title IN ('Kept', 'Removed') ORDER BY title;
SELECT * FROM collab.verify();
