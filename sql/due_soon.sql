-- collab.due_soon: one notification for each due date that comes near, however often it is called.
\i test/fixtures/team.sql
DELETE FROM collab.notifications;
SET collab.user_id = '3';
-- Times are near now: what is shown of them is the date alone.
CREATE FUNCTION test.told() RETURNS TABLE (who text, type text, said text, actor bigint, task text, cause text) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY SELECT u.handle::text, n.type::text, regexp_replace(n.text, '\d{4}-\d\d-\d\d at \d\d:\d\d', '<time>'), n.actor_id, t.title, test.mask(regexp_replace(n.cause, 'T[0-9:.]+Z|\d{4}-\d\d-\d\d', '', 'g'))
		FROM collab.notifications n JOIN collab.users u ON u.id = n.user_id JOIN collab.tasks t ON t.board_id = n.board_id AND t.id = n.task_id
		WHERE n.delivered_at IS NULL AND n.type = 'due_soon' ORDER BY n.text, u.handle;
	UPDATE collab.notifications SET delivered_at = now() WHERE delivered_at IS NULL;
END
$$;
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), title, due_date => now() + due, assignees => who)) FROM (VALUES
	('In an hour', interval '1 hour', ARRAY[3, 4]), ('In a day', '24 hours', ARRAY[4]), ('In two days', '2 days', ARRAY[4]), ('An hour ago', '-1 hour', ARRAY[4]),
	('Nobody''s', '1 hour', ARRAY[]::bigint[]), ('Done', '1 hour', ARRAY[4]), ('Archived', '1 hour', ARRAY[4]), ('Deleted', '1 hour', ARRAY[4]), ('Hidden', '1 hour', ARRAY[4])) AS t (title, due, who);
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), 'Never', assignees => ARRAY[4]));
SELECT count(collab.complete_task(test.task('Done')));
SELECT count(collab.archive_task(test.task('Archived')));
SELECT count(collab.delete_task(test.task('Deleted')));
SELECT count(collab.create_list(test.board('Plan'), 'Cellar'));
SELECT count(collab.move_task(test.task('Hidden'), test.list('Cellar')));
SELECT count(collab.archive_list(test.list('Cellar')));
-- Items of checklists, too
SELECT count(collab.create_checklist(test.task(task), task)) FROM unnest(ARRAY['Never', 'Done']) AS task;
SELECT count(collab.add_checklist_item(c.id, item, due_date => now() + due, assigned_to => who)) FROM collab.checklists c, (VALUES
	('Buy paint', interval '1 hour', 4), ('Buy a brush', '2 days', 4), ('Checked', '1 hour', 4), ('Nobody''s', '1 hour', NULL)) AS i (item, due, who);
SELECT count(collab.check_item(id, true)) FROM collab.checklist_items WHERE text = 'Checked';
-- Once, and not again
SELECT collab.due_soon();
SELECT * FROM test.told();
SELECT collab.due_soon();
SELECT collab.due_soon('3 days');
SELECT * FROM test.told();
-- A new date is a new cause; the old one again is not
SELECT due_date AS old FROM collab.tasks WHERE id = test.task('In an hour') \gset
SELECT count(collab.update_task(test.task('In an hour'), jsonb_build_object('due_date', now() + interval '2 hours')));
SELECT collab.due_soon();
SELECT count(collab.update_task(test.task('In an hour'), jsonb_build_object('due_date', :'old'::timestamptz)));
SELECT collab.due_soon();
SELECT * FROM test.told();
-- In any time zone the cause is the same
SET timezone = 'Asia/Tokyo';
SELECT collab.due_soon('3 days');
RESET timezone;
-- Who does not want it, does not see the board, or is gone is not told; nor is anybody of an archived board
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), 'Soon', due_date => now() + interval '1 hour', assignees => ARRAY[2, 3, 4]));
SET collab.user_id = '4';
SELECT collab.set_preferences('{"due_soon": false}')->'changed' AS changed;
SET collab.user_id = '1';
SELECT count(collab.update_board(test.board('Plan'), '{"visibility": "private"}'));
SELECT collab.due_soon();
SELECT * FROM test.told();
SELECT count(collab.update_board(test.board('Plan'), '{"visibility": "workspace"}'));
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), 'Later', due_date => now() + interval '1 hour', assignees => ARRAY[3]));
UPDATE collab.users SET deactivated_at = now() WHERE id = 3;
SELECT collab.due_soon();
UPDATE collab.users SET deactivated_at = NULL WHERE id = 3;
SELECT count(collab.archive_board(test.board('Plan')));
SELECT collab.due_soon();
SELECT count(collab.restore_board(test.board('Plan')));
SELECT collab.due_soon();
SELECT * FROM test.told();
-- Refused
SELECT test.try('SELECT collab.due_soon(NULL)'), test.try($$ SELECT collab.due_soon('0') $$), test.try($$ SELECT collab.due_soon('-1 hour') $$);
-- Announced as every notification is
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), 'Last', due_date => now() + interval '1 hour', assignees => ARRAY[2]));
SELECT 'collab:workspace:' || test.workspace('Team') AS channel \gset
LISTEN :"channel";
\o | sed -E 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/<id>/g; s/process with PID [0-9]+/process/; s/(notification_id.: )[0-9]+/\1<n>/'
SELECT collab.due_soon();
SELECT collab.due_soon();
\o
