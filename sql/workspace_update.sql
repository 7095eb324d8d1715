-- UPDATE_WORKSPACE, DELETE_WORKSPACE, TRANSFER_WORKSPACE.
\i test/fixtures/team.sql
CREATE FUNCTION test.as_user(actor bigint, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('collab.user_id', actor::text, true);
	RETURN test.try(statement);
END
$$;
SET collab.user_id = '1';
-- Update: only what really changes is in the event; what it was stays in the log.
SELECT ack.* FROM collab.update_workspace(test.workspace('Team'), '{"name": " The team ", "description": "What we do"}', test.cid(1)) AS a, test.ack(a) AS ack;
SELECT payload - ARRAY['event', 'timestamp', 'workspace_id', 'command_id'] AS payload FROM collab.update_workspace(test.workspace('The team'), '{"name": "Team", "description": "What we do"}') AS a,
	jsonb_path_query(a, '$.events[*].payload') AS payload;
SELECT event_data FROM collab.events WHERE event_type = 'WorkspaceUpdated' ORDER BY version;
SELECT name, description, version, entity_version FROM collab.workspaces WHERE id = test.workspace('Team');
-- The same again, null, and fields nobody knows: nothing changes.
SELECT ack.* FROM collab.update_workspace(test.workspace('Team'), '{"name": "Team"}') AS a, test.ack(a) AS ack;
SELECT ack.* FROM collab.update_workspace(test.workspace('Team'), '{"name": null, "description": null}') AS a, test.ack(a) AS ack;
SELECT collab.update_workspace(test.workspace('Team'), '{"description": ""}')->'version' AS version;
SELECT test.try($$ SELECT collab.update_workspace(test.workspace('Team'), '{"owner_id": 3}') $$);
SELECT test.try($$ SELECT collab.update_workspace(test.workspace('Team'), '{"name": ""}') $$);
SELECT test.try($$ SELECT collab.update_workspace(test.workspace('Team'), jsonb_build_object('name', repeat('x', 101))) $$);
SELECT test.try($$ SELECT collab.update_workspace(test.workspace('Team'), jsonb_build_object('description', repeat('x', 65537))) $$);
-- A version from before the last change of the workspace itself is a conflict; members who came since are none.
SELECT version AS seen FROM collab.workspaces WHERE id = test.workspace('Team') \gset
SELECT collab.remove_member(test.workspace('Team'), 4)->'changed' AS changed;
SELECT collab.update_workspace(test.workspace('Team'), '{"description": "New"}', version => :seen)->'changed' AS changed;
SELECT test.try(format($$ SELECT collab.update_workspace(test.workspace('Team'), '{"name": "Newer"}', version => %s) $$, :seen));
-- Resent
SELECT ack.* FROM collab.update_workspace(test.workspace('Team'), '{"name": " The team ", "description": "What we do"}', test.cid(1)) AS a, test.ack(a) AS ack;
-- Who may
SELECT actor, test.as_user(actor, $$ SELECT collab.update_workspace(test.workspace('Team'), '{"name": "Team"}') $$) AS updates,
	test.as_user(actor, $$ SELECT collab.transfer_workspace(test.workspace('Team'), 1) $$) AS transfers
	FROM generate_series(1, 5) AS actor;
-- Transfer: the member becomes the owner, the actor an admin.
SELECT test.try($$ SELECT collab.transfer_workspace(test.workspace('Team'), 5) $$);
SELECT test.try($$ SELECT collab.transfer_workspace(test.workspace('Team'), 99) $$);
SELECT ack.* FROM collab.transfer_workspace(test.workspace('Team'), 1) AS a, test.ack(a) AS ack;
SELECT ack.* FROM collab.transfer_workspace(test.workspace('Team'), 3, test.cid(2)) AS a, test.ack(a) AS ack;
SELECT event_data FROM collab.events WHERE event_type = 'WorkspaceTransferred';
SELECT owner_id FROM collab.workspaces WHERE id = test.workspace('Team');
SELECT user_id, username, role FROM collab.visible_members WHERE workspace_id = test.workspace('Team') ORDER BY user_id;
SELECT ack.* FROM collab.transfer_workspace(test.workspace('Team'), 3, test.cid(2)) AS a, test.ack(a) AS ack;
SELECT test.try($$ SELECT collab.transfer_workspace(test.workspace('Team'), 2) $$);
-- To another owner: the one who gives it becomes an admin all the same.
SET collab.user_id = '3';
SELECT collab.change_role(test.workspace('Team'), 2, 'owner')->'changed' AS changed;
SELECT collab.transfer_workspace(test.workspace('Team'), 2)->'changed' AS changed;
SELECT user_id, role FROM collab.visible_members WHERE workspace_id = test.workspace('Team') ORDER BY user_id;
-- Not to somebody who cannot act.
SET collab.user_id = '2';
UPDATE collab.users SET deactivated_at = now() WHERE id = 3;
SELECT test.try($$ SELECT collab.transfer_workspace(test.workspace('Team'), 3) $$);
UPDATE collab.users SET deactivated_at = NULL WHERE id = 3;
-- Delete: only an owner; then it is nowhere, for nobody.
SELECT actor, test.as_user(actor, $$ SELECT collab.delete_workspace(test.workspace('Team')) $$) AS deletes FROM unnest(ARRAY[1, 3, 4, 5]) AS actor;
SELECT collab.create_invite(test.workspace('Team'))->'result'->>'token' AS token \gset
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'Task')->'changed' AS changed;
SELECT ack.* FROM collab.delete_workspace(test.workspace('Team'), test.cid(3)) AS a, test.ack(a) AS ack;
SELECT ack.* FROM collab.delete_workspace(test.workspace('Team'), test.cid(3)) AS a, test.ack(a) AS ack;
SELECT event_data FROM collab.events WHERE event_type = 'WorkspaceDeleted';
SELECT deleted_at IS NOT NULL AS is_deleted, (SELECT count(*) FROM collab.members m WHERE m.workspace_id = w.id) AS members FROM collab.workspaces w WHERE name = 'Team';
SELECT name FROM collab.visible_workspaces;
SELECT count(*) FROM collab.visible_boards WHERE name = 'Plan';
SELECT jsonb_path_query_array(collab.my_workspaces(), '$[*].name') AS mine;
SELECT number, actor, test.as_user(actor, statement) AS outcome FROM unnest(ARRAY[1, 2]) AS actor, (VALUES
	(1, $$ SELECT collab.board_state(test.board('Plan')) $$), (2, $$ SELECT collab.workspace_state(test.workspace('Team')) $$),
	(3, $$ SELECT collab.update_task(test.task('Task'), '{"title": "Still here"}') $$), (4, $$ SELECT collab.create_board(test.workspace('Team'), 'More') $$),
	(5, $$ SELECT collab.add_member(test.workspace('Team'), 5) $$), (6, $$ SELECT collab.delete_workspace(test.workspace('Team')) $$),
	(7, $$ SELECT collab.execute(jsonb_build_object('type', 'CREATE_TASK', 'payload', jsonb_build_object('workspace_id', test.workspace('Team'), 'title', 'New'))) $$)) AS s (number, statement)
	ORDER BY 1, 2;
