-- CREATE_TASK: every field, its limits, its place.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT collab.create_task(test.board('Plan'), test.list('To do'), ' First ', command_id => test.cid(1)) AS ack \gset
SELECT * FROM test.ack(:'ack');
SELECT :'ack'::jsonb->'result'->>'task_id' = test.task('First')::text AS result_names_it;
-- The event's task is a complete one; times are UTC.
SELECT jsonb_pretty((payload->'task') - ARRAY['id', 'board_id', 'list_id', 'created_at', 'updated_at']) AS task
	FROM jsonb_extract_path(:'ack'::jsonb, 'events', '0', 'payload') AS payload;
SELECT payload->'task'->>'created_at' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$' AS is_rfc_3339,
	payload->'task'->>'board_id' = payload->>'board_id' AS names_board,
	payload->'task'->>'list_id' = payload->>'list_id' AND payload->>'list_id' = test.list('To do')::text AS names_list,
	payload->'task'->>'created_at' = payload->>'timestamp' AS made_then, payload ? 'ranks' AS shows_ranks
	FROM jsonb_extract_path(:'ack'::jsonb, 'events', '0', 'payload') AS payload;
-- A board with labels: an import brings them.
SELECT collab.import_trello(test.workspace('Team'), '{"name": "Labelled", "cards": [], "lists": [
	{"id": "a", "name": "Inbox", "pos": 1}], "labels": [{"id": "x", "name": "Bug", "color": "red"},
	{"id": "y", "name": "Feature", "color": "green"}, {"id": "v", "name": "Chore", "color": "black"}, {"id": "z", "name": "Bug", "color": "blue"},
	{"id": "w", "name": "", "color": "sky"}]}')->'imported'->'labels' AS labels;
SELECT (a->'events'->0->'payload'->'task') - ARRAY['id', 'board_id', 'list_id', 'created_at', 'updated_at', 'labels'] AS task,
	(SELECT jsonb_agg(l - 'id') FROM jsonb_array_elements(a->'events'->0->'payload'->'task'->'labels') AS l) AS labels
	FROM collab.create_task(test.board('Labelled'), test.list('Inbox', 'Labelled'), 'Full', E'# Text\n\n\twith a tab', 0,
		'urgent', '2026-11-21T00:00:00Z', '2026-11-21T09:30:00+02:00', ARRAY['Feature', 'Chore', 'Feature'], ARRAY[2, 3, 2, 1],
		'{"b": [1, 2.50], "a": {"x": null}}') AS a;
SELECT title, description, priority, start_date AT TIME ZONE 'UTC' AS start_date, due_date AT TIME ZONE 'UTC' AS due_date,
	completed_at, config, created_by, version FROM collab.tasks WHERE title = 'Full';
SELECT user_id, ordinal FROM collab.task_assignees ORDER BY ordinal;
SELECT l.name, l.color, tl.ordinal FROM collab.task_labels tl JOIN collab.labels l ON l.id = tl.label_id ORDER BY ordinal;
SELECT title, status, priority, assignees, labels, config, comments_count, created_by FROM collab.visible_tasks WHERE title = 'Full';
-- By id: two labels of one name, or none.
SELECT collab.create_task(test.board('Labelled'), test.list('Inbox', 'Labelled'), 'By id', labels => ARRAY(
	SELECT id::text FROM collab.labels WHERE color IN ('blue', 'sky') ORDER BY color))->'changed' AS changed;
SELECT l->>'color' AS color FROM jsonb_path_query(collab.board_state(test.board('Labelled')), '$.board.lists[*].tasks[*] ? (@.title == "By id").labels[*]') AS l;
-- Positions
SELECT a->'events'->0->'payload'->'task'->'position' AS position
	FROM unnest(ARRAY[0, 1, 99, NULL, 2147483647]) WITH ORDINALITY AS p (at, n),
	LATERAL collab.create_task(test.board('Plan'), test.list('To do'), 'Task ' || n, "position" => at) AS a;
