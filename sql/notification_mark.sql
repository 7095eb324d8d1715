-- Reading notifications, marking them as read and delivered, preferences.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), 'T' || n, assignees => ARRAY[4])) FROM generate_series(1, 5) AS n;
-- A page as its reader sees it, without ids and times
CREATE FUNCTION test.page(page jsonb) RETURNS TABLE (id text, type text, said text, delivered boolean, read boolean) LANGUAGE sql AS $$
	SELECT n->>'id', n->>'type', n->>'text', n->>'delivered_at' IS NOT NULL, n->>'read_at' IS NOT NULL FROM jsonb_array_elements(page->'notifications') AS n
$$;
SET collab.user_id = '4';
SELECT * FROM test.page(collab.notifications());
SELECT collab.notifications() - 'notifications' AS rest;
SELECT * FROM test.page(collab.notifications(max => 2));
SELECT collab.notifications(max => 2) - 'notifications' AS rest, collab.notifications(5, 2) - 'notifications' AS rest_of_the_second;
SELECT * FROM test.page(collab.notifications(before => 5, max => 2));
SELECT jsonb_object_keys(collab.notifications(max => 1)->'notifications'->0);
SELECT collab.notifications(before => 1);
SELECT test.try('SELECT collab.notifications(max => 0)'), test.try('SELECT collab.notifications(max => 501)'), test.try('SELECT collab.notifications(max => NULL)');
-- Read: by ids, by all up to one; nobody marks another's
SELECT collab.mark_read(ARRAY[5, 6]);
SELECT collab.mark_read(ARRAY[5, 6]);
SELECT collab.mark_read(ARRAY[]::bigint[]);
SELECT * FROM test.page(collab.notifications());
SET collab.user_id = '3';
SELECT collab.mark_read(ARRAY[4])->'changed' AS changed, collab.mark_read(before => 8)->'result' AS own_only;
SET collab.user_id = '4';
SELECT collab.mark_read(before => 4)->'result' AS result;
SELECT collab.mark_read(before => 9223372036854775807)->'result' AS result;
SELECT collab.notifications()->'unread_count' AS unread;
SELECT test.try('SELECT collab.mark_read()'), test.try('SELECT collab.mark_read(ARRAY[1], 1)'), test.try('SELECT collab.mark_read(before => 0)'),
	test.try('SELECT collab.mark_read(ARRAY(SELECT generate_series(1, 101)))');
SELECT test.try($$ SELECT collab.execute('{"type": "MARK_READ", "payload": {"ids": ["x"]}}') $$), test.try($$ SELECT collab.execute('{"type": "MARK_READ", "payload": {"ids": 7}}') $$);
-- What a bridge says and gets
RESET collab.user_id;
UPDATE collab.notifications SET delivered_at = NULL WHERE user_id = 4 AND id < 6;
SELECT id, body::jsonb->>'text' AS said FROM collab.user_notifications(4, undelivered => true);
SELECT id, body::jsonb->>'text' AS said FROM collab.user_notifications(4, true, max => 2);
SELECT id FROM collab.user_notifications(4);
SELECT collab.mark_delivered(4, ARRAY[3, 4, 99]), collab.mark_delivered(4, ARRAY[3, 4]), collab.mark_delivered(3, ARRAY[5]), collab.mark_delivered(4, NULL);
SELECT id FROM collab.user_notifications(4, true);
SELECT collab.unread_count(4), collab.unread_count(3), collab.unread_count(99);
SELECT kind, code, body::jsonb - 'command_id' AS body FROM collab.execute_batch('{2}', ARRAY[test.cid(1)], ARRAY['{"type": "MARK_READ", "payload": {"before": 100}}']);
-- Preferences
SET collab.user_id = '4';
SELECT collab.notification_preferences();
SELECT collab.set_preferences('{"assigned": false, "due_soon": true}');
SELECT collab.set_preferences('{"assigned": false, "due_soon": true}')->'changed' AS changed;
SELECT collab.notification_preferences();
SELECT collab.set_preferences('{"assigned": true}')->'changed' AS changed;
SELECT collab.set_preferences('{}')->'changed' AS changed;
SELECT test.try($$ SELECT collab.set_preferences('{"assigned": false, "weather": true}') $$);
SELECT test.try($$ SELECT collab.set_preferences('{"assigned": "no"}') $$), test.try($$ SELECT collab.set_preferences('[]') $$);
SELECT collab.notification_preferences()->'assigned' AS unharmed;
-- Nobody who is not somebody
RESET collab.user_id;
SELECT test.try('SELECT collab.notifications()'), test.try('SELECT collab.mark_read(before => 1)');
UPDATE collab.users SET deactivated_at = now() WHERE id = 4;
SET collab.user_id = '4';
SELECT test.try('SELECT collab.notifications()'), test.try('SELECT collab.mark_read(before => 1)'), test.try('SELECT collab.notification_preferences()');
-- Announced at commit on the workspace's channel, with the addressee; of what is taken back nothing.
SET collab.user_id = '1';
SELECT 'collab:workspace:' || test.workspace('Team') AS channel \gset
LISTEN :"channel";
\o | sed -E 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/<id>/g; s/process with PID [0-9]+/process/'
SELECT collab.add_comment(test.task('T1'), 'for @carol and @bob')->'version' AS version;
BEGIN;
SELECT collab.add_comment(test.task('T1'), 'first @carol')->'version' AS version;
SAVEPOINT s;
SELECT collab.add_comment(test.task('T1'), 'lost @carol')->'version' AS version;
ROLLBACK TO SAVEPOINT s;
SELECT collab.add_comment(test.task('T1'), 'last @carol')->'version' AS version;
COMMIT;
SELECT collab.add_member(test.workspace('Team'), 5)->'changed' AS changed;
\o
SELECT user_id, count(*) FROM collab.notifications WHERE type IN ('mentioned', 'commented') GROUP BY user_id ORDER BY user_id;
