-- A board's document: order, archive, private boards, what is deleted, and that jsonb of our own text is jsonb's own.
\i test/fixtures/team.sql
SET collab.user_id = '1';
SELECT test.board('Plan') AS board \gset
SELECT count(collab.create_task(:'board', test.list('To do'), 'T' || n, labels => '{}')) FROM generate_series(1, 4) AS n;
SELECT count(collab.create_label(:'board', name, 'red')) FROM unnest(ARRAY['Bug', 'Idea']) AS name;
SELECT count(collab.update_task(test.task('T1'), '{"labels": ["Idea", "Bug"], "assignees": [3, 2]}'));
SELECT count(collab.define_custom_field(:'board', 'Cost', 'number')), count(collab.define_custom_field(:'board', 'Size', 'choice', '{S,M}')),
	count(collab.define_custom_field(:'board', 'Gone', 'text'));
CREATE FUNCTION test.field(wanted text) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM collab.custom_fields WHERE name = wanted $$;
SELECT count(collab.set_custom_field(test.task('T1'), test.field(name), value)) FROM (VALUES ('Cost', '3.50'::jsonb), ('Gone', '"x"')) AS v (name, value);
CREATE FUNCTION test.outline(state jsonb) RETURNS TABLE (list text, "position" text, archived boolean, tasks text) LANGUAGE sql AS $$
	SELECT l.value->>'name', l.value->>'position', l.value ? 'archived_at',
		(SELECT string_agg((t.value->>'title') || ' ' || (t.value->>'position') || CASE WHEN t.value ? 'archived_at' THEN ' archived' ELSE '' END, ', ' ORDER BY t.ordinality)
			FROM jsonb_array_elements(l.value->'tasks') WITH ORDINALITY AS t)
	FROM jsonb_array_elements(state->'board'->'lists') WITH ORDINALITY AS l ORDER BY l.ordinality
