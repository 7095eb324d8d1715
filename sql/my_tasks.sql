-- my_tasks: what is assigned to the session's user, over all boards.
\i test/fixtures/team.sql
SET collab.user_id = '1';
SELECT test.board('Plan') AS board \gset
SELECT collab.create_board(test.workspace('Team'), 'Second')->'result'->>'board_id' AS second \gset
SELECT collab.create_board(test.workspace('Team'), 'Secret', visibility => 'private')->'result'->>'board_id' AS secret \gset
SELECT count(collab.create_task(:'board', test.list('To do'), title, due_date => due::timestamptz, assignees => who::bigint[])) FROM (VALUES ('Second due', '2026-03-02', '{3}'), ('No date', NULL, '{1,3}'), ('Not mine', '2026-01-01', '{1}'),
	('Has an item', '2026-09-01', '{}'), ('Done', '2026-02-01', '{3}'), ('Archived', '2026-01-01', '{3}'), ('Deleted', '2026-01-01', '{3}')) AS t (title, due, who);
SELECT count(collab.create_task(:'second', title => 'First due', due_date => '2026-03-01', assignees => '{3}'));
SELECT count(collab.add_board_member(:'secret', 3)), count(collab.create_task(:'secret', title => 'On a private board', assignees => '{3}'));
SELECT count(collab.complete_task(test.task('Done'))), count(collab.archive_task(test.task('Archived'))), count(collab.delete_task(test.task('Deleted')));
SELECT collab.create_checklist(test.task('Has an item'), 'Steps')->'result'->>'checklist_id' AS steps \gset
SELECT count(collab.add_checklist_item(:'steps', text, due_date => due::timestamptz, assigned_to => who)) FROM (VALUES ('mine', '2026-02-15', 3), ('not mine', NULL, 1), ('checked', NULL, 3), ('gone', NULL, 3)) AS i (text, due, who);
SELECT count(collab.check_item(id, true)) FROM collab.checklist_items WHERE text = 'checked';
SELECT count(collab.delete_checklist_item(id)) FROM collab.checklist_items WHERE text = 'gone';
CREATE FUNCTION test.mine(include_completed boolean DEFAULT false) RETURNS TABLE (title text, due_date text, board text, list text, items text) LANGUAGE sql AS $$
	SELECT t->>'title', t->>'due_date', t->>'board_name', t->>'list_name', (SELECT string_agg(i->>'text', ', ') FROM jsonb_array_elements(t->'my_items') AS i)
	FROM jsonb_array_elements(collab.my_tasks(include_completed)) AS t
$$;
SET collab.user_id = '3';
-- Soonest first, a checklist item's date counts too; without a date last
SELECT * FROM test.mine();
SELECT * FROM test.mine(true);
SET collab.user_id = '4';
SELECT collab.my_tasks() AS nothing;
-- What I can no longer see is no longer mine.
SET collab.user_id = '1';
SELECT count(collab.unassign_task(test.task('On a private board', 'Secret'), 3)), count(collab.remove_board_member(:'secret', 3)), count(collab.archive_board(:'second'));
SET collab.user_id = '3';
SELECT title FROM test.mine();
SET collab.user_id = '1';
SELECT count(collab.remove_member(test.workspace('Team'), 3));
SET collab.user_id = '3';
SELECT collab.my_tasks() AS nothing;