SELECT * FROM test.show();
-- In a done list it is completed.
SELECT (t->>'completed_at') = (t->>'created_at') AS completed_then, t->>'status' AS status
	FROM jsonb_extract_path(collab.create_task(test.board('Plan'), test.list('Done'), 'Was done'), 'events', '0', 'payload', 'task') AS t;
-- A list's limit
SELECT collab.create_list(test.board('Plan'), 'Small', NULL, 'doing', 2)->'changed' AS changed;
SELECT test.try($$ SELECT collab.create_task(test.board('Plan'), test.list('Small'), 'One of two') $$);
SELECT test.try($$ SELECT collab.create_task(test.board('Plan'), test.list('Small'), 'Two of two') $$);
SELECT test.try($$ SELECT collab.create_task(test.board('Plan'), test.list('Small'), 'Three of two') $$);
-- Refused
CREATE FUNCTION test.create(fields jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT test.try(format('SELECT collab.execute(%L)', jsonb_build_object('type', 'CREATE_TASK', 'payload',
		jsonb_build_object('board_id', test.board('Plan'), 'list_id', test.list('To do'), 'title', 'x') || fields)))
$$;
SELECT version AS before FROM collab.boards WHERE name = 'Plan' \gset
SELECT left(fields::text, 60) AS fields, test.create(fields) AS outcome FROM unnest(ARRAY[
	'{"title": ""}', '{"title": null}', '{"title": 1}', '{"title": "a\u0007b"}', '{"title": "two\nlines"}',
	'{"description": {}}', '{"position": -1}', '{"position": "1"}', '{"position": 2147483648}',
	'{"priority": "highest"}', '{"priority": ""}', '{"priority": 1}',
	'{"start_date": "tomorrow"}', '{"due_date": "2026-02-30"}', '{"due_date": "2026-11-21 09:30"}', '{"due_date": 1}',
	'{"due_date": "infinity"}', '{"due_date": "epoch"}', '{"due_date": "2026-11-21T25:00:00Z"}', '{"due_date": ""}',
	'{"due_date": "2026-11-21T09:30:00"}', '{"due_date": "99999-01-01"}', '{"due_date": "2026-11-21T09:30:00+99:00"}',
	'{"labels": "Bug"}', '{"labels": [1]}', '{"labels": ["No such label"]}', '{"labels": [null]}', '{"labels": [""]}',
	'{"assignees": 3}', '{"assignees": ["3"]}', '{"assignees": [5]}', '{"assignees": [999]}', '{"assignees": [0]}',
	'{"assignees": [1.5]}', '{"assignees": [null]}',
	'{"config": []}', '{"config": "x"}', '{"config": 1}',
	'{"list_id": "x"}', '{"list_id": ""}', '{"list_id": "00000000-0000-0000-0000-000000000001"}', '{"board_id": 1}',
	'{"version": -1}', '{"version": "1"}', '{"version": 1.5}']::jsonb[]) AS fields;
SELECT version - :before AS events_by_refused, (SELECT count(*) FROM collab.tasks WHERE title = 'x') AS tasks
	FROM collab.boards WHERE name = 'Plan';
-- Sizes
SELECT test.create(jsonb_build_object('title', repeat('é', 501)));
SELECT test.create(jsonb_build_object('description', repeat('é', 32769)));
SELECT test.create(jsonb_build_object('config', jsonb_build_object('text', repeat('x', 65536))));
SELECT test.create(jsonb_build_object('assignees', (SELECT jsonb_agg(n) FROM generate_series(1, 101) AS n)));
SELECT test.create(jsonb_build_object('title', repeat('é', 500), 'description', repeat('é', 32768),
	'config', jsonb_build_object('t', repeat('x', 65520))));
-- A list of another board
SELECT test.try($$ SELECT collab.create_task(test.board('Plan'), test.list('Inbox', 'Labelled'), 'x') $$);
SELECT * FROM collab.verify();
