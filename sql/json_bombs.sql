-- Hostile JSON in every field of every command: each is a refusal or, where it is a value like any other, is taken; never an
-- internal error, never a crash, never long. Messages come as text, as a bridge sends them.
\i test/fixtures/team.sql
SET statement_timeout = '60s';
-- Every field of every command, as its typed function names them, with a value that fits.
CREATE TABLE test.fields AS SELECT c.command, a.name FROM collab.commands() c JOIN pg_proc p ON p.pronamespace = 'collab'::regnamespace AND p.proname = lower(c.command),
	unnest(p.proargnames[:p.pronargs]) AS a (name) WHERE a.name <> 'command_id';
CREATE FUNCTION test.sample(command text, field text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT CASE WHEN field = 'workspace_id' THEN to_jsonb(test.workspace('Team')) WHEN field = 'board_id' THEN to_jsonb(test.board('Plan')) WHEN field IN ('list_id', 'to_list_id', 'from_list_id') THEN to_jsonb(test.list('To do'))
		WHEN field = 'task_id' THEN to_jsonb(test.task('Task')) WHEN field LIKE '%\_id' AND field <> 'user_id' OR field IN ('blocked_by', 'reply_to') THEN '"00000000-0000-4000-8000-000000000001"'
		WHEN field IN ('user_id', 'assigned_to', 'before') THEN '2' WHEN field IN ('assignees', 'ids') THEN '[2]' WHEN field = 'labels' THEN '[]' WHEN field = 'options' THEN '["A"]'
		WHEN field IN ('new_position', 'position', 'version') THEN '1' WHEN field IN ('wip_limit', 'max_uses', 'expires_in') THEN '1000' WHEN field IN ('with_tasks', 'checked') THEN 'true'
		WHEN field IN ('start_date', 'due_date') THEN '"2026-11-21"' ELSE coalesce('{"role": "viewer", "format": "trello", "priority": "low", "category": "todo", "visibility": "workspace", "kind": "text", "color": "red",
			"updates": {"name": "A"}, "document": {"name": "A", "lists": []}, "settings": {}, "config": {}, "preferences": {}, "url": "https://example.org/", "value": "A", "token": "abc"}'::jsonb->field, '"A"') END
$$;
SET collab.user_id = '1';
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'Task')->'changed' AS changed;
SELECT count(DISTINCT command) = (SELECT count(*) FROM collab.commands()) AS every_command_has_fields FROM test.fields;
-- What goes into them
CREATE TABLE test.bombs (bomb text, value text);
INSERT INTO test.bombs VALUES
	('array, 6,000 deep', repeat('[', 6000) || repeat(']', 6000)), ('object, 6,000 deep', repeat('{"a":', 6000) || '1' || repeat('}', 6000)), ('array, never closed', repeat('[', 3000)),
	('array, 2,000,000 deep', NULL), ('1e131000', '1e131000'), ('-1e131000', '-1e131000'), ('1e-16000', '1e-16000'), ('1e1000000', '1e1000000'), ('2^63', '9223372036854775808'), ('-0', '-0'), ('1.5', '1.5'), ('5,000 digits', repeat('9', 5000)),
	('64 KB of escapes', '"' || repeat('\u00e9', 10922) || '"'), ('64 KB of quotes', '"' || repeat('\"', 32768) || '"'), ('NUL', '"a\u0000b"'), ('lone high surrogate', '"\ud800"'), ('lone low surrogate', '"\udc00x"'),
	('surrogates the wrong way', '"\udc00\ud800"'), ('pair', '"\ud83c\udf88"'), ('control', '"\u0001\u001b[31m"'), ('raw control', E'"a\x01b"'), ('marks', '"z' || repeat('\u0301', 5000) || '"'), ('right to left', '"\u202eevil"'),
	('duplicate keys', '{' || repeat('"a":1,', 5000) || '"a":2}'), ('many keys', (SELECT '{' || string_agg(format('"k%s":%s', n, n), ',') || '}' FROM generate_series(1, 5000) AS n)), ('100,000 elements', '[' || repeat('1,', 99999) || '1]'),
	('200 names', '[' || repeat('"A",', 199) || '"B"]'), ('long key', '{"' || repeat('k', 70000) || '": 1}'), ('key with NUL', '{"a\u0000": 1}'), ('proto', '{"__proto__": {"a": 1}}'), ('nested nulls', '[null, [null, {"a": null}]]'),
	('200 KB of text', '"' || repeat('x', 200000) || '"'), ('null', 'null'), ('empty', '""'), ('true', 'true'), ('SQL', '"''; DROP TABLE collab.events; --"'), ('broken', '"a'), ('nothing', ''), ('NaN', 'NaN'), ('hex', '0x10');
