-- execute_batch: what the bridge calls. One row per command, then its events; a refused command leaves the others alone.
\i test/fixtures/team.sql
CREATE FUNCTION test.message(type text, payload jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT jsonb_build_object('type', type, 'payload', payload)::text
$$;
SELECT test.board('Plan') AS plan, test.list('To do') AS list, test.workspace('Team') AS team \gset
CREATE FUNCTION test.new_task(title text) RETURNS text LANGUAGE sql AS $$
	SELECT test.message('CREATE_TASK', jsonb_build_object('board_id', test.board('Plan'), 'list_id', test.list('To do'), 'title', title))
$$;
-- Sends as user 3, command ids from number on.
CREATE FUNCTION test.batch(number int, VARIADIC messages text[])
	RETURNS TABLE (command int, kind text, code text, type text, version int, told text) LANGUAGE sql AS $$
	SELECT b.command, b.kind, b.code, b.aggregate_type, b.version, test.mask(coalesce(body::jsonb->>'message', body::jsonb->>'type',
		body::jsonb->>'reason', body::jsonb->>'command'))
	FROM collab.execute_batch(array_fill(3::bigint, ARRAY[cardinality(messages)]),
		ARRAY(SELECT test.cid(number + n) FROM generate_series(0, cardinality(messages) - 1) AS n), messages) AS b
$$;
-- One
SELECT * FROM test.batch(1, test.new_task('A'));
-- The rows in full
SELECT command, kind, code, aggregate_id = :'plan' AS plan, aggregate_type, version, event IS NULL AS no_mark, acl_version,
	test.mask((body::jsonb)::text) AS body FROM collab.execute_batch('{3}', ARRAY[test.cid(2)], ARRAY[test.new_task('B')]) WHERE kind = 'ack';
SELECT command, kind, code, aggregate_id = :'plan' AS plan, aggregate_type, version, acl_version, event ~ '^\d+-\d+$' AS mark,
	body::jsonb->>'type' AS type, body::jsonb->'payload'->>'event' = event AS same_mark, (body::jsonb->'payload'->>'version')::int = version AS same_version
	FROM collab.execute_batch('{3}', ARRAY[test.cid(3)], ARRAY[test.new_task('C')]) WHERE kind = 'event';
-- The event row is what room_events says of the same event, byte for byte, also when it is replayed.
SELECT b.body = r.body AS same_body, b.event = r.event AS same_mark, b.acl_version = r.acl_version AS same_rights
	FROM collab.execute_batch('{3}', ARRAY[test.cid(3)], ARRAY[test.new_task('C')]) AS b, collab.room_events(:'plan', 3, 1) AS r WHERE kind = 'event';
-- The body of an ack ends with a brace, so that events can be put into it.
SELECT right(body, 1) AS last FROM collab.execute_batch('{3}', ARRAY[test.cid(3)], ARRAY[test.new_task('C')]) WHERE kind = 'ack';
-- Acks, conflicts and errors mixed
SELECT * FROM test.batch(10, test.new_task('D'), 'not json', test.new_task(''),
	test.message('UPDATE_TASK', jsonb_build_object('task_id', test.task('A'), 'updates', '{"title": "A1"}'::jsonb)),
	test.message('UPDATE_TASK', jsonb_build_object('task_id', test.task('A'), 'updates', '{"title": "A2"}'::jsonb, 'version', 2)),
	test.message('UPDATE_TASK', jsonb_build_object('task_id', test.task('A'), 'updates', '{"title": "A1"}'::jsonb)),
	test.message('FLY', '{}'), '{"type": "CREATE_TASK"}', '[]', '', test.new_task('E'));
-- The same again: replayed, the refused ones refused again.
SELECT * FROM test.batch(10, test.new_task('D'), 'not json') ORDER BY command, kind;
-- The same id twice in one batch
SELECT * FROM test.batch(30, test.new_task('F')) UNION ALL SELECT * FROM test.batch(30, test.new_task('F'));
SELECT command, kind, code, version FROM collab.execute_batch('{3,3,2}', array_fill(test.cid(31), ARRAY[3]), array_fill(test.new_task('G'), ARRAY[3]));
-- Several users, each with his own rights
SELECT command, kind, code, test.mask(body::jsonb->>'message') AS message FROM collab.execute_batch('{1,2,3,4,5,999}',
	ARRAY(SELECT test.cid(40 + n) FROM generate_series(1, 6) AS n), array_fill(test.new_task('By many'), ARRAY[6])) WHERE kind <> 'event';
SELECT user_id, count(*) FROM collab.events WHERE event_data->'task'->>'title' = 'By many' GROUP BY 1 ORDER BY 1;
-- Commands that create, beside one another
SELECT command, kind, code, aggregate_type, version FROM collab.execute_batch('{3,3}', ARRAY[test.cid(50), test.cid(51)], ARRAY[
	test.message('CREATE_WORKSPACE', '{"name": "New"}'), test.message('CREATE_BOARD', jsonb_build_object('workspace_id', :'team', 'name', 'New board'))]);
-- Rights given and used in one batch
SELECT command, kind, code, aggregate_type, version, acl_version FROM collab.execute_batch('{5,1,5}', ARRAY[test.cid(52), test.cid(53), test.cid(54)], ARRAY[
	test.new_task('Too early'), test.message('ADD_MEMBER', jsonb_build_object('workspace_id', :'team', 'user_id', 5, 'role', 'member')), test.new_task('In time')]);
-- An import answers with its report and no events.
SELECT kind, code, version, body::jsonb->'result'->'imported'->'lists' AS lists FROM collab.execute_batch('{3}', ARRAY[test.cid(60)], ARRAY[test.message(
	'IMPORT_BOARD', jsonb_build_object('workspace_id', :'team', 'format', 'trello', 'document', '{"name": "I", "cards": [], "lists": [{"id": "a", "name": "L", "pos": 1}]}'::jsonb))]);
-- Bytes that jsonb cannot hold, numbers it cannot, depth, quotes: each a value, none an SQL error.
SELECT told, b.kind, b.code, left(b.body::jsonb->>'message', 60) AS message FROM (VALUES ('nul', '{"type": "CREATE_TASK", "payload": {"title": "a\u0000b"}}'),
	('lone surrogate', '{"type": "CREATE_TASK", "payload": {"title": "\ud800"}}'), ('huge number', '{"type": "CREATE_TASK", "payload": {"position": 1e999999}}'),
	('open', '{"type": "CREATE_TASK"'), ('trailing', '{} {}'), ('single quotes', '{''type'': 1}'), ('NaN', '{"type": NaN}'), ('empty', ''), ('space', ' '),
	('deep', repeat('[', 100000) || repeat(']', 100000)), ('type twice', '{"type": "A", "type": "B", "payload": {}}'), ('bare word', 'null')) AS m (told, message),
	collab.execute_batch('{3}', ARRAY[test.cid(70)], ARRAY[m.message]) AS b;
-- Arguments that make no batch
SELECT test.try($$ SELECT collab.execute_batch('{3}', '{}', '{}') $$);
SELECT test.try($$ SELECT collab.execute_batch('{3}', ARRAY[test.cid(1)], '{a,b}') $$);
SELECT test.try($$ SELECT collab.execute_batch('{NULL}', ARRAY[test.cid(1)], '{a}') $$);
SELECT test.try($$ SELECT collab.execute_batch('{3}', ARRAY[NULL::uuid], '{a}') $$);
SELECT test.try($$ SELECT collab.execute_batch('{3}', ARRAY[test.cid(1)], ARRAY[NULL::text]) $$);
SELECT test.try($$ SELECT collab.execute_batch('{{3}}', ARRAY[ARRAY[test.cid(1)]], '{{a}}') $$);
SELECT test.try($$ SELECT collab.execute_batch(array_fill(3::bigint, ARRAY[61]), array_fill(test.cid(1), ARRAY[61]), array_fill('x'::text, ARRAY[61])) $$);
SELECT count(*) AS rows_of_none FROM collab.execute_batch('{}', '{}', '{}');
SELECT count(*) AS rows_of_null FROM collab.execute_batch(NULL, '{}', '{}');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT test.try($$ SELECT collab.execute_batch('{3}', ARRAY[test.cid(1)], '{a}') $$);
ROLLBACK;
-- Sixty at once
SELECT kind, count(*), min(version), max(version) - min(version) AS span FROM collab.execute_batch(array_fill(3::bigint, ARRAY[60]),
	ARRAY(SELECT test.cid(100 + n) FROM generate_series(1, 60) AS n), ARRAY(SELECT test.new_task('Bulk ' || n) FROM generate_series(1, 60) AS n)) GROUP BY 1 ORDER BY 1;
SELECT count(*) AS events, max(version) AS newest FROM collab.events WHERE aggregate_id = :'plan';
SELECT * FROM collab.verify();
