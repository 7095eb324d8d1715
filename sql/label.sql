-- CREATE_LABEL, UPDATE_LABEL, DELETE_LABEL, and labels on tasks.
\i test/fixtures/team.sql
SET collab.user_id = '3';
CREATE FUNCTION test.label(wanted text, board text DEFAULT 'Plan') RETURNS uuid LANGUAGE sql AS $$
	SELECT id FROM collab.labels WHERE name = wanted AND board_id = test.board(board)
$$;
SELECT collab.create_label(test.board('Plan'), '  Bug ', 'red', test.cid(1)) AS ack \gset
SELECT p - ARRAY['board_id', 'event', 'timestamp', 'label', 'command_id'] AS payload, (p->'label') - 'id' AS label,
	p->'label'->>'id' = test.label('Bug')::text AS has_id, :'ack'::jsonb->'result'->>'label_id' = test.label('Bug')::text AS result
	FROM jsonb_extract_path(:'ack'::jsonb, 'events', '0', 'payload') AS p;
SELECT collab.create_label(test.board('Plan'), '  Bug ', 'red', test.cid(1))->'replayed' AS replayed;
SELECT collab.create_label(test.board('Plan'), 'Größe', '#0a1b2c')->'changed' AS changed;
SELECT name, color, open_tasks FROM collab.visible_labels ORDER BY created_at;
-- A name is there once, however it is written; on another board it may be there again.
SELECT test.try($$ SELECT collab.create_label(test.board('Plan'), 'Bug', 'blue') $$);
SELECT test.try($$ SELECT collab.create_label(test.board('Plan'), 'bUG', 'blue') $$);
SELECT test.try($$ SELECT collab.create_label(test.board('Plan'), 'GRÖSSE', 'blue') $$) AS sharp_s_is_another_letter;
SELECT test.try($$ SELECT collab.create_label(test.board('Plan'), 'grÖße', 'blue') $$);
SELECT test.try($$ SELECT collab.create_label(test.board('Plan'), U&'Gro\0308\00dfe', 'blue') $$);
SELECT collab.create_board(test.workspace('Team'), 'Other')->'changed' AS changed;
SELECT collab.create_label(test.board('Other'), 'Bug', 'blue')->'changed' AS changed;
-- What is no name or color
SELECT test.try(format('SELECT collab.create_label(test.board(%L), %L, %L)', 'Plan', name, color)) FROM (VALUES (NULL, 'red'), ('', 'red'),
	('  ', 'red'), (repeat('x', 101), 'red'), (E'a\u0007b', 'red'), ('X', NULL), ('X', ''), ('X', 'Red'), ('X', '#FFFFFF'), ('X', '#fff'), ('X', 'mauve'))
	AS wrong (name, color);
-- On tasks, by id or name
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'A', labels => ARRAY['Bug', 'Größe'])->'changed' AS changed;
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'B', labels => ARRAY[test.label('Bug')::text])->'changed' AS changed;
SELECT test.try($$ SELECT collab.update_task(test.task('A'), jsonb_build_object('labels', ARRAY[test.label('Bug', 'Other')])) $$);
SELECT title, labels FROM collab.visible_tasks ORDER BY 1;
-- A change names what differs, and keeps what was.
SELECT p - ARRAY['board_id', 'event', 'timestamp', 'label_id'] AS payload, p->>'label_id' = test.label('Defect')::text AS label
	FROM jsonb_extract_path(collab.update_label(test.label('Bug'), '{"name": " Defect ", "color": "red"}'), 'events', '0', 'payload') AS p;
