-- CHANGE_ROLE, REMOVE_MEMBER, LEAVE_MEMBERSHIP: who may do what to whom, and that a workspace keeps an owner.
\i test/fixtures/team.sql
SELECT user_id FROM collab.upsert_user('test', 'olga', 'Olga');
SELECT user_id FROM collab.upsert_user('test', 'adam', 'Adam');
SET collab.user_id = '1';
SELECT collab.add_member(test.workspace('Team'), 6, 'owner')->'changed' AS olga_is_another_owner,
	collab.add_member(test.workspace('Team'), 7, 'admin')->'changed' AS adam_is_another_admin;
CREATE FUNCTION test.outcome(actor bigint, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	outcome text;
BEGIN
	PERFORM set_config('collab.user_id', actor::text, true);
	outcome := test.try(format(statement, test.workspace('Team')));
	IF outcome = 'ok' THEN
		RAISE EXCEPTION SQLSTATE 'XX999'; -- takes it back
	END IF;
	RETURN CASE left(outcome, 5) WHEN 'TB002' THEN 'not found' WHEN 'TB003' THEN 'forbidden' ELSE outcome END;
EXCEPTION WHEN SQLSTATE 'XX999' THEN
	RETURN 'ok';
END
$$;
-- Each actor (one of each role, and an outsider) against a member of each role.
SELECT actor.name AS actor, target.name AS target, test.outcome(actor.id, format('SELECT collab.remove_member(%%L, %s)', target.id)) AS removes,
	(SELECT string_agg(given || ' ' || test.outcome(actor.id, format('SELECT collab.change_role(%%L, %s, %L)', target.id, given)), ', ' ORDER BY given)
		FROM unnest(enum_range(NULL::collab.workspace_role)) AS given) AS gives
	FROM (VALUES (1, 'owner', 1), (2, 'admin', 2), (3, 'member', 3), (4, 'viewer', 4), (5, 'outsider', 5)) AS actor (n, name, id),
		(VALUES (1, 'owner', 6), (2, 'admin', 7), (3, 'member', 3), (4, 'viewer', 4)) AS target (n, name, id)
	ORDER BY actor.n, target.n;
SELECT actor.name AS actor, test.outcome(actor.id, 'SELECT collab.leave_membership(%L)') AS leaves,
	test.outcome(actor.id, format('SELECT collab.remove_member(%%L, %s)', actor.id)) AS removes_oneself
	FROM (VALUES (1, 'owner', 1), (2, 'admin', 2), (3, 'member', 3), (4, 'viewer', 4), (5, 'outsider', 5)) AS actor (n, name, id) ORDER BY actor.n;
-- The messages
SET collab.user_id = '2';
SELECT test.try($$ SELECT collab.change_role(test.workspace('Team'), 7, 'member') $$);
SELECT test.try($$ SELECT collab.change_role(test.workspace('Team'), 3, 'admin') $$);
SELECT test.try($$ SELECT collab.remove_member(test.workspace('Team'), 6) $$);
SELECT test.try($$ SELECT collab.remove_member(test.workspace('Team'), 5) $$);
SELECT test.try($$ SELECT collab.change_role(test.workspace('Team'), 99, 'member') $$);
SELECT test.try($$ SELECT collab.change_role(test.workspace('Team'), 3, NULL) $$);
-- What happens: the role counts from the next command on.
SELECT ack.* FROM collab.change_role(test.workspace('Team'), 4, 'member', test.cid(1)) AS a, test.ack(a) AS ack;
SELECT event_data FROM collab.events WHERE event_type = 'RoleChanged';
SELECT ack.* FROM collab.change_role(test.workspace('Team'), 4, 'member') AS a, test.ack(a) AS ack;
SELECT ack.* FROM collab.change_role(test.workspace('Team'), 4, 'member', test.cid(1)) AS a, test.ack(a) AS ack;
SET collab.user_id = '4';
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'By Vera', assignees => '{3}')->'changed' AS changed;
-- Removed: nothing is found any more; the assignment stays until somebody changes it, and cannot be made again.
SET collab.user_id = '2';
SELECT acl_version AS before FROM collab.aggregates WHERE id = test.workspace('Team') \gset
SELECT ack.* FROM collab.remove_member(test.workspace('Team'), 3, test.cid(2)) AS a, test.ack(a) AS ack;
SELECT event_data FROM collab.events WHERE event_type = 'MemberRemoved';
SELECT acl_version - :before AS rights_changed FROM collab.aggregates WHERE id = test.workspace('Team');
SELECT ack.* FROM collab.remove_member(test.workspace('Team'), 3, test.cid(2)) AS a, test.ack(a) AS ack;
SELECT test.try($$ SELECT collab.remove_member(test.workspace('Team'), 3) $$);
SELECT user_ids FROM collab.room_readers(test.board('Plan'));
SELECT user_id FROM collab.task_assignees WHERE task_id = test.task('By Vera');
SELECT test.try($$ SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'For Bob', assignees => '{3}') $$);
SET collab.user_id = '3';
SELECT test.try($$ SELECT collab.board_state(test.board('Plan')) $$);
SELECT test.try($$ SELECT collab.leave_membership(test.workspace('Team')) $$);
SELECT name FROM collab.visible_workspaces;
-- A resent LEAVE_MEMBERSHIP gets its first answer, although the right is gone with it.
SET collab.user_id = '4';
SELECT ack.* FROM collab.leave_membership(test.workspace('Team'), test.cid(3)) AS a, test.ack(a) AS ack;
SELECT ack.* FROM collab.leave_membership(test.workspace('Team'), test.cid(3)) AS a, test.ack(a) AS ack;
SELECT test.try($$ SELECT collab.leave_membership(test.workspace('Team')) $$);
-- When the owner goes, the longest-standing other owner owns the workspace.
SET collab.user_id = '1';
SELECT collab.change_role(test.workspace('Team'), 7, 'owner')->'changed' AS changed;
SELECT ack.* FROM collab.leave_membership(test.workspace('Team')) AS a, test.ack(a) AS ack;
SELECT event_data FROM collab.events WHERE event_type = 'MemberRemoved' ORDER BY version DESC LIMIT 1;
SELECT owner_id FROM collab.workspaces WHERE id = test.workspace('Team');
-- The same when he becomes something else.
SET collab.user_id = '6';
SELECT collab.change_role(test.workspace('Team'), 6, 'viewer')->'changed' AS changed;
SELECT event_data FROM collab.events WHERE event_type = 'RoleChanged' ORDER BY version DESC LIMIT 1;
SELECT owner_id FROM collab.workspaces WHERE id = test.workspace('Team');
-- The last owner stays.
SET collab.user_id = '7';
SELECT test.try($$ SELECT collab.leave_membership(test.workspace('Team')) $$);
SELECT test.try($$ SELECT collab.remove_member(test.workspace('Team'), 7) $$);
SELECT test.try($$ SELECT collab.change_role(test.workspace('Team'), 7, 'admin') $$);
SELECT collab.change_role(test.workspace('Team'), 7, 'owner')->'changed' AS changed;
-- An owner who cannot act is none: deactivated, or a placeholder of an import.
SELECT collab.change_role(test.workspace('Team'), 6, 'owner')->'changed' AS changed;
UPDATE collab.users SET deactivated_at = now() WHERE id = 6;
SELECT collab.put_user('trello', 't1', 'Placeholder', NULL, NULL) AS placeholder \gset
SELECT collab.add_member(test.workspace('Team'), :placeholder, 'owner')->'changed' AS changed;
SELECT test.try($$ SELECT collab.leave_membership(test.workspace('Team')) $$);
SELECT test.try(format('SELECT collab.transfer_workspace(test.workspace(%L), %s)', 'Team', :placeholder));
SELECT collab.remove_member(test.workspace('Team'), 6)->'changed' AS a_deactivated_owner_can_go;
SELECT user_id, role FROM collab.members WHERE workspace_id = test.workspace('Team') ORDER BY user_id;
SELECT version, event_type, user_id, acl_version FROM test.log(test.workspace('Team'));
SELECT * FROM collab.verify();
