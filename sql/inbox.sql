-- Notifications on their way: what a bridge asks for the users connected to it, and what it notes afterwards.
\i test/fixtures/team.sql
SELECT test.workspace('Team') AS team, test.board('Plan') AS plan, test.list('To do') AS list \gset
UPDATE collab.notifications SET delivered_at = now() - interval '1 hour', read_at = now();
SET collab.user_id = '1';
SELECT collab.create_task(:'plan', :'list', 'T', assignees => '{2,3}')->'changed' AS changed;
SELECT id AS first FROM collab.notifications WHERE user_id = 2 AND delivered_at IS NULL \gset
CREATE FUNCTION test.inbox(users bigint[], floors bigint[], ids bigint[]) RETURNS TABLE (user_id bigint, unread int, is_newest boolean, said text)
	LANGUAGE sql AS $$ SELECT i.user_id, unread_count, i.newest = i.id, body::json->>'text' FROM collab.inbox(users, floors, ids) i $$;
-- Each user's own; one row where there is nothing.
SELECT * FROM test.inbox('{1,2,3}', '{0,0,0}', '{}');
SELECT newest > 0 AS has_old FROM collab.inbox('{2}', '{0}', '{}');
-- Above the floor only; an id that was announced counts all the same, but only to its addressee.
SELECT * FROM test.inbox('{2}', ARRAY[:first], '{}');
SELECT * FROM test.inbox('{2,4}', ARRAY[:first, 0], ARRAY[:first::bigint]);
-- Marked once. What was delivered just now may still be asked for by its id (another bridge's connections), an old one not.
SELECT collab.inbox_delivered(ARRAY[:first::bigint]), collab.inbox_delivered(ARRAY[:first::bigint]);
SELECT * FROM test.inbox('{2}', '{0}', '{}');
SELECT * FROM test.inbox('{2}', '{0}', ARRAY[:first::bigint]);
UPDATE collab.notifications SET delivered_at = now() - interval '2 minutes' WHERE id = :first;
SELECT * FROM test.inbox('{2}', '{0}', ARRAY[:first::bigint]);
-- At most 50, the oldest first.
INSERT INTO collab.notifications (user_id, type, workspace_id, cause, text) SELECT 4, 'due_soon', :'team', n, n FROM generate_series(1, 60) AS n;
SELECT count(*), min(body::json->>'text'), max((body::json->>'text')::int), max(unread_count) FROM collab.inbox('{4}', '{0}', '{}');
-- Announced to who serves people, beside the workspace's own channel.
LISTEN "collab:notifications";
\o | sed -E 's/process with PID [0-9]+/process/; s/"notification_id": [0-9]+/"notification_id": <id>/'
SELECT collab.assign_task((SELECT id FROM collab.tasks WHERE title = 'T'), 4)->'changed' AS changed;
\o