SELECT event_data->'before' AS before FROM collab.events WHERE event_type = 'LabelUpdated';
SELECT collab.update_label(test.label('Defect'), '{"name": "Defect", "color": "red"}')->'changed' AS changed;
SELECT collab.update_label(test.label('Defect'), '{"name": "DEFECT", "color": "black"}')->'events'->0->'payload'->'updates' AS updates;
SELECT test.try($$ SELECT collab.update_label(test.label('DEFECT'), '{"name": "größe"}') $$);
SELECT test.try($$ SELECT collab.update_label(test.label('DEFECT'), '{"name": ""}') $$);
SELECT test.try($$ SELECT collab.update_label(test.label('DEFECT'), '{"color": "loud"}') $$);
SELECT test.try($$ SELECT collab.update_label(test.label('DEFECT'), '{}') $$);
SELECT title, labels FROM collab.visible_tasks ORDER BY 1;
-- UNDO goes back to both.
SELECT collab.undo(test.board('Plan'))->'events'->0->'payload'->'updates' AS updates;
SELECT collab.undo(test.board('Plan'))->'events'->0->'payload'->'updates' AS updates;
-- A task's labels as they were are in its event.
SELECT collab.update_task(test.task('A'), '{"labels": ["Größe"]}')->'changed' AS changed;
SELECT jsonb_path_query_array(event_data, '$.before.labels[*].name') AS before FROM collab.events WHERE event_type = 'TaskUpdated';
SELECT jsonb_path_query_array(collab.undo(test.board('Plan')), '$.events[*].payload.updates.labels[*].name') AS labels;
-- A deleted label is on no task any more; the tasks do not change by that.
SELECT version AS before FROM collab.tasks WHERE title = 'A' \gset
SELECT p - ARRAY['board_id', 'event', 'timestamp', 'label_id'] AS payload, p->>'label_id' = test.label('Bug')::text AS label
	FROM jsonb_extract_path(collab.delete_label(test.label('Bug'), test.cid(2)), 'events', '0', 'payload') AS p;
SELECT collab.delete_label(test.label('Bug'), test.cid(2))->'replayed' AS replayed;
SELECT title, labels FROM collab.visible_tasks ORDER BY 1;
SELECT version = :before AS is_as_before FROM collab.tasks WHERE title = 'A';
SELECT name FROM collab.visible_labels WHERE board_id = test.board('Plan') ORDER BY created_at;
SELECT jsonb_path_query_array(collab.board_state(test.board('Plan')), '$.board.labels[*].name') AS names;
SELECT test.try($$ SELECT collab.delete_label(test.label('Bug')) $$);
SELECT test.try($$ SELECT collab.update_label(test.label('Bug'), '{"name": "Back"}') $$);
SELECT test.try($$ SELECT collab.update_task(test.task('B'), '{"labels": ["Bug"]}') $$);
SELECT collab.create_label(test.board('Plan'), 'bug', 'lime')->'changed' AS name_is_free_again;
SELECT test.try($$ SELECT collab.undo(test.board('Plan')) $$) AS undo_of_created;
SELECT test.try($$ SELECT collab.undo(test.board('Plan')) $$);
-- Imported boards can have a name twice; each can still be changed.
SELECT collab.import_trello(test.workspace('Team'), '{"name": "Twice", "lists": [], "cards": [], "labels": [{"id": "x", "name": "Same", "color": "red"},
	{"id": "y", "name": "same", "color": "blue"}]}')->'imported'->'labels' AS labels;
SELECT collab.update_label(test.label('Same', 'Twice'), '{"color": "green"}')->'changed' AS changed;
SELECT test.try($$ SELECT collab.update_label(test.label('Same', 'Twice'), '{"name": "SAME"}') $$);
-- Five hundred on a board
SELECT count(collab.create_label(test.board('Other'), 'L' || n, 'gray')) FROM generate_series(1, 499) AS n;
SELECT test.try($$ SELECT collab.create_label(test.board('Other'), 'One more', 'gray') $$);
SELECT collab.delete_label(test.label('L7', 'Other'))->'changed' AS changed;
SELECT test.try($$ SELECT collab.create_label(test.board('Other'), 'One more', 'gray') $$);
-- Versions and roles
SELECT test.try($$ SELECT collab.update_label(test.label('Größe'), '{"color": "red"}', version => 1) $$);
SET collab.user_id = '4';
SELECT test.try($$ SELECT collab.create_label(test.board('Plan'), 'X', 'red') $$);
SELECT count(*) > 0 AS sees FROM collab.visible_labels;
SET collab.user_id = '5';
SELECT test.try($$ SELECT collab.create_label(test.board('Plan'), 'X', 'red') $$);
SELECT test.try($$ SELECT collab.delete_label(test.label('Größe')) $$);
SELECT count(*) FROM collab.visible_labels;
SELECT * FROM collab.verify();
