-- CREATE_LIST and MOVE_LIST.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT collab.create_list(test.board('Plan'), ' Ideas ', NULL, NULL, NULL, test.cid(1)) AS ack \gset
SELECT * FROM test.ack(:'ack');
SELECT :'ack'::jsonb->'result'->>'list_id' = test.list('Ideas')::text AS result_names_it;
SELECT test.mask((payload - ARRAY['event', 'timestamp'])::text) FROM jsonb_extract_path(:'ack'::jsonb, 'events', '0', 'payload') AS payload;
-- At a position, with a category and a limit; beyond the end is the end.
SELECT (a->'events'->0->'payload'->'list') - 'id' AS list FROM collab.create_list(test.board('Plan'), 'First', 0, 'doing', 2) AS a;
SELECT a->'events'->0->'payload'->'position' AS position FROM collab.create_list(test.board('Plan'), 'Third', 2) AS a;
SELECT a->'events'->0->'payload'->'position' AS position FROM collab.create_list(test.board('Plan'), 'Last', 99, 'done') AS a;
SELECT * FROM test.show();
-- Each kind of move, told by the final index.
CREATE FUNCTION test.moved(name text, index int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	ack jsonb := collab.move_list(test.list(name), index);
BEGIN
	RETURN concat_ws(': ', coalesce(ack->'events'->0->'payload'->>'new_position', 'unchanged'),
		(SELECT string_agg(list, ', ') FROM test.show()));
END
$$;
SELECT test.moved('First', 1);
SELECT test.moved('First', 1);
SELECT test.moved('First', 6);
SELECT test.moved('First', 6);
SELECT test.moved('First', 2147483647);
SELECT test.moved('First', 0);
SELECT test.moved('Done', 3);
SELECT test.moved('Last', 5);
SELECT test.moved('Last', 4);
SELECT * FROM test.ack(collab.move_list(test.list('Last'), 4));
SELECT name, "position" FROM collab.visible_lists WHERE board_id = test.board('Plan') ORDER BY "position";
-- The event
SELECT payload - ARRAY['board_id', 'list_id', 'event', 'timestamp'] AS payload
	FROM jsonb_extract_path(collab.move_list(test.list('Third'), 1), 'events', '0', 'payload') AS payload;
-- Only the list itself has a new version.
SELECT name, version FROM collab.lists WHERE board_id = test.board('Plan') ORDER BY rank;
-- A board_id that does not fit, a list of another board
SELECT collab.create_board(test.workspace('Team'), 'Other')->'changed' AS changed;
SELECT test.try($$ SELECT collab.execute(jsonb_build_object('type', 'MOVE_LIST', 'payload',
	jsonb_build_object('board_id', test.board('Other'), 'list_id', test.list('Third'), 'new_position', 0))) $$);
SELECT test.try($$ SELECT collab.execute(jsonb_build_object('type', 'MOVE_LIST', 'payload',
	jsonb_build_object('board_id', test.board('Plan'), 'list_id', test.list('Third'), 'new_position', 0))) $$);
-- Refused
SELECT test.try($$ SELECT collab.move_list(test.list('Third'), -1) $$);
SELECT test.try($$ SELECT collab.move_list(test.list('Third'), NULL) $$);
SELECT test.try($$ SELECT collab.move_list('00000000-0000-0000-0000-000000000001', 0) $$);
SELECT test.try($$ SELECT collab.create_list(test.board('Plan'), 'x', -1) $$);
SELECT test.try($$ SELECT collab.create_list(test.board('Plan'), 'x', 0, 'later') $$);
SELECT test.try($$ SELECT collab.create_list(test.board('Plan'), 'x', 0, 'todo', 0) $$);
SELECT test.try($$ SELECT collab.create_list(test.board('Plan'), E'two\nlines') $$);
SELECT test.try($$ SELECT collab.create_list(test.workspace('Team'), 'a workspace is no board') $$);
SELECT test.try($$ SELECT collab.execute(jsonb_build_object('type', 'CREATE_LIST', 'payload',
	jsonb_build_object('board_id', test.board('Plan'), 'name', 'x', 'position', 1.5))) $$);
SELECT test.try($$ SELECT collab.execute(jsonb_build_object('type', 'CREATE_LIST', 'payload',
	jsonb_build_object('board_id', test.board('Plan'), 'name', 'x', 'position', 1e10))) $$);
-- An archived list (an import brings them) does not move, and does not count for positions.
SELECT collab.import_trello(test.workspace('Team'), '{"name": "Imported", "cards": [], "lists": [
	{"id": "a", "name": "One", "pos": 1}, {"id": "b", "name": "Gone", "pos": 2, "closed": true},
	{"id": "c", "name": "Two", "pos": 3}]}')->'imported'->'archived_lists' AS archived_lists;
SELECT test.try($$ SELECT collab.move_list(test.list('Gone', 'Imported'), 0) $$);
SELECT collab.move_list(test.list('Two', 'Imported'), 1)->'changed' AS changed;
SELECT collab.move_list(test.list('Two', 'Imported'), 0)->'changed' AS changed;
SELECT list FROM test.show('Imported');
-- Twenty to the front, one after the other, and every one between the same two.
SELECT count(collab.create_list(test.board('Other'), 'Front ' || n, 0)) FROM generate_series(1, 20) AS n;
SELECT string_agg(list, ', ') FROM test.show('Other');
SELECT count(collab.create_list(test.board('Other'), 'Between ' || n, 1)) FROM generate_series(1, 100) AS n;
SELECT string_agg(list, ', ') FROM (SELECT * FROM test.show('Other') LIMIT 5) AS first;
SELECT count(*) AS lists, count(DISTINCT rank) AS ranks FROM collab.lists WHERE board_id = test.board('Other');
SELECT * FROM collab.verify();
