-- Notifications: who is told of what, and who is not.
\i test/fixtures/team.sql
-- What everybody was told since the last look, without ids; marks all of it.
CREATE FUNCTION test.told() RETURNS TABLE (who text, type text, said text, board boolean, task boolean, comment boolean) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY SELECT u.handle::text, n.type::text, n.text, n.board_id IS NOT NULL, n.task_id IS NOT NULL, n.comment_id IS NOT NULL
		FROM collab.notifications n JOIN collab.users u ON u.id = n.user_id WHERE n.delivered_at IS NULL ORDER BY n.id;
	UPDATE collab.notifications SET delivered_at = now() WHERE delivered_at IS NULL;
END
$$;
CREATE FUNCTION test.comment(wanted text) RETURNS uuid LANGUAGE sql AS $$
	SELECT id FROM collab.comments WHERE text = wanted AND deleted_at IS NULL
$$;
-- Being added to a workspace (by the fixture); nobody is told of what they do themselves
SELECT * FROM test.told();
-- Assigned: by creating, assigning, updating; only who was not before
SET collab.user_id = '3';
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), 'Fix the door', assignees => ARRAY[3, 4]));
SELECT * FROM test.told();
SELECT count(collab.assign_task(test.task('Fix the door'), 1));
SELECT count(collab.assign_task(test.task('Fix the door'), 1));
SELECT * FROM test.told();
SELECT count(collab.update_task(test.task('Fix the door'), '{"assignees": [1, 2, 4]}'));
SELECT * FROM test.told();
SELECT count(collab.update_task(test.task('Fix the door'), '{"title": "Fix the red door", "assignees": [4, 2]}'));
SELECT count(collab.update_task(test.task('Fix the red door'), '{"title": "Fix the door"}'));
SELECT count(collab.unassign_task(test.task('Fix the door'), 4));
SELECT * FROM test.told();
-- Commented: assignees, the creator and who commented before; a mention weighs more
SET collab.user_id = '1';
SELECT count(collab.add_comment(test.task('Fix the door'), 'Who has the key?'));
SELECT * FROM test.told();
SET collab.user_id = '2';
SELECT count(collab.add_comment(test.task('Fix the door'), 'Ask @vera and @bob, @carol'));
SELECT * FROM test.told();
-- Editing tells only who is mentioned and was not before
SELECT count(collab.update_comment(test.comment('Ask @vera and @bob, @carol'), 'Ask @vera, @alice and @bob'));
SELECT * FROM test.told();
SELECT count(collab.update_comment(test.comment('Ask @vera, @alice and @bob'), 'Never mind'));
SELECT count(collab.delete_comment(test.comment('Never mind')));
SELECT * FROM test.told();
-- Completed: assignees and the creator; however it comes
SET collab.user_id = '1';
SELECT count(collab.complete_task(test.task('Fix the door')));
SELECT * FROM test.told();
SELECT count(collab.reopen_task(test.task('Fix the door')));
SELECT count(collab.move_task(test.task('Fix the door'), test.list('In progress')));
SELECT * FROM test.told();
SELECT count(collab.move_task(test.task('Fix the door'), test.list('Done')));
SELECT * FROM test.told();
SELECT count(collab.update_task(test.task('Fix the door'), '{"status": "todo"}'));
SELECT count(collab.update_task(test.task('Fix the door'), '{"status": "done", "assignees": [2, 4]}'));
SELECT * FROM test.told();
SELECT count(collab.move_task(test.task('Fix the door'), test.list('Done'), 0));
SELECT * FROM test.told();
-- Roles and ownership
SELECT count(collab.change_role(test.workspace('Team'), 3, 'admin'));
SELECT count(collab.transfer_workspace(test.workspace('Team'), 2));
SELECT * FROM test.told();
SET collab.user_id = '2';
SELECT count(collab.change_role(test.workspace('Team'), 3, 'member'));
SELECT count(collab.transfer_workspace(test.workspace('Team'), 1));
SELECT * FROM test.told();
-- Only who sees the board: not on a private one, not the deactivated, not who left
SET collab.user_id = '1';
SELECT count(collab.unassign_task(test.task('Fix the door'), 4));
SELECT count(collab.update_board(test.board('Plan'), '{"visibility": "private"}'));
SELECT user_id FROM collab.board_readers WHERE board_id = test.board('Plan') ORDER BY user_id;
SELECT count(collab.add_comment(test.task('Fix the door'), 'Secret'));
SELECT * FROM test.told();
SELECT count(collab.update_board(test.board('Plan'), '{"visibility": "workspace"}'));
UPDATE collab.users SET deactivated_at = now() WHERE id = 4;
SELECT count(collab.remove_member(test.workspace('Team'), 3));
SELECT * FROM test.told();
SELECT count(collab.add_comment(test.task('Fix the door'), 'Anybody there? @bob @vera'));
SELECT * FROM test.told();
UPDATE collab.users SET deactivated_at = NULL WHERE id = 4;
SELECT count(collab.add_member(test.workspace('Team'), 3));
SELECT * FROM test.told();
-- Only what they want to hear; the next reason counts then
SET collab.user_id = '3';
SELECT collab.set_preferences('{"mentioned": false, "completed": false}')->'result';
SET collab.user_id = '1';
SELECT count(collab.add_comment(test.task('Fix the door'), '@bob?'));
SELECT count(collab.reopen_task(test.task('Fix the door')));
SELECT count(collab.complete_task(test.task('Fix the door')));
SELECT * FROM test.told();
SET collab.user_id = '3';
SELECT collab.set_preferences('{"mentioned": true, "commented": false}')->'result'->'preferences'->'mentioned';
SET collab.user_id = '1';
SELECT count(collab.add_comment(test.task('Fix the door'), 'Hello @bob'));
SELECT count(collab.add_comment(test.task('Fix the door'), 'Hello'));
SELECT * FROM test.told();
-- What is taken back was told nobody
BEGIN;
SELECT count(collab.add_comment(test.task('Fix the door'), 'Hello @bob'));
ROLLBACK;
SELECT * FROM test.told();
-- A resent command, a rebuild, an import tell nobody
SELECT count(collab.add_comment(test.task('Fix the door'), 'Once @bob', command_id => test.cid(1)));
SELECT count(collab.add_comment(test.task('Fix the door'), 'Once @bob', command_id => test.cid(1)));
SELECT count(*) FROM test.told();
SELECT collab.rebuild_all() > 0 AS rebuilt;
SELECT * FROM collab.verify();
SELECT * FROM test.told();
