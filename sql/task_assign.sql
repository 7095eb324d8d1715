-- ASSIGN_TASK, UNASSIGN_TASK, and who may be assigned at all.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'A')->'changed' AS changed;
SELECT p - ARRAY['board_id', 'event', 'timestamp', 'task_id'] AS payload, p->>'task_id' = test.task('A')::text AS task
	FROM jsonb_extract_path(collab.assign_task(test.task('A'), 2), 'events', '0', 'payload') AS p;
SELECT collab.assign_task(test.task('A'), 3)->'events'->0->'payload'->'assignees' AS assignees;
-- Who sees the board can be assigned, a viewer too.
SELECT collab.assign_task(test.task('A'), 4)->'events'->0->'payload'->'assignees' AS assignees;
SELECT collab.assign_task(test.task('A'), 2)->'changed' AS changed;
SELECT p - ARRAY['board_id', 'event', 'timestamp', 'task_id'] AS payload
	FROM jsonb_extract_path(collab.unassign_task(test.task('A'), 2), 'events', '0', 'payload') AS p;
SELECT collab.unassign_task(test.task('A'), 2)->'changed' AS changed;
SELECT user_id, ordinal FROM collab.task_assignees ORDER BY ordinal;
SELECT assignees FROM collab.visible_tasks WHERE title = 'A';
-- Who does not is refused, whoever he is.
SELECT test.try($$ SELECT collab.assign_task(test.task('A'), 5) $$);
SELECT test.try($$ SELECT collab.assign_task(test.task('A'), 999) $$);
SELECT test.try($$ SELECT collab.assign_task(test.task('A'), 0) $$);
SELECT test.try($$ SELECT collab.update_task(test.task('A'), '{"assignees": [3, 5]}') $$);
SELECT test.try($$ SELECT collab.update_task(test.task('A'), '{"assigned_to": 5}') $$);
SELECT test.try($$ SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'B', assignees => ARRAY[5]) $$);
-- A private board is seen by its members, and by admins and owners.
SET collab.user_id = '1';
SELECT collab.create_board(test.workspace('Team'), 'Secret', visibility => 'private')->'changed' AS changed;
SELECT collab.create_task(test.board('Secret'), title => 'S', assignees => ARRAY[1, 2])->'changed' AS changed;
SELECT test.try($$ SELECT collab.assign_task(test.task('S', 'Secret'), 3) $$);
SELECT test.try($$ SELECT collab.update_task(test.task('S', 'Secret'), '{"assignees": [1, 3]}') $$);
SELECT test.try($$ SELECT collab.create_task(test.board('Secret'), title => 'T', assignees => ARRAY[3]) $$);
SELECT collab.unassign_task(test.task('S', 'Secret'), 2)->'changed' AS changed;
SELECT assignees FROM collab.visible_tasks WHERE title = 'S';
-- Who is assigned already may stay, though he has left or was never there.
SELECT collab.remove_member(test.workspace('Team'), 4)->'changed' AS changed;
SELECT collab.update_task(test.task('A'), '{"assignees": [4, 3]}')->'events'->0->'payload'->'updates' AS updates;
SELECT collab.assign_task(test.task('A'), 4)->'changed' AS changed;
SELECT collab.assign_task(test.task('A'), 1)->'events'->0->'payload'->'assignees' AS assignees;
SELECT collab.unassign_task(test.task('A'), 4)->'events'->0->'payload'->'assignees' AS assignees;
SELECT test.try($$ SELECT collab.assign_task(test.task('A'), 4) $$);
-- UNDO, which holds to the same rule
SELECT test.try($$ SELECT collab.undo(test.board('Plan')) $$);
SET collab.user_id = '3';
SELECT collab.unassign_task(test.task('A'), 1)->'changed' AS changed;
SELECT jsonb_path_query_array(collab.undo(test.board('Plan')), '$.events[*].payload.assignees');
SELECT collab.update_task(test.task('A'), '{"assignees": []}')->'changed' AS changed;
SELECT event_data->'before' AS before FROM collab.events WHERE event_type = 'TaskUpdated' ORDER BY id DESC LIMIT 1;
SELECT jsonb_path_query_array(collab.undo(test.board('Plan')), '$.events[*].payload.updates');
-- Not more than a hundred
DO $$
BEGIN
	FOR number IN 1 .. 101 LOOP
		PERFORM collab.upsert_user('many', number::text, 'Many ' || number);
	END LOOP;
END
$$;
SET collab.user_id = '1';
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'Crowd')->'changed' AS changed;
INSERT INTO collab.task_assignees SELECT test.board('Plan'), test.task('Crowd'), 5 + n, n FROM generate_series(1, 100) AS n;
SELECT test.try($$ SELECT collab.assign_task(test.task('Crowd'), 2) $$);
DELETE FROM collab.task_assignees WHERE task_id = test.task('Crowd');
-- Its version changes, and versions and roles are looked at.
SELECT t.version = b.version AS has_version FROM collab.tasks t JOIN collab.boards b ON b.id = t.board_id WHERE t.title = 'Crowd';
SELECT collab.assign_task(test.task('Crowd'), 2)->'changed' AS changed;
SELECT t.version = b.version AS has_version FROM collab.tasks t JOIN collab.boards b ON b.id = t.board_id WHERE t.title = 'Crowd';
SELECT test.try($$ SELECT collab.assign_task(test.task('Crowd'), 1, version => 5) $$);
SELECT collab.add_member(test.workspace('Team'), 4, 'viewer')->'changed' AS changed;
SELECT collab.deactivate_user(4);
SELECT test.try($$ SELECT collab.assign_task(test.task('A'), 4) $$) AS deactivated;
SELECT collab.reactivate_user(4);
SET collab.user_id = '4';
SELECT test.try($$ SELECT collab.assign_task(test.task('A'), 4) $$);
SET collab.user_id = '5';
SELECT test.try($$ SELECT collab.unassign_task(test.task('A'), 3) $$);
SELECT * FROM collab.verify();
