-- Custom fields of a Trello export: their kinds, options and values; what does not fit is told.
\i test/fixtures/team.sql
\set real `cat test/fixtures/trello-project100.json`
\set full `cat test/fixtures/trello-full.json`
SET collab.user_id = '3';
CREATE FUNCTION test.fields(board text) RETURNS TABLE (name text, kind text, options jsonb) LANGUAGE sql AS $$
	SELECT f.name, f.kind, f.options FROM collab.custom_fields f WHERE f.board_id = test.board(board) ORDER BY f.created_at, f.name
$$;
CREATE FUNCTION test.field_values(board text) RETURNS TABLE (task text, field text, value jsonb) LANGUAGE sql AS $$
	SELECT t.title, f.name, v.value FROM collab.tasks t, jsonb_each(t.custom_fields) AS v JOIN collab.custom_fields f ON f.id = v.key::uuid
	WHERE t.board_id = test.board(board) AND f.board_id = t.board_id ORDER BY t.rank, t.title, f.name
$$;
-- A real export: each kind once
SELECT r->'imported'->'custom_fields' AS fields, (SELECT count(*) FROM jsonb_array_elements(r->'unmapped') AS u WHERE u->>'kind' LIKE '%field%') AS unmapped FROM collab.import_trello(test.workspace('Team'), :'real') AS r;
SELECT * FROM test.fields('Project 100');
SELECT * FROM test.field_values('Project 100');
-- A full one: every value of the export is here, and no other.
SELECT collab.import_trello(test.workspace('Team'), :'full')->'imported'->'custom_fields' AS fields;
SELECT * FROM test.fields('Fieldwork 2.0');
CREATE VIEW test.told AS
	SELECT card->>'name' AS task, field->>'name' AS field, CASE field->>'type' WHEN 'list' THEN option->'value'->'text' WHEN 'text' THEN item->'value'->'text'
		WHEN 'number' THEN to_jsonb((item->'value'->>'number')::numeric) WHEN 'checkbox' THEN to_jsonb((item->'value'->>'checked')::boolean)
		ELSE to_jsonb(replace(item->'value'->>'date', '.000Z', 'Z')) END AS value
	FROM jsonb_array_elements(:'full'::jsonb->'cards') AS card, jsonb_array_elements(card->'customFieldItems') AS item
		JOIN jsonb_array_elements(:'full'::jsonb->'customFields') AS field ON field->>'id' = item->>'idCustomField'
		LEFT JOIN LATERAL jsonb_array_elements(field->'options') AS option ON option->>'id' = item->>'idValue';
SELECT (SELECT count(*) FROM test.told) AS told, (SELECT count(*) FROM test.field_values('Fieldwork 2.0')) AS here,
	(SELECT count(*) FROM (SELECT * FROM test.told EXCEPT SELECT * FROM test.field_values('Fieldwork 2.0')) AS d) AS missing;
-- When a field was made is in its id, there and here.
SELECT name, created_at AT TIME ZONE 'UTC' AS created_at FROM collab.custom_fields WHERE board_id = test.board('Fieldwork 2.0') ORDER BY name LIMIT 1;
-- What does not fit: an unknown type, a list without options, an option twice, values of another kind, of no field and of no option.
SELECT collab.import_trello(test.workspace('Team'), '{"name": "Odd", "lists": [{"id": "l", "name": "L", "pos": 1}], "customFields": [
	{"id": "n", "name": "Number", "type": "number"}, {"id": "d", "name": "Date", "type": "date"}, {"id": "b", "name": "Box", "type": "checkbox"}, {"id": "t", "name": "  ", "type": "text"},
	{"id": "s", "name": "Stars", "type": "rating"}, {"id": "e", "name": "Empty", "type": "list", "options": []}, {"id": "x", "name": "No type"},
	{"id": "o", "name": "Choice", "type": "list", "options": [{"id": "2", "pos": 2, "value": {"text": "B"}}, {"id": "1", "pos": 1, "value": {"text": "A"}}, {"id": "3", "pos": 3, "value": {"text": "A"}}, {"id": "4", "pos": 4, "value": null}]}],
	"cards": [{"id": "c", "name": "Good", "idList": "l", "pos": 1, "customFieldItems": [{"idCustomField": "n", "value": {"number": "-0.50"}}, {"idCustomField": "d", "value": {"date": "2026-03-01T12:00:00+02:00"}},
		{"idCustomField": "b", "value": {"checked": "false"}}, {"idCustomField": "t", "value": {"text": "  two\nlines "}}, {"idCustomField": "o", "idValue": "3", "value": null}]},
	{"id": "w", "name": "Wrong", "idList": "l", "pos": 2, "customFieldItems": [{"idCustomField": "n", "value": {"number": "1e131000"}}, {"idCustomField": "n", "value": {"number": "many"}}, {"idCustomField": "n", "value": {"number": "007"}},
		{"idCustomField": "d", "value": {"date": "soon"}}, {"idCustomField": "b", "value": {"checked": "maybe"}}, {"idCustomField": "o", "idValue": "9"}, {"idCustomField": "gone", "value": {"text": "x"}}, {"idCustomField": "s", "value": {"number": "5"}}]},
	{"id": "z", "name": "None", "idList": "l", "pos": 3, "customFieldItems": [{"idCustomField": "n", "value": null}, {"idCustomField": "o", "value": null, "idValue": null}, {"idCustomField": "t", "value": {"text": ""}}]}]}') AS report \gset
SELECT * FROM test.fields('Odd');
SELECT * FROM test.field_values('Odd');
SELECT u->>'kind' AS kind, u->'count' AS count, i.* FROM jsonb_array_elements(:'report'::jsonb->'unmapped') AS u, jsonb_to_recordset(u->'items') AS i ("where" text, what text);
-- A board has at most 50 fields, a field at most 100 options.
SELECT r->'imported'->'custom_fields' AS fields, u->>'kind' AS kind, u->'count' AS count, u->'items'->0 AS first FROM collab.import_trello(test.workspace('Team'), jsonb_build_object('name', 'Many', 'lists', '[]'::jsonb, 'cards', '[]'::jsonb,
	'customFields', (SELECT jsonb_agg(jsonb_build_object('id', 'f' || f, 'name', 'Field ' || f, 'pos', f, 'type', CASE f WHEN 1 THEN 'list' ELSE 'text' END,
		'options', CASE f WHEN 1 THEN (SELECT jsonb_agg(jsonb_build_object('id', 'o' || o, 'pos', o, 'value', jsonb_build_object('text', 'Option ' || o))) FROM generate_series(1, 103) AS o) END)) FROM generate_series(1, 53) AS f))) AS r, jsonb_array_elements(r->'unmapped') AS u;
-- An imported field is an ordinary one.
SELECT collab.set_custom_field(test.task('Good', 'Odd'), (SELECT id FROM collab.custom_fields WHERE name = 'Choice'), '"B"')->'changed' AS changed;
SELECT test.try(format('SELECT collab.set_custom_field(%L, %L, %L)', test.task('Good', 'Odd'), (SELECT id FROM collab.custom_fields WHERE name = 'Choice'), '"C"'));
SELECT * FROM collab.verify();