UPDATE test.bombs SET value = repeat('[', 2000000) WHERE value IS NULL;
CREATE TABLE test.outcomes (command text, field text, bomb text, outcome text, took interval);
-- One command of one batch; its outcome, and what it did is taken back.
CREATE FUNCTION test.throw(message text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	said text;
BEGIN
	SELECT CASE kind WHEN 'ack' THEN 'ok' WHEN 'conflict' THEN kind ELSE code END INTO said FROM collab.execute_batch('{1}', ARRAY[gen_random_uuid()], ARRAY[message]) WHERE kind <> 'event';
	RAISE EXCEPTION SQLSTATE 'XX999' USING MESSAGE = coalesce(said, 'no answer');
EXCEPTION
	WHEN SQLSTATE 'XX999' THEN RETURN SQLERRM;
	WHEN OTHERS THEN RETURN SQLSTATE || ' ' || left(SQLERRM, 100);
END
$$;
-- The whole walk: the field alone is hostile, what stands beside it is sound.
CREATE PROCEDURE test.walk(in_updates boolean) LANGUAGE plpgsql AS $$
DECLARE
	f record;
	b record;
	others text;
	started timestamptz;
BEGIN
	FOR f IN SELECT DISTINCT command, name FROM test.fields WHERE NOT in_updates
			UNION SELECT u.command, n.name FROM test.fields u, (SELECT name FROM test.fields UNION VALUES ('status'), ('cover')) AS n WHERE in_updates AND u.name = 'updates' ORDER BY 1, 2 LOOP
		SELECT string_agg(format('%s: %s', to_jsonb(o.name), test.sample(f.command, o.name)), ', ') INTO others FROM test.fields o WHERE o.command = f.command AND o.name <> CASE WHEN in_updates THEN 'updates' ELSE f.name END AND o.name <> 'version';
		FOR b IN SELECT * FROM test.bombs WHERE length(value) < 1000000 OR f.name IN ('title', 'config', 'document', 'value', 'ids') LOOP
			started := clock_timestamp();
			INSERT INTO test.outcomes SELECT f.command, CASE WHEN in_updates THEN 'updates.' ELSE '' END || f.name, b.bomb, test.throw(format('{"type": %s, "payload": {%s%s: %s}}', to_jsonb(f.command), others || ', ',
				CASE WHEN in_updates THEN '"updates": {' ELSE '' END || to_jsonb(f.name), b.value || CASE WHEN in_updates THEN '}' ELSE '' END)), clock_timestamp() - started;
		END LOOP;
		COMMIT;
	END LOOP;
END
$$;
CALL test.walk(false);
CALL test.walk(true);
SELECT count(*) > 9000 AS walked, count(DISTINCT command) = (SELECT count(*) FROM collab.commands()) AS all_commands FROM test.outcomes;
-- Nothing but refusals that a user may meet.
SELECT command, field, bomb, outcome FROM test.outcomes WHERE outcome NOT IN ('ok', 'bad_message', 'command_id_reused', 'conflict', 'forbidden', 'invalid', 'invite_invalid', 'limit', 'not_found', 'rule', 'unknown_type') ORDER BY 1, 2, 3;
-- What is taken is a value like any other: text in a text, any object in a free one, null where null clears, a number where one belongs.
SELECT command, field, bomb FROM test.outcomes WHERE outcome = 'ok' AND NOT (bomb = 'null' OR bomb IN ('SQL', 'pair', 'right to left') AND field ~ '(name|title|description|text|value)$'
	OR bomb IN ('empty', '64 KB of escapes', '64 KB of quotes') AND field ~ '(description|text|value)$' OR bomb IN ('duplicate keys', 'proto') AND field ~ '(config|settings|cover|value|document|preferences)$'
	OR bomb = 'true' AND field ~ '(checked|with_tasks|value)$' OR bomb = '-0' AND field ~ '(position|version|value)$' OR bomb = '1.5' AND field ~ 'value$') ORDER BY 1, 2, 3;
-- What cannot be JSON at all is never taken, and says so.
SELECT bomb, string_agg(DISTINCT outcome, ' ') AS outcomes FROM test.outcomes WHERE bomb IN ('array, never closed', 'array, 2,000,000 deep', 'NUL', 'lone high surrogate', 'lone low surrogate', 'surrogates the wrong way',
	'raw control', 'key with NUL', 'broken', 'nothing', 'NaN', 'hex', '1e1000000') GROUP BY bomb ORDER BY bomb COLLATE "C";
SELECT command, field, bomb, took FROM test.outcomes WHERE took > '2 s' ORDER BY 1, 2, 3;
-- In the envelope
SELECT bomb, test.throw(format('{"type": %s, "payload": {}}', value)) AS type, test.throw(format('{"type": "CREATE_WORKSPACE", "payload": %s}', value)) AS payload, test.throw(format('{"type": "CREATE_WORKSPACE", "id": %s, "payload": {"name": "A"}}', value)) AS id,
	test.throw(format('{"type": "CREATE_WORKSPACE", "payload": {"name": "A"}, "x": %s}', value)) AS unknown, test.throw(value) AS message FROM test.bombs ORDER BY bomb COLLATE "C";
-- The server stands, the log is whole.
SELECT count(*) AS boards FROM collab.boards WHERE workspace_id = test.workspace('Team');
SELECT * FROM collab.verify();
