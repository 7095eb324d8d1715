-- export_tasks_csv: one row a task, read back by COPY; nothing in it is a formula for a spreadsheet.
\i test/fixtures/team.sql
\i test/fixtures/busy_board.sql
CREATE TABLE test.rows (list text, title text, status text, priority text, labels text, assignees text, start_date timestamptz, due_date timestamptz, completed_at timestamptz, archived boolean,
	created_at timestamptz, created_by text, description text, "Approved" boolean, "Customer" text, "Frozen" timestamptz, "Points" numeric, "Release" text);
SELECT split_part(collab.export_tasks_csv(test.board('Busy')), E'\r\n', 1) AS header;
-- The fields' columns stand in the order in which the fields were made.
SELECT string_agg(name, ',' ORDER BY created_at) AS fields FROM collab.custom_fields;
-- What COPY reads back: open tasks in their order, then those that are archived or in an archived list
\set csv_file `mktemp /tmp/collab-export.XXXXXX`
\pset format unaligned
\pset tuples_only on
\o :csv_file
SELECT collab.export_tasks_csv(test.board('Busy'));
\o
\pset tuples_only off
\pset format aligned
\setenv CSV_FILE :csv_file
\copy test.rows (list, title, status, priority, labels, assignees, start_date, due_date, completed_at, archived, created_at, created_by, description, "Points", "Customer", "Frozen", "Approved", "Release") FROM PROGRAM 'head -c -1 "$CSV_FILE"; rm -f "$CSV_FILE"' CSV HEADER
SELECT r.list, r.title, r.status, r.priority, r.labels, r.assignees, r.archived, r.created_by, r.description FROM test.rows r;
SELECT r.title, r.start_date, r.due_date, r.completed_at IS NOT NULL AS completed, r.created_at = t.created_at AS dated, "Points", "Customer", "Frozen", "Approved", "Release" FROM test.rows r JOIN collab.tasks t ON t.title = r.title WHERE t.board_id = test.board('Busy');
-- Every line ends as RFC 4180 says, the last one too.
SELECT right(collab.export_tasks_csv(test.board('Busy')), 2) = E'\r\n' AS ends, (SELECT count(*) - 1 FROM regexp_split_to_table(collab.export_tasks_csv(test.board('Busy')), E'\r\n')) AS lines;
-- Cells: quoted where something in them needs it; a text that would be a formula gets an apostrophe.
SELECT value, collab.csv_cell(value) AS cell FROM unnest(ARRAY['plain', 'with, comma', 'with "quotes"', E'two\nlines', E'carriage\rreturn', 'semi;colon', E'tab\tinside', ' space before', 'space after ', '', NULL,
	'=1+1', '+49 30 1', '-1', '@SUM(A1)', E'\t=1', E'\r=1', '=cmd|''/c calc''!A1', '"=1"', '''quoted', '= "a", b', 'a=b', 'é', '＝1']) AS value;
SELECT collab.create_task(test.board('Busy'), test.list('To do', 'Busy'), '=HYPERLINK("https://evil.example", "x")', '@here', labels => ARRAY['Bug'])->'changed' AS changed, collab.define_custom_field(test.board('Busy'), '=SUM(1)', 'text')->'changed' AS defined;
SELECT split_part(line, ',', 1) AS list, substr(line, 7, 60) AS cell FROM regexp_split_to_table(collab.export_tasks_csv(test.board('Busy')), E'\r\n') AS line WHERE line LIKE '%HYPERLINK%';
SELECT right(split_part(collab.export_tasks_csv(test.board('Busy')), E'\r\n', 1), 9) AS last_column;
-- A label without a name goes by its color. Numbers are numbers, negative ones too.
SELECT collab.import_trello(test.workspace('Team'), '{"name": "Trello", "lists": [{"id": "l", "name": "L", "pos": 1}], "labels": [{"id": "x", "name": "", "color": "lime"}], "customFields": [{"id": "n", "name": "Balance", "type": "number"}],
	"cards": [{"id": "c", "name": "C", "idList": "l", "pos": 1, "idLabels": ["x"], "customFieldItems": [{"idCustomField": "n", "value": {"number": "-5"}}]}]}')->'imported'->'tasks' AS tasks;
SELECT regexp_replace(collab.export_tasks_csv(test.board('Trello')), '20\d\d-[^,]*Z', '<time>', 'g') AS csv;
-- An empty board has a header. Who sees the board, reads it; a viewer too.
SELECT length(collab.export_tasks_csv(test.board('Plan'))) AS characters;
SET collab.user_id = '4';
SELECT left(collab.export_tasks_csv(test.board('Plan')), 10) AS viewer;
SET collab.user_id = '5';
SELECT test.try($$ SELECT collab.export_tasks_csv(test.board('Plan')) $$), test.try('SELECT collab.export_tasks_csv(NULL)');
