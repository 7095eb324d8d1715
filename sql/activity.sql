-- Activity: a sentence for every kind of event, names instead of ids, pages, and only for those who see the board.
\i test/fixtures/team.sql
-- Every type of event_types.def has a sentence, and every word of a sentence a name.
\set types `sed -n 's/^EVENT(\([A-Za-z]*\),.*/\1/p' extension/event/event_types.def | tr '\n' ' '`
SELECT type AS without_a_sentence FROM unnest(string_to_array(btrim(:'types'), ' ')) AS type WHERE NOT EXISTS (SELECT FROM collab.activity_sentences() AS s WHERE s.event_type = type AND s.variant = '');
SELECT s.event_type AS without_a_type FROM collab.activity_sentences() AS s WHERE s.event_type <> ALL (string_to_array(btrim(:'types'), ' '));
SELECT count(*) > 50 AS types FROM unnest(string_to_array(btrim(:'types'), ' '));
SELECT s.event_type, s.sentence FROM collab.activity_sentences() AS s, regexp_matches(s.sentence, '\{([a-z_]+)\}', 'g') AS word
	WHERE word[1] NOT IN ('actor', 'member', 'role', 'changes', 'value', 'workspace', 'board', 'label', 'field', 'task', 'blocker', 'checklist', 'item', 'attachment', 'text', 'old_name', 'new_name', 'from_list', 'to_list', 'list');
-- None breaks on an event that says nothing.
SELECT count(*) AS sentences, count(*) FILTER (WHERE told ~ '^Alice .*[^ ]$') AS whole FROM collab.activity_sentences() AS s,
	LATERAL collab.activity_sentence(s.event_type, test.board('Plan'), 1, '{"checked": true, "value": 5}') AS told WHERE s.variant = '';
-- A new name alone is a sentence of its own, or an ordinary change.
SELECT count(*) FILTER (WHERE told IS NULL) AS without_words, count(*) FILTER (WHERE told LIKE '%renamed%"Old" to "New"%') AS renamed FROM collab.activity_sentences() AS s,
	LATERAL collab.activity_sentence(s.event_type, test.board('Plan'), 1, '{"updates": {"name": "New"}, "before": {"name": "Old"}, "checked": true, "value": 5}') AS told WHERE s.variant = '';
