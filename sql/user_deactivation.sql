-- deactivate_user, reactivate_user: a deactivated user can do and see nothing, nothing is lost, and bridges are told.
\i test/fixtures/team.sql
SET collab.user_id = '1';
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'Task', assignees => '{3}')->'changed' AS changed;
-- psql prints notifications with the process id of their sender: here they go through a pipe that masks it.
LISTEN "collab:control";
\o | sed -E 's/process with PID [0-9]+/process/'
SELECT collab.deactivate_user(3) AS changed;
-- Again: nothing to do, nothing to tell.
SELECT collab.deactivate_user(3) AS changed;
SELECT collab.reactivate_user(3) AS changed;
SELECT collab.reactivate_user(3) AS changed;
-- What is rolled back is not told.
BEGIN;
SELECT collab.deactivate_user(3) AS changed;
ROLLBACK;
SELECT collab.deactivate_user(3) AS changed;
\o
UNLISTEN *;
-- Nothing works any more, whichever door he comes by.
SET collab.user_id = '3';
SELECT name, test.try(statement) AS outcome FROM (VALUES
	('a command', $$ SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'More') $$),
	('a workspace of his own', $$ SELECT collab.create_workspace('More') $$),
	('his personal one', $$ SELECT collab.execute('{"type": "CREATE_TASK", "payload": {"title": "Mine"}}') $$),
	('leaving', $$ SELECT collab.leave_membership(test.workspace('Team')) $$),
	('his own settings', $$ SELECT collab.execute('{"type": "SET_PREFERENCES", "payload": {"preferences": {}}}') $$),
	('the board', $$ SELECT collab.board_state(test.board('Plan')) $$),
	('its events', $$ SELECT collab.events_after(test.board('Plan')) $$),
	('the workspace', $$ SELECT collab.workspace_state(test.workspace('Team')) $$),
	('who is there', $$ SELECT collab.workspace_presence(test.workspace('Team')) $$),
	('who is on the board', $$ SELECT collab.board_presence(test.board('Plan')) $$),
	('his workspaces', $$ SELECT collab.my_workspaces() $$)) AS s (name, statement);
SELECT code, test.mask(body) AS body FROM collab.execute_batch('{3}', ARRAY[test.cid(1)],
	ARRAY[jsonb_build_object('type', 'UPDATE_TASK', 'payload', jsonb_build_object('task_id', test.task('Task'), 'updates', '{"title": "New"}'::jsonb))::text]);
SELECT code FROM collab.room_state(3, test.board('Plan'), 'full');
SELECT user_ids FROM collab.room_readers(test.board('Plan'));
SELECT collab.user_workspaces(3);
SELECT count(*) AS logs_in FROM collab.upsert_user('test', 'bob', 'Robert');
SELECT test.try($$ SELECT collab.connection_opened('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000b', 3) $$) AS connects;
-- The others still see who he is, what he did and what he has to do; and his name is kept current.
SET collab.user_id = '1';
SELECT m->>'username' AS username, m->>'role' AS role, m->>'online' AS online FROM jsonb_array_elements(collab.workspace_state(test.workspace('Team'))->'members') AS m;
SELECT assignees FROM collab.visible_tasks;
-- He is not added, invited or made an owner, but can be removed.
SELECT collab.create_workspace('Second')->'changed' AS changed;
SELECT test.try($$ SELECT collab.add_member(test.workspace('Second'), 3) $$);
SELECT test.try($$ SELECT collab.transfer_workspace(test.workspace('Team'), 3) $$);
BEGIN;
SELECT test.try($$ SELECT collab.remove_member(test.workspace('Team'), 3) $$);
ROLLBACK;
-- Active again, everything is as it was.
SELECT collab.reactivate_user(3) AS changed;
SET collab.user_id = '3';
SELECT collab.update_task(test.task('Task'), '{"title": "By Bob"}')->'changed' AS changed;
SELECT name, role FROM collab.visible_workspaces WHERE NOT personal;
SELECT count(*) AS logs_in FROM collab.upsert_user('test', 'bob', 'Bob');
-- One who was deactivated before everybody got a personal workspace has one now; a placeholder of an import gets none.
INSERT INTO collab.users (id, issuer, subject, name, handle, deactivated_at) VALUES (70, 'test', 'old', 'Old', 'old', now()), (71, 'trello', 'old', 'Older', 'older', now());
SELECT id, collab.reactivate_user(id) AS changed FROM generate_series(70, 71) AS id;
SELECT owner_id, name FROM collab.workspaces WHERE personal AND owner_id >= 70;
-- No such user
SELECT test.try('SELECT collab.deactivate_user(99)');
SELECT test.try('SELECT collab.reactivate_user(99)');
SELECT test.try('SELECT collab.deactivate_user(NULL)');
-- Whose role may: admin, and nobody below.
CREATE ROLE regress_user_deactivation;
GRANT USAGE ON SCHEMA test TO regress_user_deactivation;
CREATE FUNCTION test.may(level text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	outcome text;
BEGIN
	PERFORM collab.grant_access('regress_user_deactivation', level, 1);
	SET LOCAL ROLE regress_user_deactivation;
	BEGIN
		PERFORM collab.deactivate_user(4);
		outcome := 'ok';
	EXCEPTION WHEN insufficient_privilege THEN
		outcome := SQLERRM;
	END;
	RESET ROLE;
	RETURN outcome;
END
$$;
SELECT level, test.may(level) FROM unnest(ARRAY['reader', 'person', 'application', 'bridge', 'admin']) AS level;
SELECT collab.revoke_access('regress_user_deactivation');
DROP OWNED BY regress_user_deactivation;
DROP ROLE regress_user_deactivation;
SELECT * FROM collab.verify();
