-- Imports that do not fit: refused with their place, and nothing is changed; and texts that are made to fit.
\i test/fixtures/team.sql
SET collab.user_id = '3';
CREATE FUNCTION test.import(document jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT split_part(test.try(format('SELECT collab.import_trello(test.workspace(''Team''), %L)', document)), ' [', 1)
$$;
SELECT '{"name": "Good", "lists": [{"id": "l", "name": "List", "pos": 1}], "cards": [{"id": "c", "name": "Card", "idList": "l", "pos": 1}],
	"labels": [{"id": "x", "name": "Label", "color": "red"}], "members": [{"id": "m", "username": "newcomer", "fullName": "New Comer"}],
	"checklists": [{"id": "k", "name": "Check", "idCard": "c", "pos": 1, "checkItems": [{"name": "item", "pos": 1}]}],
	"actions": [{"type": "commentCard", "date": "2026-01-01T00:00:00.000Z", "data": {"text": "hi", "card": {"id": "c"}}, "idMemberCreator": "m"}]}' AS good \gset
SELECT (SELECT count(*) FROM collab.events) AS events, (SELECT count(*) FROM collab.users) AS users, (SELECT count(*) FROM collab.boards) AS boards \gset before_
-- What must be there, and of which type
SELECT array_to_string(path, '.') AS place, value, test.import(CASE WHEN value = 'absent' THEN :'good'::jsonb #- path ELSE jsonb_set(:'good', path, value::jsonb) END) AS outcome
	FROM (VALUES ('{name}'::text[], 'absent'), ('{name}', '7'), ('{desc}', '[]'), ('{lists}', 'absent'), ('{lists}', '{}'), ('{lists,0}', '"List"'),
	('{lists,0,id}', 'absent'), ('{lists,0,id}', '7'), ('{lists,0,id}', '""'), ('{lists,0,name}', 'null'), ('{lists,0,pos}', '"top"'), ('{lists,0,pos}', 'absent'), ('{lists,0,closed}', '"no"'),
	('{cards}', 'absent'), ('{cards}', '"none"'), ('{cards,0,name}', '{}'), ('{cards,0,idList}', 'absent'), ('{cards,0,idList}', '"elsewhere"'), ('{cards,0,due}', '"soon"'),
	('{cards,0,closed}', '1'), ('{cards,0,idMembers}', '"m"'), ('{cards,0,idMembers}', '[7]'), ('{cards,0,idLabels}', '[""]'), ('{cards,0,badges}', '3'), ('{cards,0,badges}', '{"comments": "3"}'),
	('{cards,0,attachments}', '[1]'), ('{cards,0,attachments}', '[{"name": 1}]'), ('{cards,0,customFieldItems}', '[{}]'), ('{cards,0,cover}', '{"color": 1}'), ('{labels}', '{}'), ('{labels,0,id}', 'absent'),
	('{labels,0,color}', '1'), ('{members,0,username}', 'absent'), ('{members,0,fullName}', '1'), ('{checklists,0,idCard}', 'absent'), ('{checklists,0,checkItems,0,name}', '1'),
	('{checklists,0,checkItems,0,pos}', 'absent'), ('{checklists,0,checkItems,0,due}', '"x"'), ('{actions,0,type}', 'absent'), ('{actions,0,date}', '"yesterday"'), ('{actions,0,data}', '[]'),
	('{actions,0,memberCreator}', '{}'), ('{actions}', '"many"'), ('{cards,0,idMembersVoted}', '[[]]'), ('{customFields}', '[1]'), ('{customFields}', '[{"id": "f", "options": [1]}]'), ('{customFields}', '[{"id": "f", "options": [{"id": 7}]}]'),
	('{cards,0,customFieldItems}', '[{"idCustomField": "f", "value": "x"}]'), ('{cards,0,customFieldItems}', '[{"idCustomField": "f", "value": {"number": 8}}]'), ('{cards,0,attachments}', '[{"date": "x"}]'), ('{cards,0,cover}', '{"idAttachment": 7}'),
	('{actions,0,data}', '{"dateLastEdited": "x"}')) AS wrong (path, value);
SELECT test.import(jsonb_set(:'good', '{lists}', '[{"id": "l", "name": "A", "pos": 1}, {"id": "l", "name": "B", "pos": 2}]'));
SELECT test.import(jsonb_set(:'good', '{cards}', '[{"id": "c", "name": "A", "idList": "l", "pos": 1}, {"id": "c", "name": "B", "idList": "l", "pos": 2}]'));
SELECT test.import(jsonb_set(:'good', '{labels}', '[{"id": "x", "name": "A"}, {"id": "x", "name": "B"}]'));
SELECT test.import('{}');
SELECT test.import('{"hello": "world"}');
SELECT document, test.try(format('SELECT collab.import_trello(test.workspace(''Team''), %L)', document)) AS outcome FROM unnest(ARRAY['[]', '"x"', 'null', '7']::jsonb[]) AS document;
SELECT test.try($$ SELECT collab.import_trello(test.workspace('Team'), NULL) $$);
SELECT test.try($$ SELECT collab.import_trello(NULL, '{}') $$);
SELECT test.try($$ SELECT collab.execute(jsonb_build_object('type', 'IMPORT_BOARD', 'payload', jsonb_build_object('workspace_id', test.workspace('Team'), 'format', 'jira', 'document', '{}'::jsonb))) $$);
-- A whole refusal, with its way out
SELECT test.try(format('SELECT collab.import_trello(test.workspace(''Team''), %L)', jsonb_set(:'good', '{cards,0,due}', '"soon"')));
-- Nothing was changed by all these, not even a placeholder made.
SELECT (SELECT count(*) FROM collab.events) - :before_events AS events, (SELECT count(*) FROM collab.users) - :before_users AS users, (SELECT count(*) FROM collab.boards) - :before_boards AS boards;
-- Nor in a batch, where one that is refused late leaves the others alone.
SELECT b.kind, b.code, b.body::jsonb->>'message' AS message FROM collab.execute_batch('{3,3}', ARRAY[test.cid(1), test.cid(2)], ARRAY(SELECT jsonb_build_object('type', 'IMPORT_BOARD', 'payload',
	jsonb_build_object('workspace_id', test.workspace('Team'), 'format', 'trello', 'document', d))::text FROM unnest(ARRAY[jsonb_set(:'good', '{cards,0,idList}', '"elsewhere"'), '{"name": "In batch", "lists": [], "cards": []}']) AS d)) AS b;
SELECT (SELECT count(*) FROM collab.users) - :before_users AS users, (SELECT count(*) FROM collab.boards) - :before_boards AS boards;
-- What only does not find its place is left out, and told.
SELECT r->'imported' AS imported FROM collab.import_trello(test.workspace('Team'), :'good') AS r;
SELECT u->>'kind' AS kind, u->'count' AS count, u->'items' AS items FROM collab.import_trello(test.workspace('Team'), '{"name": "Loose ends", "lists": [{"id": "l", "name": "L", "pos": 1}],
	"cards": [{"id": "c", "name": "Card", "idList": "l", "pos": 1, "idMembers": ["gone"], "idLabels": ["gone"], "badges": {"comments": 3}}],
	"checklists": [{"id": "k", "name": "Check", "idCard": "gone", "pos": 1}],
	"actions": [{"type": "commentCard", "date": "2026-01-01T00:00:00.000Z", "data": {"text": "where", "card": {"id": "gone"}}, "idMemberCreator": "gone"},
		{"type": "commentCard", "date": "2026-01-01T00:00:00.000Z", "data": {"text": "who", "card": {"id": "c"}}, "idMemberCreator": "gone"},
		{"type": "commentCard", "date": "2026-01-01T00:00:00.000Z", "data": {"card": {"id": "c"}}}, {"type": "updateCard", "data": {}}]}') AS r, jsonb_array_elements(r->'unmapped') AS u;
-- Texts that are too long, empty or full of control characters are made to fit, and told. Only what does not fit is touched: line breaks stay.
SELECT u->>'kind' AS kind, u->'count' AS count FROM collab.import_trello(test.workspace('Team'), jsonb_build_object('name', repeat('é', 150), 'desc', E'bell\007\nnext line',
	'lists', jsonb_build_array(jsonb_build_object('id', 'l', 'name', '  ', 'pos', 1)), 'cards', jsonb_build_array(
		jsonb_build_object('id', 'c', 'name', E'two\nlines\001', 'idList', 'l', 'pos', -1.5, 'desc', repeat('ü', 40000)),
		jsonb_build_object('id', 'd', 'name', E'\001', 'idList', 'l', 'pos', 0), jsonb_build_object('id', 'e', 'name', E'C1: \u0085.', 'idList', 'l', 'pos', 1)))) AS r, jsonb_array_elements(r->'unmapped') AS u ORDER BY 1;
SELECT b.name = repeat('é', 100) AS cut_at_a_character, b.description LIKE E'bell%\nnext line' AS keeps_lines, l.name AS list, '"' || regexp_replace(t.title, ' +', ' ', 'g') || '"' AS title, octet_length(t.description) AS bytes, right(t.description, 1) AS ends_with
	FROM collab.boards b JOIN collab.lists l ON l.board_id = b.id JOIN collab.tasks t ON t.board_id = b.id WHERE b.name LIKE 'é%' ORDER BY t.rank;
-- Positions may be the same, negative or far apart; the export's order decides then.
SELECT collab.import_trello(test.workspace('Team'), '{"name": "Order", "lists": [{"id": "b", "name": "B", "pos": 1e308}, {"id": "a", "name": "A", "pos": -1e308}, {"id": "c", "name": "C", "pos": 5}, {"id": "d", "name": "D", "pos": 5}],
	"cards": [{"id": "1", "name": "one", "idList": "a", "pos": 0.0000001}, {"id": "2", "name": "two", "idList": "a", "pos": 0.0000001}, {"id": "3", "name": "three", "idList": "a", "pos": 0}]}')->'imported'->'tasks' AS tasks;
SELECT * FROM test.show('Order');
-- An empty board, and a limit that is no limit
SELECT collab.import_trello(test.workspace('Team'), '{"name": "Empty", "lists": [], "cards": []}')->'imported'->'lists' AS lists;
SELECT collab.import_trello(test.workspace('Team'), '{"name": "Limits", "cards": [], "lists": [{"id": "a", "name": "A", "pos": 1, "softLimit": 0}, {"id": "b", "name": "B", "pos": 2, "softLimit": -3},
	{"id": "c", "name": "C", "pos": 3, "softLimit": 2.7}, {"id": "d", "name": "D", "pos": 4, "softLimit": 1e30}, {"id": "e", "name": "E", "pos": 5, "softLimit": null}]}')->'imported'->'lists' AS lists;
SELECT name, wip_limit FROM collab.lists WHERE board_id = test.board('Limits') ORDER BY rank;
SELECT * FROM collab.verify();
-- A document that names too many people is refused: each of them could become a user.
SELECT test.import(jsonb_set(:'good', '{members}', (SELECT jsonb_agg(jsonb_build_object('id', 'm' || n, 'username', 'u' || n)) FROM generate_series(1, 5001) AS n)));
SELECT count(*) AS placeholders FROM collab.users WHERE handle LIKE 'u5%';
