-- UNDO: the actor's last change of the board, by the opposite command.
\i test/fixtures/team.sql
SET collab.user_id = '3';
CREATE FUNCTION test.undo(board text DEFAULT 'Plan') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	ack jsonb;
	message text;
	hint text;
	state text;
BEGIN
	ack := collab.undo(test.board(board));
	RETURN (SELECT string_agg(format('%s of %s', e->>'type', CASE WHEN e->'payload'->>'undo_of' IS NOT NULL THEN 'earlier' END), ', ')
		FROM jsonb_array_elements(ack->'events') AS e);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
	RETURN state || ': ' || message || coalesce(' [' || nullif(hint, '') || ']', '');
END
$$;
-- Nothing yet
SELECT test.undo();
-- A task: made, changed, moved, and back step by step.
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'A')->'changed' AS a, collab.create_task(test.board('Plan'), test.list('To do'), 'B')->'changed' AS b;
SELECT collab.create_label(test.board('Plan'), 'Red', 'red')->'changed' AS red, collab.create_label(test.board('Plan'), 'Blue', 'blue')->'changed' AS blue;
SELECT collab.update_task(test.task('A'), '{"labels": ["Red"], "assignees": [3], "config": {"a": 1, "b": {"c": 2, "d": 3}}, "due_date": "2026-12-01"}')->'changed' AS first;
CREATE TABLE test.before AS SELECT collab.board_document(test.board('Plan'), 'full')::jsonb AS state;
CREATE FUNCTION test.is_back() RETURNS boolean LANGUAGE sql AS $$
	SELECT (regexp_replace(regexp_replace(state::text, '"version": \d+', '', 'g'), '"updated_at": "[^"]*"', '', 'g'))
		= (regexp_replace(regexp_replace(collab.board_document(test.board('Plan'), 'full')::jsonb::text, '"version": \d+', '', 'g'), '"updated_at": "[^"]*"', '', 'g'))
	FROM test.before
$$;
SELECT collab.update_task(test.task('A'), '{"title": "A1", "description": "Words", "labels": ["Blue"], "assignees": [3, 1], "priority": "high", "due_date": null,
	"config": {"a": null, "b": {"c": 5, "e": 6}, "f": [1]}}')->'changed' AS update;
SELECT collab.move_task(test.task('A1'), test.list('In progress'))->'changed' AS move;
SELECT collab.complete_task(test.task('A1'))->'changed' AS complete;
SELECT * FROM test.show();
SELECT test.undo() AS complete;
SELECT * FROM test.show();
SELECT test.undo() AS move;
SELECT test.undo() AS update;
SELECT test.is_back();
-- Moves inside a list go back to the index.
SELECT collab.move_task(test.task('A'), test.list('To do'), 1)->'changed' AS move;
SELECT tasks FROM test.show() WHERE list = 'To do';
SELECT test.undo();
SELECT test.is_back();
-- So does a change of status, with the other fields of the update.
SELECT collab.update_task(test.task('A'), '{"status": "doing", "title": "A2"}')->'changed' AS update;
SELECT test.undo();
SELECT test.is_back();
-- Archive and restore, assign, dependencies, fields
SELECT collab.archive_task(test.task('A'))->'changed' AS archive;
SELECT test.undo();
SELECT collab.assign_task(test.task('A'), 1)->'changed' AS assign;
SELECT test.undo();
SELECT collab.add_dependency(test.task('A'), test.task('B'))->'changed' AS depend;
SELECT test.undo();
SELECT test.is_back();
-- A deleted task is back where it stood, with all that hung on it.
SELECT collab.delete_task(test.task('A'))->'changed' AS delete;
SELECT test.undo();
SELECT test.is_back();
-- Lists and labels
SELECT collab.update_list(test.list('To do'), '{"name": "Later", "wip_limit": 5}')->'changed' AS update_list;
SELECT test.undo();
SELECT collab.update_list(test.list('In progress'), '{"category": "done"}')->'changed' AS completes_all;
SELECT test.undo();
SELECT collab.update_list(test.list('In progress'), '{"category": "doing"}')->'changed' AS opens_all;
SELECT collab.move_list(test.list('To do'), 2)->'changed' AS move_list;
SELECT test.undo();
SELECT collab.archive_list(test.list('Done'))->'changed' AS archive_list;
SELECT test.undo();
SELECT collab.update_label((SELECT id FROM collab.labels WHERE name = 'Red'), '{"color": "pink"}')->'changed' AS update_label;
SELECT test.undo();
SELECT test.is_back();
-- What somebody else changed since stays, the other fields do not matter.
SELECT collab.update_task(test.task('A'), '{"title": "Mine"}')->'changed' AS mine;
SET collab.user_id = '1';
SELECT collab.update_task(test.task('Mine'), '{"priority": "low"}')->'changed' AS theirs;
SET collab.user_id = '3';
SELECT test.undo();
SELECT title, priority FROM collab.tasks WHERE id = test.task('A');
SELECT collab.update_task(test.task('A'), '{"title": "Mine"}')->'changed' AS mine;
SET collab.user_id = '1';
SELECT collab.update_task(test.task('Mine'), '{"title": "Theirs"}')->'changed' AS theirs;
SET collab.user_id = '3';
SELECT test.undo();
SET collab.user_id = '1';
SELECT test.undo();
SET collab.user_id = '3';
SELECT test.undo();
SELECT title, priority FROM collab.tasks WHERE id = test.task('A');
-- A task that somebody took up is not taken away.
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'New')->'changed' AS new;
SET collab.user_id = '1';
SELECT collab.assign_task(test.task('New'), 1)->'changed' AS theirs;
SET collab.user_id = '3';
SELECT test.undo();
-- Rules hold: the list is full meanwhile.
SELECT collab.move_task(test.task('B'), test.list('Done'))->'changed' AS move;
SET collab.user_id = '1';
SELECT collab.update_list(test.list('To do'), '{"wip_limit": 1}')->'changed' AS limit;
SET collab.user_id = '3';
SELECT test.undo();
-- What cannot be put back says so.
SELECT collab.delete_label((SELECT id FROM collab.labels WHERE name = 'Red'))->'changed' AS delete_label;
SELECT test.undo();
-- An undo is a command: sent again it is the first one's answer.
SELECT collab.create_list(test.board('Plan'), 'Extra')->'changed' AS list;
SELECT * FROM test.ack(collab.undo(test.board('Plan'), test.cid(1)));
SELECT * FROM test.ack(collab.undo(test.board('Plan'), test.cid(1)));
-- A viewer has nothing to undo, an outsider sees no board.
SET collab.user_id = '4';
SELECT test.undo();
SET collab.user_id = '5';
SELECT test.undo();
SELECT * FROM collab.verify();