SELECT code FROM collab.room_state(2, test.board('Plan'), 'full');
-- Nobody joins it any more.
SET collab.user_id = '5';
SELECT test.try(format('SELECT collab.join_by_invite(%L)', :'token'));
-- A personal workspace stays with its user; its name may change.
SET collab.user_id = '1';
SELECT id AS personal FROM collab.visible_workspaces WHERE personal \gset
SELECT test.try(format('SELECT collab.delete_workspace(%L)', :'personal'));
SELECT test.try(format('SELECT collab.leave_membership(%L)', :'personal'));
SELECT test.try(format('SELECT collab.transfer_workspace(%L, 2)', :'personal'));
SELECT collab.update_workspace(:'personal', '{"name": "My own"}')->'changed' AS changed;
SELECT collab.add_member(:'personal', 2, 'owner')->'changed' AS changed;
SELECT test.as_user(2, format($$ SELECT collab.change_role(%L, 1, 'member') $$, :'personal')) AS demotes, test.as_user(2, format('SELECT collab.remove_member(%L, 1)', :'personal')) AS removes,
	test.as_user(2, format('SELECT collab.transfer_workspace(%L, 2)', :'personal')) AS transfers, test.as_user(2, format('SELECT collab.delete_workspace(%L)', :'personal')) AS deletes;
SELECT test.as_user(2, format('SELECT collab.leave_membership(%L)', :'personal')) AS guest_leaves;
SELECT * FROM collab.verify();
