-- collab.user_read: every read of a user through one function, for bridges.
\i test/fixtures/team.sql
SET collab.user_id = '1';
\pset format unaligned
\pset footer off


SELECT collab.create_list(test.board('Plan'), 'Ideas')->'changed' AS list,
	collab.create_task(list_id => test.list('To do'), title => 'Paint the door', description => 'Blue.', assignees => ARRAY[3, 1]::bigint[])->'changed' AS task,
	collab.create_task(list_id => test.list('To do'), title => 'Fix the door')->'changed' AS second,
	collab.create_label(test.board('Plan'), 'Bug', 'red')->'changed' AS label;
SELECT collab.update_task(test.task('Paint the door'), '{"labels": ["Bug"]}')->'changed' AS labelled,
	collab.add_comment(test.task('Paint the door'), 'Which blue?')->'changed' AS comment,
	collab.add_attachment(test.task('Paint the door'), 'Colors', 'https://example.org/')->'changed' AS attachment,
	collab.create_invite(test.workspace('Team'))->'changed' AS invite,
	collab.create_list(test.board('Plan'), 'Attic')->'changed' AS attic;
SELECT collab.archive_list(test.list('Attic'))->'changed' AS archived;

-- One read as a user: the answer without ids and times.
CREATE FUNCTION test.read(actor bigint, type text, payload jsonb DEFAULT '{}') RETURNS TABLE (code text, version int, body text) LANGUAGE sql AS $$
	SELECT r.code, r.version, regexp_replace(regexp_replace(test.mask(r.body), '"\d{4}-\d\d-\d\dT[^"]*Z"', '<time>', 'g'), '"event": ?"[^"]*"', '"event":<mark>', 'g')
	FROM collab.user_read(actor, jsonb_build_object('type', type, 'payload', payload)::text) AS r
$$;
CREATE FUNCTION test.of(noun text, id uuid, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object(noun || '_id', id) || more $$;

SELECT * FROM test.read(3, 'GET_ME');
SELECT * FROM test.read(1, 'MY_WORKSPACES');
SELECT code, jsonb_path_query_array(body::jsonb, '$.tasks[*].title') AS titles FROM collab.user_read(1, '{"type": "MY_TASKS"}');
SELECT * FROM test.read(3, 'GET_NOTIFICATIONS');
SELECT * FROM test.read(3, 'GET_PREFERENCES');
SELECT * FROM test.read(4, 'GET_WORKSPACE', test.of('workspace', test.workspace('Team')));
SELECT * FROM test.read(4, 'GET_MEMBERS', test.of('workspace', test.workspace('Team')));
SELECT * FROM test.read(2, 'GET_INVITES', test.of('workspace', test.workspace('Team')));
SELECT * FROM test.read(3, 'GET_INVITES', test.of('workspace', test.workspace('Team')));
SELECT * FROM test.read(4, 'GET_BOARDS', test.of('workspace', test.workspace('Team')));
SELECT * FROM test.read(4, 'GET_BOARDS', test.of('workspace', test.workspace('Team'), '{"archived": true}'));
SELECT * FROM test.read(4, 'GET_BOARD', test.of('board', test.board('Plan'), '{"detail": "cards"}'));
SELECT * FROM test.read(4, 'GET_BOARD_AT', test.of('board', test.board('Plan'), '{"at_version": 2, "detail": "cards"}'));
SELECT * FROM test.read(4, 'GET_LIST', test.of('list', test.list('Ideas')));
SELECT * FROM test.read(4, 'GET_LIST', test.of('list', test.list('Attic')));
SELECT * FROM test.read(4, 'GET_LABELS', test.of('board', test.board('Plan')));
SELECT * FROM test.read(4, 'GET_ARCHIVED', test.of('board', test.board('Plan')));
SELECT * FROM test.read(4, 'GET_TASK', test.of('task', test.task('Paint the door')));
SELECT * FROM test.read(4, 'GET_COMMENTS', test.of('task', test.task('Paint the door')));
SELECT * FROM test.read(4, 'GET_ATTACHMENT', (SELECT test.of('attachment', id) FROM collab.attachments));
SELECT * FROM test.read(4, 'GET_EVENTS', test.of('board', test.board('Plan'), '{"after_version": 7, "limit": 2}'));
SELECT * FROM test.read(4, 'SEARCH', test.of('board', test.board('Plan'), '{"query": "fix door"}'));
SELECT * FROM test.read(4, 'GET_ACTIVITY', test.of('board', test.board('Plan'), '{"limit": 2}'));
SELECT * FROM test.read(4, 'GET_ACTIVITY', test.of('task', test.task('Fix the door')));
SELECT * FROM test.read(4, 'GET_ACTIVITY', '{"user_id": 1, "limit": 1}');
SELECT * FROM test.read(4, 'GET_ANALYTICS', test.of('board', test.board('Plan'), '{"report": "workload"}'));
SELECT r.code, jsonb_array_length(r.body::jsonb->'rows'), r.body::jsonb->'rows'->0->'day' FROM collab.user_read(4, jsonb_build_object('type', 'GET_ANALYTICS', 'payload', test.of('board', test.board('Plan'), '{"report": "burndown", "from": "2026-03-01", "to": "2026-03-02T23:00:00Z"}'))::text) AS r;
SELECT r.code, r.content_type, r.version IS NOT NULL AS has_version, r.body::jsonb->>'format', r.body::jsonb->'board'->>'name' FROM collab.user_read(4, jsonb_build_object('type', 'EXPORT_BOARD', 'payload', test.of('board', test.board('Plan'), '{"format": "json"}'))::text) AS r;
SELECT r.code, r.content_type, left(r.body, 40) FROM collab.user_read(4, jsonb_build_object('type', 'EXPORT_BOARD', 'payload', test.of('board', test.board('Plan'), '{"format": "csv"}'))::text) AS r;