$$;
-- In the order of ranks, whatever the order of the rows
SELECT count(collab.move_task(task_id => test.task('T4'), to_list_id => test.list('To do'), new_position => 0));
SELECT * FROM test.outline(collab.board_state(:'board'));
-- Its custom fields, and none that is deleted, nor its values
SELECT count(collab.delete_custom_field(test.field('Gone')));
SELECT f->>'name' AS name, f->>'kind' AS kind, f->'options' AS options FROM jsonb_array_elements(collab.board_state(:'board')#>'{board,custom_fields}') AS f;
SELECT t->'custom_fields' = jsonb_build_object(test.field('Cost'), 3.50) AS values FROM jsonb_path_query(collab.board_state(:'board'), '$.board.lists[*].tasks[*] ? (@.title == "T1")') AS t;
-- A deleted label is neither on the board nor on a task
SELECT count(collab.delete_label((SELECT id FROM collab.labels WHERE name = 'Bug')));
SELECT jsonb_path_query_array(s, '$.board.labels[*].name') AS board, jsonb_path_query_array(s, '$.board.lists[*].tasks[*].labels[*].name') AS tasks FROM collab.board_state(:'board') AS s;
-- Deleted checklists and items are out; what is left is counted from 0
CREATE FUNCTION test.checklist(wanted text) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM collab.checklists WHERE name = wanted $$;
SELECT count(collab.create_checklist(test.task('T1'), name)) FROM unnest(ARRAY['A', 'B', 'C']) AS name;
SELECT count(collab.add_checklist_item(test.checklist(list), item)) FROM (VALUES ('B', 'b2'), ('A', 'a1'), ('C', 'c1'), ('C', 'c2')) AS v (list, item);
SELECT count(collab.add_checklist_item(test.checklist('B'), 'b1', 0, assigned_to => 4));
SELECT count(collab.check_item(id, true)) FROM collab.checklist_items WHERE text IN ('b1', 'c1', 'a1');
SELECT count(collab.delete_checklist(test.checklist('A'))), count(collab.delete_checklist_item(id)) FROM collab.checklist_items WHERE text = 'c1';
SELECT c->>'name' AS checklist, c->>'position' AS "position", jsonb_path_query_array(c, '$.items[*].text') AS items, jsonb_path_query_array(c, '$.items[*].position') AS positions
	FROM jsonb_path_query(collab.board_state(:'board'), '$.board.lists[*].tasks[*].checklists[*]') AS c;
SELECT jsonb_path_query_array(s, '$.board.lists[*].tasks[*] ? (@.title == "T1").checklist_counts') AS counts FROM collab.board_state(:'board', 'cards') AS s;
-- What blocks a task, unless it is deleted
SELECT count(collab.add_dependency(test.task('T1'), test.task(blocker))) FROM unnest(ARRAY['T3', 'T2']) AS blocker;
SELECT jsonb_array_length(t->'blocked_by') AS blockers FROM jsonb_path_query(collab.board_state(:'board', 'cards'), '$.board.lists[*].tasks[*] ? (@.title == "T1")') AS t;
SELECT count(collab.delete_task(test.task('T3')));
SELECT t->'blocked_by' = jsonb_build_array(test.task('T2')) AS only_t2 FROM jsonb_path_query(collab.board_state(:'board', 'cards'), '$.board.lists[*].tasks[*] ? (@.title == "T1")') AS t;
-- The archive is there when asked for: positions count what is open
SELECT count(collab.archive_task(test.task('T4'))), count(collab.archive_list(test.list('In progress')));
SELECT * FROM test.outline(collab.board_state(:'board'));
SELECT * FROM test.outline(collab.board_state(:'board', 'cards', true));
SELECT collab.board_state(:'board', 'cards', NULL) = collab.board_state(:'board', 'cards') AS null_is_false;
-- Members are those who see it; people are those and the assignees, of checklist items too
SELECT s#>'{board,members}' AS members, jsonb_path_query_array(s, '$.board.people[*].username') AS people FROM collab.board_state(:'board') AS s;
SELECT count(collab.update_board(:'board', '{"visibility": "private"}'));
SELECT s#>'{board,members}' AS members, jsonb_path_query_array(s, '$.board.people[*].username') AS people FROM collab.board_state(:'board') AS s;
-- jsonb of our own text is what jsonb_in makes of it
SELECT collab.update_task(test.task('T1'), jsonb_build_object('title', E'Quote " back\\slash / tab', 'description', E'line\n\ttab \u00e9\u20ac\U0001F600', 'config', '{"bb": [1, -0, 2.50, 1e20, "x", null, true, [], {}],
	"a": {"z": 123456789012345678901234567890, "long \" key": {"n": [[[1]], "s", 2]}}, "ccc": "", "flag": false, "e": -12.5e-3}'::jsonb))->'changed' AS changed;
SELECT (s->'board')::text = d::jsonb::text AS same_text, pg_column_size(s->'board') = pg_column_size(d::jsonb) AS same_size, s->'board' = d::jsonb AS equal, (s->'board')->'lists'->0->'tasks'->0->'config' AS config
	FROM collab.board_state(:'board') AS s, collab.board_document(:'board', 'full') AS d;
-- … of many keys and elements too: every 32nd entry is an offset
SELECT collab.update_task(test.task('T2'), jsonb_build_object('config', (SELECT jsonb_object_agg(repeat('k', n % 7) || n, to_jsonb(CASE WHEN n % 3 = 0 THEN '[1, "two", 3]' ELSE n::text END::jsonb)) FROM generate_series(1, 200) AS n)))->'changed' AS changed;
SELECT count(collab.create_task(:'board', test.list('To do'), 'Many ' || n)) FROM generate_series(1, 100) AS n;
SELECT s->'board' = d::jsonb AS equal, bool_and(t->'config'->(repeat('k', n % 7) || n) = CASE WHEN n % 3 = 0 THEN '[1, "two", 3]' ELSE n::text END::jsonb) AS each_found, count(*)
	FROM collab.board_state(:'board') AS s, collab.board_document(:'board', 'full') AS d, jsonb_path_query(s, '$.board.lists[*].tasks[*] ? (@.title == "T2")') AS t, generate_series(1, 200) AS n GROUP BY s, d;
SELECT jsonb_array_length(s#>'{board,lists,0,tasks}') AS tasks, s#>>'{board,lists,0,tasks,64,title}' AS title FROM collab.board_state(:'board') AS s;
SELECT * FROM collab.verify();