SET collab.user_id = '1';
SELECT test.board('Plan') AS board \gset
SELECT collab.create_task(:'board', test.list('To do'), 'Fix the door')->'version' AS v \gset
SELECT collab.move_task(task_id => test.task('Fix the door'), to_list_id => test.list('Done'))->'version' AS v \gset
SELECT collab.move_task(task_id => test.task('Fix the door'), to_list_id => test.list('To do'))->'version' AS v \gset
SELECT collab.update_task(test.task('Fix the door'), '{"priority": "high", "due_date": "2026-12-24", "labels": [], "description": "It squeaks"}')->'version' AS v \gset
SELECT collab.update_task(test.task('Fix the door'), '{"title": "Mend the door"}')->'version' AS v \gset
SELECT collab.update_task(test.task('Mend the door'), '{"status": "doing", "priority": null}')->'version' AS v \gset
SELECT collab.assign_task(test.task('Mend the door'), 3)->'version' AS v \gset
SELECT collab.unassign_task(test.task('Mend the door'), 3)->'version' AS v \gset
SELECT collab.assign_task(test.task('Mend the door'), 1)->'version' AS v \gset
SELECT collab.create_task(:'board', test.list('To do'), 'Buy oil')->'version' AS v \gset
SELECT collab.create_task(:'board', test.list('To do'), 'Say {actor} and {list}')->'version' AS v \gset
SELECT collab.move_task(task_id => test.task('Say {actor} and {list}'), to_list_id => test.list('To do'), new_position => 0)->'version' AS v \gset
SELECT collab.add_dependency(test.task('Mend the door'), test.task('Buy oil'))->'version' AS v \gset
SELECT collab.remove_dependency(test.task('Mend the door'), test.task('Buy oil'))->'version' AS v \gset
SELECT collab.define_custom_field(:'board', 'Paid', 'checkbox')->'result'->>'field_id' AS field \gset
SELECT collab.set_custom_field(test.task('Buy oil'), :'field', 'true')->'version' AS v \gset
SELECT collab.set_custom_field(test.task('Buy oil'), :'field', NULL)->'version' AS v \gset
SELECT collab.update_custom_field(:'field', '{"name": "Settled"}')->'version' AS v \gset
SELECT collab.delete_custom_field(:'field')->'version' AS v \gset
SELECT collab.create_label(:'board', 'Bug', 'red')->'result'->>'label_id' AS label \gset
SELECT collab.update_label(:'label', '{"color": "sky"}')->'version' AS v \gset
SELECT collab.update_label(:'label', '{"name": "Fault"}')->'version' AS v \gset
SELECT collab.delete_label(:'label')->'version' AS v \gset
SELECT collab.create_checklist(test.task('Mend the door'), 'Steps')->'result'->>'checklist_id' AS checklist \gset
SELECT collab.add_checklist_item(:'checklist', 'Take it off')->'result'->>'item_id' AS item \gset
SELECT collab.add_checklist_item(:'checklist', 'Put it back')->'version' AS v \gset
SELECT collab.check_item(:'item', true)->'version' AS v \gset
SELECT collab.check_item(:'item', false)->'version' AS v \gset
SELECT collab.update_checklist_item(:'item', '{"text": "Take it off its hinges", "assigned_to": 3}')->'version' AS v \gset
SELECT collab.move_checklist_item(:'item', new_position => 1)->'version' AS v \gset
SELECT collab.delete_checklist_item(:'item')->'version' AS v \gset
SELECT collab.update_checklist(:'checklist', '{"name": "All steps"}')->'version' AS v \gset
SELECT collab.delete_checklist(:'checklist')->'version' AS v \gset
SELECT collab.add_comment(test.task('Mend the door'), E'Who\nhas the key?')->'result'->>'comment_id' AS comment \gset
SELECT collab.update_comment(:'comment', 'Who has it?')->'version' AS v \gset
SELECT collab.delete_comment(:'comment')->'version' AS v \gset
SELECT collab.complete_task(test.task('Buy oil'))->'version' AS v \gset
SELECT collab.reopen_task(test.task('Buy oil'))->'version' AS v \gset
SELECT collab.archive_task(test.task('Buy oil'))->'version' AS v \gset
SELECT collab.restore_task(test.task('Buy oil'))->'version' AS v \gset
SELECT collab.undo(:'board')->'version' AS v \gset
SELECT collab.delete_task(test.task('Buy oil'))->'version' AS v \gset
SELECT collab.create_list(:'board', 'Later')->'result'->>'list_id' AS list \gset
SELECT collab.move_list(:'list', 0)->'version' AS v \gset
SELECT collab.update_list(:'list', '{"wip_limit": 3, "category": "doing"}')->'version' AS v \gset
SELECT collab.update_list(:'list', '{"name": "Some day"}')->'version' AS v \gset
SELECT collab.archive_list(:'list')->'version' AS v \gset
SELECT collab.restore_list(:'list')->'version' AS v \gset
SELECT collab.update_board(:'board', '{"visibility": "private"}') IS NOT NULL AS v \gset
SELECT collab.add_board_member(:'board', 3)->'version' AS v \gset
SELECT collab.remove_board_member(:'board', 3)->'version' AS v \gset
SELECT collab.update_board(:'board', '{"name": "Project"}')->'version' AS v \gset
SELECT collab.archive_board(:'board')->'version' AS v \gset
SELECT collab.restore_board(:'board')->'version' AS v \gset
SELECT version, sentence FROM collab.activity(:'board', max_entries => 500) ORDER BY version;
SELECT count(*) AS ids FROM collab.activity(:'board', max_entries => 500) WHERE sentence ~ '[0-9a-f]{8}-[0-9a-f]{4}';
-- Of one task; pages, newest first
SELECT sentence FROM collab.activity(:'board', test.task('Mend the door', 'Project'), max_entries => 3);
SELECT array_agg(version) AS page FROM collab.activity(:'board', before_version => 4, max_entries => 2);
SELECT count(DISTINCT a.task_id) AS tasks, bool_and(a.user_id = 1 AND a.username = 'Alice') AS whose, bool_and(a.created_at = e.created_at) AS times FROM collab.activity(:'board') AS a JOIN collab.events e ON e.aggregate_id = :'board' AND e.version = a.version;
-- What a user did, on the boards that the actor sees
SELECT count(collab.create_board(test.workspace('Team'), 'Open'));
SELECT board_name, sentence FROM collab.user_activity(1, max_entries => 2);
SELECT id AS last FROM collab.user_activity(1, max_entries => 1) \gset
SELECT board_name, version, sentence FROM collab.user_activity(1, :last, 1);
SET collab.user_id = '3';
SELECT DISTINCT board_name FROM collab.user_activity(1, max_entries => 500) ORDER BY 1;
SELECT test.try(format('SELECT * FROM collab.activity(%L)', :'board')) AS private_board;
SET collab.user_id = '5';
SELECT DISTINCT board_name FROM collab.user_activity(1, max_entries => 500) ORDER BY 1;
SELECT test.try(format('SELECT * FROM collab.activity(%L)', :'board')) AS outsider, test.try('SELECT * FROM collab.activity(NULL)') AS no_board, test.try('SELECT * FROM collab.user_activity(1, max_entries => 501)') AS too_many;
-- The workspace's own events have sentences too.
SELECT collab.activity_sentence(e.event_type, e.aggregate_id, e.user_id, e.event_data) FROM collab.events e WHERE e.aggregate_id = test.workspace('Team') ORDER BY e.version;
