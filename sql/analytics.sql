-- Analytics, on an import with times that are known: what was when is counted by hand in the comments.
\i test/fixtures/team.sql
SET collab.user_id = '1';
-- A card of Trello is as old as its id says: the first 8 digits are seconds.
CREATE FUNCTION test.card(name text, list text, created timestamptz, completed timestamptz DEFAULT NULL, archived timestamptz DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('id', to_hex(extract(epoch FROM created)::int) || substr(md5(name), 1, 16), 'name', name, 'idList', list, 'pos', 1, 'closed', archived IS NOT NULL,
		'dueComplete', completed IS NOT NULL, 'dateLastActivity', coalesce(archived, completed))
$$;
SELECT collab.import_trello(test.workspace('Team'), jsonb_build_object('name', 'Flow', 'lists', '[{"id": "a", "name": "To do", "pos": 1}, {"id": "b", "name": "Doing", "pos": 2}, {"id": "c", "name": "Done", "pos": 3}]'::jsonb, 'cards', jsonb_build_array(
	test.card('One', 'c', '2026-03-02 10:00Z', '2026-03-03 10:00Z'),
	test.card('Two', 'c', '2026-03-02 12:00Z', '2026-03-05 12:00Z'),
	test.card('Three', 'c', '2026-03-03 00:00Z', '2026-03-05 23:59:59Z'),
	test.card('Four', 'b', '2026-03-04 09:00Z'),
	test.card('Five', 'a', '2026-03-01 09:00Z', archived => '2026-03-04 09:00Z'),
	test.card('Six', 'a', '2026-03-05 09:00Z'))))->'imported'->'tasks' AS tasks;
SELECT test.board('Flow') AS board \gset
SELECT event_data->'task'->>'title' AS task, event_data->>'occurred_at' AS occurred_at, event_data->'task'->>'completed_at' AS completed_at FROM collab.events WHERE aggregate_id = :'board' AND event_type = 'TaskCreated' ORDER BY version;
-- One completed on the 3rd; Two and Three on the 5th. Nothing before or after.
SELECT * FROM collab.throughput(:'board', from_day => '2026-03-02', to_day => '2026-03-06');
SELECT * FROM collab.throughput(:'board', 'week', '2026-02-26', '2026-03-09');
-- Lead times: 24 h, 72 h, 72 h less a second. No card of the import is known to have been in a list of the category doing before.
SELECT * FROM collab.flow_times(:'board', '2026-03-01', '2026-03-31');
SELECT * FROM collab.flow_times(:'board', '2026-03-03', '2026-03-03');
-- At the end of the 2nd: One, Two, Five are open. 3rd: One done, Three new. 4th: Four is being done, Five archived. 5th: Two, Three done, Six new.
SELECT day, string_agg(category || ' ' || tasks, ', ' ORDER BY category DESC) AS tasks FROM collab.cumulative_flow(:'board', from_day => '2026-03-01', to_day => '2026-03-06') GROUP BY day ORDER BY day;
SELECT day, string_agg(list_name || ' ' || tasks, ', ' ORDER BY list_name) AS tasks FROM collab.cumulative_flow(:'board', true, '2026-03-03', '2026-03-04') GROUP BY day ORDER BY day;
-- Open at the end of the day; of those that were there when the 3rd began (One, Two, Five)
SELECT * FROM collab.burndown(:'board', '2026-03-03', '2026-03-06');
-- By commands: now. A task that is moved to doing and to done has a cycle time; one that is reopened or deleted does not count as completed.
SELECT (now() AT TIME ZONE 'UTC')::date AS today \gset
SELECT test.board('Plan') AS board \gset
SELECT count(collab.create_task(:'board', test.list('To do'), title, assignees => '{3}', due_date => '2020-01-01')) FROM unnest(ARRAY['Whole', 'Straight', 'Reopened', 'Deleted', 'Open']) AS title;
SELECT count(collab.move_task(task_id => test.task('Whole'), to_list_id => test.list('In progress')));
SELECT count(collab.move_task(task_id => test.task('Whole'), to_list_id => test.list('Done')));
SELECT count(collab.update_task(test.task('Straight'), '{"status": "done"}'));
SELECT count(collab.complete_task(test.task(title))) FROM unnest(ARRAY['Reopened', 'Deleted']) AS title;
SELECT count(collab.reopen_task(test.task('Reopened'))), count(collab.delete_task(test.task('Deleted')));
SELECT completed FROM collab.throughput(:'board', from_day => :'today', to_day => :'today');
SELECT measure, tasks, p50 <= p85 AND p85 <= p95 AS in_order, p95 < '1 minute' AS just_now FROM collab.flow_times(:'board', :'today', :'today');
SELECT category, tasks FROM collab.cumulative_flow(:'board', from_day => :'today', to_day => :'today');
SELECT open_tasks, remaining FROM collab.burndown(:'board', :'today', :'today');
SELECT username, open_tasks, overdue, completed FROM collab.workload(:'board', :'today', :'today');
-- The read model says the same.
SELECT count(*) AS different FROM collab.task_flow(:'board') AS f FULL JOIN (SELECT * FROM collab.tasks WHERE board_id = :'board' AND deleted_at IS NULL) AS t ON t.id = f.task_id
	WHERE (f.created, f.completed) IS DISTINCT FROM (t.created_at, t.completed_at);
SELECT count(collab.archive_task(test.task('Open'))), count(collab.undo(:'board'));
SELECT category, tasks FROM collab.cumulative_flow(:'board', from_day => :'today', to_day => :'today');
-- An empty board, the default period, refusals
SELECT collab.create_board(test.workspace('Team'), 'Empty')->'result'->>'board_id' AS empty \gset
SELECT count(*) AS days, sum(completed) AS completed FROM collab.throughput(:'empty');
SELECT measure, tasks, p50 FROM collab.flow_times(:'empty');
SELECT call, test.try(format('SELECT * FROM collab.' || call, :'board')) FROM unnest(ARRAY['throughput(%L, ''month'')', 'throughput(%L, NULL)', 'burndown(%L, ''2026-02-01'', ''2026-01-01'')', 'burndown(%L, ''2000-01-01'', ''2026-01-01'')', 'burndown(%L, ''-infinity'')']) AS call;
SET collab.user_id = '5';
SELECT call, test.try(format('SELECT * FROM collab.' || call, :'board')) FROM unnest(ARRAY['throughput(%L)', 'flow_times(%L)', 'cumulative_flow(%L)', 'burndown(%L)', 'workload(%L)']) AS call;
