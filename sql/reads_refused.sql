-- collab.user_read: what is refused, how pages follow one another, and that a call leaves no trace.
\i test/fixtures/team.sql
SET collab.user_id = '1';
\pset format unaligned
\pset footer off

SELECT collab.create_task(list_id => test.list('To do'), title => 'Paint the door')->'changed' AS task,
	collab.create_task(list_id => test.list('To do'), title => 'Other')->'changed' AS other,
	collab.create_task(list_id => test.list('To do'), title => 'Gone')->'changed' AS gone,
	collab.create_board(test.workspace('Team'), 'Secret', visibility => 'private')->'changed' AS secret;
SELECT collab.delete_task(test.task('Gone'))->'changed' AS deleted;
CREATE FUNCTION test.answer(actor bigint, request text) RETURNS text LANGUAGE sql AS $$
	SELECT test.mask(coalesce(code || ' ' || body, 'ok ' || left(test.mask(body), 30))) FROM collab.user_read(actor, request)
$$;
CREATE FUNCTION test.read(actor bigint, type text, payload jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT test.answer(actor, jsonb_build_object('type', type, 'payload', payload)::text)
$$;
CREATE FUNCTION test.of(noun text, id uuid, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object(noun || '_id', id) || more $$;

-- The request
SELECT request, test.answer(1, request) FROM (VALUES
	(''), ('{'), ('[]'), ('1'), ('null'), ('{}'), ('{"type": 1}'), ('{"type": "FLY"}'), ('{"type": "MOVE_TASK", "payload": {}}'),
	('{"type": "GET_ME"}'), ('{"type": "GET_ME", "payload": null}'), ('{"type": "GET_ME", "payload": []}'),
	('{"type": "GET_ME", "payload": {"more": 1}}'), ('{"type": "GET_BOARD"}'), ('{"type": "GET_BOARD", "payload": {"board_id": 1}}'),
	('{"type": "GET_BOARD", "payload": {"board_id": "00000000-0000-0000-0000-000000000001"}}'),
	('{"type": "GET_ME", "payload": "\u0000"}')) AS r (request);
SELECT left(test.answer(1, repeat('[', 100000)), 100);

-- The actor: nobody, deactivated, an outsider
SELECT actor, test.answer(actor, '{"type": "GET_ME"}'), test.read(actor, 'GET_BOARD', test.of('board', test.board('Plan'))), test.read(actor, 'GET_WORKSPACE', test.of('workspace', test.workspace('Team')))
	FROM unnest(ARRAY[0, -1, 99, 5]) AS actor;
BEGIN;
SELECT collab.deactivate_user(3);
SELECT DISTINCT (test.answer(3, jsonb_build_object('type', read, 'payload', test.of('board', test.board('Plan')) || test.of('workspace', test.workspace('Team')) || test.of('task', test.task('Other')) || test.of('list', test.list('To do'))
	|| '{"attachment_id": "00000000-0000-0000-0000-000000000001", "after_version": 0, "report": "burndown", "format": "csv"}')::text)) FROM collab.reads();
ROLLBACK;
-- A private board is there for who may see it
SELECT actor, test.read(actor, 'GET_BOARD', test.of('board', test.board('Secret'), '{"detail": "cards"}')) FROM unnest(ARRAY[1, 2, 3]) AS actor;

-- Fields
SELECT what, test.read(1, what, payload) FROM (VALUES
	('GET_TASK', test.of('task', (SELECT id FROM collab.tasks WHERE title = 'Gone'))),
	('GET_BOARD', test.of('board', test.board('Plan'), '{"detail": "half"}')),
	('GET_BOARD_AT', test.of('board', test.board('Plan'))),
	('GET_BOARD_AT', test.of('board', test.board('Plan'), '{"at_version": 1, "at_time": "2026-01-01"}')),
	('GET_BOARD_AT', test.of('board', test.board('Plan'), '{"at_version": 0}')),
	('GET_BOARD_AT', test.of('board', test.board('Plan'), '{"at_version": 99}')),
	('GET_BOARD_AT', test.of('board', test.board('Plan'), '{"at_time": "2001-01-01"}')),
	('GET_COMMENTS', test.of('task', test.task('Other'), '{"before": "00000000-0000-0000-0000-000000000001"}')),
	('GET_EVENTS', test.of('board', test.board('Plan'), '{"after_version": -1}')),
	('GET_EVENTS', test.of('board', test.board('Plan'), '{"after_version": 0, "limit": 501}')),
	('GET_EVENTS', test.of('board', test.board('Plan'), '{"after_version": 0, "limit": 0}')),
	('GET_NOTIFICATIONS', '{"limit": 501}'), ('GET_NOTIFICATIONS', '{"before": "-1"}'), ('GET_NOTIFICATIONS', '{"before": "1; SELECT 1"}'),
	('GET_NOTIFICATIONS', '{"before": ""}'), ('GET_NOTIFICATIONS', '{"before": "9999999999999999999"}'), ('GET_NOTIFICATIONS', '{"before": {}}'),
	('GET_NOTIFICATIONS', '{"before": 1}'),
	('GET_ACTIVITY', '{}'), ('GET_ACTIVITY', test.of('board', test.board('Plan'), '{"user_id": 1}')),
	('GET_ACTIVITY', test.of('board', test.board('Plan'), '{"before": "99999999999"}')), ('GET_ACTIVITY', '{"user_id": 99}'),
	('GET_ACTIVITY', test.of('board', test.board('Plan'), '{"limit": 201}')),
	('GET_ANALYTICS', test.of('board', test.board('Plan'), '{"report": "weather"}')),
	('GET_ANALYTICS', test.of('board', test.board('Plan'), '{"report": "burndown", "bucket": "day"}')),
	('GET_ANALYTICS', test.of('board', test.board('Plan'), '{"report": "throughput", "bucket": "list"}')),
	('GET_ANALYTICS', test.of('board', test.board('Plan'), '{"report": "throughput", "from": "2026-02-01", "to": "2026-01-01"}')),
	('GET_ANALYTICS', test.of('board', test.board('Plan'), '{"report": "throughput", "bucket": "week"}')),
	('GET_ANALYTICS', test.of('board', test.board('Plan'), '{"report": "cumulative_flow", "bucket": "list"}')),
	('GET_ANALYTICS', test.of('board', test.board('Plan'), '{"report": "flow_times"}')),
	('EXPORT_BOARD', test.of('board', test.board('Plan'), '{"format": "xml"}')),
	('SEARCH', '{"filters": {"color": "red"}}'), ('SEARCH', '{"filters": []}'), ('SEARCH', '{"limit": 201}'), ('SEARCH', '{"cursor": "x"}'),
	('SEARCH', jsonb_build_object('query', repeat('x', 501))), ('SEARCH', test.of('workspace', test.workspace('Team'), '{"query": "other"}')),
	('SEARCH', test.of('board', test.board('Plan')) || test.of('workspace', '00000000-0000-0000-0000-000000000001'))) AS r (what, payload);

-- Pages: each next_cursor leads on until there is none, and nothing comes twice.
DO $$ BEGIN FOR n IN 1..120 LOOP PERFORM collab.add_comment(test.task('Paint the door'), 'Comment ' || n || ' @bob'); END LOOP; END $$;
CREATE FUNCTION test.pages(actor bigint, type text, payload jsonb, field text, key text) RETURNS TABLE (page int, entries int, first text, last text) LANGUAGE plpgsql AS $$
DECLARE
	result jsonb;
	cursor_value jsonb;
BEGIN
	FOR n IN 1..20 LOOP
		SELECT r.body::jsonb INTO result FROM collab.user_read(actor, jsonb_build_object('type', type, 'payload', payload || CASE WHEN cursor_value IS NULL THEN '{}' ELSE jsonb_build_object(field, cursor_value) END)::text) AS r;
		RETURN QUERY SELECT n, jsonb_array_length(result->key), coalesce(result->key->0->>'text', result->key->0->>'sentence', result->key->0->>'title'), coalesce(result->key->-1->>'text', result->key->-1->>'sentence', result->key->-1->>'title');
		cursor_value := nullif(result->'next_cursor', 'null');
		EXIT WHEN cursor_value IS NULL;
	END LOOP;
END
$$;
SELECT * FROM test.pages(1, 'GET_COMMENTS', test.of('task', test.task('Paint the door')), 'before', 'comments');
SELECT page, entries FROM test.pages(3, 'GET_NOTIFICATIONS', '{}', 'before', 'notifications');
SELECT page, entries FROM test.pages(3, 'GET_NOTIFICATIONS', '{"limit": 121}', 'before', 'notifications');
SELECT * FROM test.pages(2, 'GET_ACTIVITY', test.of('board', test.board('Plan'), '{"limit": 100}'), 'before', 'entries');
SELECT * FROM test.pages(2, 'GET_ACTIVITY', test.of('task', test.task('Paint the door'), '{"limit": 121}'), 'before', 'entries');
SELECT page, entries FROM test.pages(2, 'GET_ACTIVITY', '{"user_id": 1, "limit": 70}', 'before', 'entries');
SELECT * FROM test.pages(2, 'SEARCH', '{"limit": 1}', 'cursor', 'results');
-- Events: a page has at most 1 MB, unless its first event alone has more; past the head there is none, and no mark.
SELECT count(collab.update_task(test.task('Other'), jsonb_build_object('description', repeat(chr(64 + n), 60000)))) FROM generate_series(1, 30) AS n;
SELECT after, r.body::jsonb->'to_version' AS to_version, r.body::jsonb->'has_more' AS has_more, jsonb_array_length(r.body::jsonb->'events') AS events, length(r.body) <= 1100000 AS fits, r.body::jsonb->'event' = 'null' AS no_mark,
	r.body::jsonb->>'event' IS NOT DISTINCT FROM (SELECT collab.event_mark(e.id, e.created_at) FROM collab.events e WHERE e.aggregate_id = test.board('Plan') AND e.version = (r.body::jsonb->>'to_version')::int) AS is_its_mark
	FROM unnest(ARRAY[0, 127, 144, 154, 155, 1000]) AS after, LATERAL collab.user_read(4, jsonb_build_object('type', 'GET_EVENTS', 'payload', test.of('board', test.board('Plan'), jsonb_build_object('after_version', after)))::text) AS r;

-- The call acts as the user it names; the session does not, before, after, or when the call ends in an error.
SELECT collab.current_user_id(), (SELECT r.body::jsonb->>'user_id' FROM collab.user_read(3, '{"type": "GET_ME"}') AS r), collab.current_user_id();
RESET collab.user_id;
SELECT test.answer(1, '{"type": "MY_TASKS"}'), test.try('SELECT collab.current_user_id()');
BEGIN;
ALTER TABLE collab.notifications RENAME TO notifications_elsewhere;
SELECT test.try($$ SELECT * FROM collab.user_read(3, '{"type": "GET_NOTIFICATIONS"}') $$), test.try('SELECT collab.current_user_id()');
ROLLBACK;
-- Nothing is written, nothing locked.
BEGIN READ ONLY;
SELECT read, left(test.answer(4, jsonb_build_object('type', read, 'payload', (CASE read WHEN 'GET_ACTIVITY' THEN '{}' ELSE test.of('board', test.board('Plan')) || test.of('task', test.task('Other')) END) || test.of('workspace', test.workspace('Team')) || test.of('list', test.list('To do'))
	|| '{"attachment_id": "00000000-0000-0000-0000-000000000001", "after_version": 0, "report": "burndown", "format": "csv", "user_id": 1}')::text), 14) AS answer FROM collab.reads() WHERE read NOT IN ('GET_BOARD_AT');
SELECT DISTINCT mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype IN ('relation', 'tuple', 'advisory');
ROLLBACK;
-- A bridge's role may call it, and none of what it calls.
CREATE ROLE regress_reads_bridge;
SELECT collab.grant_access('regress_reads_bridge', 'bridge');
SET ROLE regress_reads_bridge;
SELECT code, body::jsonb->>'username' AS username FROM collab.user_read(4, '{"type": "GET_ME"}');
SELECT collab.my_tasks();
RESET ROLE;
SELECT collab.revoke_access('regress_reads_bridge');
DROP ROLE regress_reads_bridge;
