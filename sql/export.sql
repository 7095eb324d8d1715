-- export_board: the document, as docs/export.md says, for whoever sees the board.
\i test/fixtures/team.sql
\i test/fixtures/busy_board.sql
-- Who is behind a name at the identity provider is shown to admins and owners; others get handles.
SELECT p.* FROM jsonb_to_recordset(collab.export_board(test.board('Busy'))->'people') AS p (ref text, issuer text, subject text, handle text, name text);
SET collab.user_id = '2';
SELECT collab.export_board(test.board('Busy')) AS document \gset
SELECT jsonb_object_agg(key, CASE WHEN jsonb_typeof(value) = 'array' THEN to_jsonb(jsonb_array_length(value) || ' of them') ELSE value END) - 'board' AS document FROM jsonb_each(:'document');
SELECT jsonb_pretty(:'document'::jsonb->'board') AS board;
SELECT p.* FROM jsonb_to_recordset(:'document'::jsonb->'people') AS p (ref text, issuer text, subject text, handle text, name text);
SELECT l.ref, l.name, l.color, l.created_at = collab.time_text(here.created_at) AS dated FROM jsonb_to_recordset(:'document'::jsonb->'labels') AS l (ref text, name text, color text, created_at text) JOIN collab.labels here ON here.name = l.name;
SELECT f.* FROM jsonb_to_recordset(:'document'::jsonb->'custom_fields') AS f (ref text, name text, kind text, options jsonb);
SELECT l.ref, l.name, l.category, l.wip_limit, l.created_at IS NOT NULL AS dated, l.archived_at IS NOT NULL AS archived FROM jsonb_to_recordset(:'document'::jsonb->'lists') AS l (ref text, name text, category text, wip_limit int, created_at text, archived_at text);
-- Tasks in the order of lists and ranks, archived ones in their place, deleted ones not at all
SELECT t.ref, t.list, t.title, t.priority, t.start_date, t.due_date, t.completed_at IS NOT NULL AS completed, t.archived_at IS NOT NULL AS archived, t.created_by, t.labels, t.assignees, t.blocked_by, t.cover
	FROM jsonb_to_recordset(:'document'::jsonb->'tasks') AS t (ref text, list text, title text, priority text, start_date text, due_date text, completed_at text, archived_at text, created_by text, labels jsonb, assignees jsonb, blocked_by jsonb, cover jsonb);
SELECT DISTINCT (SELECT string_agg(key, ', ' ORDER BY key) FROM jsonb_object_keys(task) AS key) AS keys FROM jsonb_array_elements(:'document'::jsonb->'tasks') AS task;
SELECT task->>'description' AS description, task->'config' AS config, task->'custom_fields' AS custom_fields FROM jsonb_array_elements(:'document'::jsonb->'tasks') AS task WHERE task->>'title' = 'First';
SELECT jsonb_pretty(task->'checklists') AS checklists FROM jsonb_array_elements(:'document'::jsonb->'tasks') AS task WHERE task->>'title' = 'First';
-- What nobody answers to any more is gone; who wrote what, when, to whom
SELECT task->>'title' AS task, comment - 'created_at' - 'edited_at' AS comment, (comment->>'created_at')::timestamptz > now() - interval '1 hour' AS dated, comment->>'edited_at' IS NOT NULL AS edited
	FROM jsonb_array_elements(:'document'::jsonb->'tasks') AS task, jsonb_array_elements(task->'comments') AS comment;
-- Links, and files with their bytes
SELECT task->>'title' AS task, attachment - 'created_at' AS attachment FROM jsonb_array_elements(:'document'::jsonb->'tasks') AS task, jsonb_array_elements(task->'attachments') AS attachment;
SELECT task->>'title' AS task, attachment->>'name' AS name FROM jsonb_array_elements(collab.export_board(test.board('Busy'), false)->'tasks') AS task, jsonb_array_elements(task->'attachments') AS attachment;
SELECT task->>'title' AS task, task->'cover' AS cover FROM jsonb_array_elements(collab.export_board(test.board('Busy'), with_files => false)->'tasks') AS task WHERE task->>'title' = 'Second';
-- No ids of this database are in it, and the session's time zone changes nothing.
SELECT test.mask(:'document') = :'document' AS has_no_ids;
SET timezone = 'Asia/Kolkata';
SET datestyle = 'German';
SELECT collab.export_board(test.board('Busy')) = :'document'::jsonb AS same;
RESET timezone;
RESET datestyle;
-- A color that 0.1 took from Trello and that is none of ours is exported as gray.
BEGIN;
UPDATE collab.labels SET color = 'sky_dark' WHERE name = 'Bug';
SELECT collab.export_board(test.board('Busy'))->'labels'->0->'color' AS color;
ROLLBACK;
-- An empty board, an archived one
SELECT collab.export_board(test.board('Plan'))->'tasks' AS tasks;
SET collab.user_id = '1';
SELECT collab.archive_board(test.board('Busy'))->'changed' AS archived, collab.export_board(test.board('Busy')) = :'document'::jsonb AS same;
-- A private board names its members, as they see it here.
SELECT collab.restore_board(test.board('Busy'))->'changed' AS restored, collab.update_board(test.board('Busy'), '{"visibility": "private"}')->'changed' AS private;
SELECT collab.export_board(test.board('Busy'))->'board'->'visibility' AS visibility, collab.export_board(test.board('Busy'))->'board'->'members' AS members;
-- For whom: a viewer may, unless the board is private; from outside there is no such board, nor a deleted one.
SET collab.user_id = '4';
SELECT collab.export_board(test.board('Plan'))->'format_version' AS viewer;
SELECT test.try($$ SELECT collab.export_board(test.board('Busy')) $$);
SET collab.user_id = '5';
SELECT test.try($$ SELECT collab.export_board(test.board('Plan')) $$), test.try('SELECT collab.export_board(gen_random_uuid())'), test.try('SELECT collab.export_board(NULL)');
SET collab.user_id = '1';
SELECT collab.delete_board(test.board('Busy'))->'changed' AS deleted, test.try($$ SELECT collab.export_board(test.board('Busy')) $$);
