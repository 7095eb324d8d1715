-- DEFINE_CUSTOM_FIELD, UPDATE_CUSTOM_FIELD, DELETE_CUSTOM_FIELD, SET_CUSTOM_FIELD.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), name)) FROM unnest(ARRAY['A', 'B']) AS name;
CREATE FUNCTION test.field(wanted text) RETURNS uuid LANGUAGE sql AS $$
	SELECT id FROM collab.custom_fields WHERE name = wanted AND board_id = test.board('Plan')
$$;
CREATE FUNCTION test.define(name text, kind text, options text[] DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT test.try(format('SELECT collab.define_custom_field(test.board(''Plan''), %L, %L, %L)', name, kind, options))
$$;
-- What came of it: the value stored, or the refusal.
CREATE FUNCTION test.set(name text, value jsonb, task text DEFAULT 'A') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text := test.try(format('SELECT collab.set_custom_field(%L, %L, %L)', test.task(task), test.field(name), value));
BEGIN
	RETURN CASE result WHEN 'ok' THEN (SELECT coalesce(custom_fields->>test.field(name)::text, '(none)') FROM collab.tasks WHERE title = task)
		ELSE result END;
END
$$;
SELECT collab.define_custom_field(test.board('Plan'), ' Size ', 'choice', ARRAY['S', ' M ', 'L'], test.cid(1)) AS ack \gset
SELECT p - ARRAY['board_id', 'event', 'timestamp', 'field', 'field_id', 'command_id'] AS payload, (p->'field') - 'id' AS field,
	p->'field'->>'id' = p->>'field_id' AS has_id, :'ack'::jsonb->'result'->>'field_id' = test.field('Size')::text AS result
	FROM jsonb_extract_path(:'ack'::jsonb, 'events', '0', 'payload') AS p;
SELECT test.define(kind, kind) FROM unnest(ARRAY['text', 'number', 'date', 'checkbox']) AS kind;
SELECT name, kind, options FROM collab.visible_custom_fields ORDER BY created_at;
-- Names once, options only for a choice, each once
SELECT test.define(name, kind, options) FROM (VALUES ('size', 'text', NULL), ('', 'text', NULL), (repeat('x', 101), 'text', NULL), ('X', 'list', NULL),
	('X', NULL, NULL), ('X', 'choice', NULL), ('X', 'choice', ARRAY[]::text[]), ('X', 'text', ARRAY['a']), ('X', 'choice', ARRAY['a', ' A ']),
	('X', 'choice', ARRAY['a', '']), ('X', 'choice', (SELECT array_agg('o' || n) FROM generate_series(1, 101) AS n))) AS wrong (name, kind, options);
-- Values of each kind, in the one form that is stored
SELECT p - ARRAY['board_id', 'event', 'timestamp', 'task_id', 'field_id'] AS payload, p->>'task_id' = test.task('A')::text AS task,
	p->>'field_id' = test.field('text')::text AS field
	FROM jsonb_extract_path(collab.set_custom_field(test.task('A'), test.field('text'), '"  two\nlines "'), 'events', '0', 'payload') AS p;
SELECT test.set('text', value) FROM unnest(ARRAY['"x\u0007"', '5', 'true', '["a"]', '{"a": 1}']::jsonb[]) AS value;
SELECT test.set('text', to_jsonb(U&'o\0308'::text)) = 'ö' AS normalised;
SELECT length(test.set('text', to_jsonb(repeat('x', 16384))));
SELECT test.set('text', to_jsonb(repeat('x', 16385)));
SELECT test.set('text', to_jsonb(repeat('x', 70000)));
SELECT test.set('text', to_jsonb(repeat(E'\n', 65000))) AS nothing_but_space;
SELECT test.set('number', value) FROM unnest(ARRAY['1.50', '-3', '1e3', '12345678901234567890123456789012', '"5"', 'true', '123456789012345678901234567890123',
	'1e131000', '1e-16000']::jsonb[]) AS value;
SELECT test.set('date', value) FROM unnest(ARRAY['"2026-11-21"', '"2026-11-21T09:30:00+02:00"', '"21.11.2026"', '"tomorrow"', '"infinity"', '20261121']::jsonb[]) AS value;
SELECT test.set('checkbox', value) FROM unnest(ARRAY['true', 'false', '"true"', '1']::jsonb[]) AS value;
SELECT test.set('Size', value) FROM unnest(ARRAY['"M"', '" L "', '"m"', '"XL"', '""', '1']::jsonb[]) AS value;
SELECT jsonb_object_agg(f.name, t.custom_fields->f.id::text) FROM collab.visible_tasks t JOIN collab.visible_custom_fields f USING (board_id) WHERE t.title = 'A';
-- The same again changes nothing; null clears; so does a value left out, and a text of nothing.
SELECT collab.set_custom_field(test.task('A'), test.field('number'), '1000')->'changed' AS changed;
SELECT collab.set_custom_field(test.task('A'), test.field('date'), '"2026-11-21T07:30:00Z"')->'changed' AS changed;
SELECT test.set('number', 'null'), test.set('date', NULL), test.set('text', '"  "');
SELECT collab.set_custom_field(test.task('A'), test.field('number'), 'null')->'changed' AS changed;
SELECT count(*) AS keys FROM collab.tasks, jsonb_object_keys(custom_fields) WHERE title = 'A';
-- The task changes, and keeps what was.
SELECT t.version = b.version AS has_version FROM collab.tasks t JOIN collab.boards b ON b.id = t.board_id WHERE t.title = 'A';
SELECT event_data->'before' AS before, event_data->'value' AS value FROM collab.events WHERE event_data->>'field_id' = test.field('Size')::text
	AND event_type = 'CustomFieldSet' ORDER BY version;
SELECT collab.undo(test.board('Plan'))->'events'->0->>'type' AS type;
-- An option that a task has stays.
SELECT test.set('Size', '"S"', 'B');
SELECT test.try($$ SELECT collab.update_custom_field(test.field('Size'), '{"options": ["M", "XL"]}') $$);
SELECT test.set('Size', '"L"', 'B');
SELECT test.try($$ SELECT collab.update_custom_field(test.field('Size'), '{"options": ["M", "XL"]}') $$);
SELECT collab.archive_task(test.task('B'))->'changed' AS changed;
SELECT test.try($$ SELECT collab.update_custom_field(test.field('Size'), '{"options": ["M", "XL"]}') $$);
SELECT test.set('Size', '"M"');
-- A deleted task's does not count; come back, the task has none.
SELECT collab.delete_task(test.task('B'))->'changed' AS changed;
SET collab.user_id = '1';
SELECT collab.update_custom_field(test.field('Size'), '{"name": "Effort", "options": ["M", "XL"]}')->'events'->0->'payload'->'updates' AS updates;
SELECT event_data->'before' AS before FROM collab.events WHERE event_type = 'CustomFieldUpdated';
SET collab.user_id = '3';
SELECT collab.undo(test.board('Plan'))->'events'->0->>'type' AS type;
SELECT custom_fields FROM collab.tasks WHERE title = 'B';
SET collab.user_id = '1';
SELECT collab.undo(test.board('Plan'))->'events'->0->'payload'->'updates' AS updates;
SELECT test.try($$ SELECT collab.update_custom_field(test.field('Size'), '{"options": []}') $$);
SELECT test.try($$ SELECT collab.update_custom_field(test.field('Size'), '{"options": ["a", "A"]}') $$);
SELECT test.try($$ SELECT collab.update_custom_field(test.field('text'), '{"options": ["a"]}') $$);
SELECT test.try($$ SELECT collab.update_custom_field(test.field('text'), '{"name": "NUMBER"}') $$);
SELECT test.try($$ SELECT collab.update_custom_field(test.field('text'), '{"kind": "date"}') $$);
SELECT collab.update_custom_field(test.field('text'), '{"name": " text "}')->'changed' AS changed;
-- A deleted field is gone with its values; the tasks do not change by that.
SELECT version AS before FROM collab.tasks WHERE title = 'A' \gset
SELECT collab.delete_custom_field(test.field('Size'))->'changed' AS changed;
SELECT version = :before AS is_as_before, custom_fields ? test.field('Size')::text AS has_value FROM collab.tasks WHERE title = 'A';
SELECT test.set('Size', '"M"');
SELECT test.try($$ SELECT collab.update_custom_field(test.field('Size'), '{"name": "Back"}') $$);
SELECT name FROM collab.visible_custom_fields ORDER BY created_at;
SELECT test.define('SIZE', 'number');
-- Fifty on a board; another board's fields are none of this one's.
SELECT DISTINCT test.define('F' || n, 'text') FROM generate_series(1, 45) AS n;
SELECT test.define('One more', 'text');
SELECT collab.create_board(test.workspace('Team'), 'Other')->'changed' AS changed;
SELECT collab.define_custom_field(test.board('Other'), 'Size', 'text')->'result'->>'field_id' AS other \gset
SELECT test.try(format('SELECT collab.set_custom_field(%L, %L, %L)', test.task('A'), :'other', '"x"'));
-- Versions and roles
SELECT test.try($$ SELECT collab.update_custom_field(test.field('text'), '{"name": "Text"}', version => 1) $$);
SET collab.user_id = '4';
SELECT test.set('text', '"x"');
SELECT count(*) > 0 AS sees FROM collab.visible_custom_fields;
SET collab.user_id = '5';
SELECT test.set('text', '"x"');
SELECT count(*) FROM collab.visible_custom_fields;
SELECT * FROM collab.verify();
