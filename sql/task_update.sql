-- UPDATE_TASK: every field; nothing is written where nothing changes.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT collab.import_trello(test.workspace('Team'), '{"name": "Fields", "lists": [{"id": "a", "name": "Inbox", "pos": 1},
	{"id": "b", "name": "Doing", "pos": 2}, {"id": "c", "name": "Done", "pos": 3}, {"id": "d", "name": "Shipped", "pos": 4}],
	"cards": [{"id": "k", "name": "Task", "idList": "a", "pos": 1}, {"id": "n", "name": "Next", "idList": "a", "pos": 2}],
	"labels": [{"id": "x", "name": "Bug", "color": "red"}, {"id": "y", "name": "Feature", "color": "green"}]}')->'imported'->'tasks' AS tasks;
SELECT test.task('Task', 'Fields') AS task \gset
-- What an update says: its event's "updates", or that nothing changed.
CREATE FUNCTION test.update(task uuid, updates jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	ack jsonb := collab.update_task(task, updates);
	said jsonb := ack->'events'->0->'payload'->'updates';
BEGIN
	RETURN CASE WHEN ack->>'changed' = 'true' THEN test.mask(regexp_replace(said::text, '"completed_at": "[^"]*"', '"completed_at": <time>'))
		ELSE 'unchanged' END;
END
$$;
SELECT test.update(:'task', '{"title": "  Renamed "}');
SELECT test.update(:'task', '{"title": "Renamed"}');
SELECT test.update(:'task', '{"title": null, "description": "Words"}');
SELECT test.update(:'task', '{"description": "Words"}');
SELECT test.update(:'task', '{"description": null}');
SELECT test.update(:'task', '{"description": ""}');
SELECT test.update(:'task', '{"priority": "high"}');
SELECT test.update(:'task', '{"priority": "high"}');
SELECT test.update(:'task', '{"priority": null}');
SELECT test.update(:'task', '{"priority": null}');
SELECT test.update(:'task', '{"start_date": "2026-11-21", "due_date": "2026-11-22T10:00:00+01:00"}');
SELECT test.update(:'task', '{"start_date": "2026-11-21T00:00:00Z", "due_date": "2026-11-22T09:00:00Z"}');
SELECT test.update(:'task', '{"due_date": null}');
SELECT test.update(:'task', '{"assignees": [3, 1, 3]}');
SELECT test.update(:'task', '{"assignees": [3, 1]}');
SELECT test.update(:'task', '{"assignees": [1, 3]}');
SELECT test.update(:'task', '{"assigned_to": 2}');
SELECT test.update(:'task', '{"assigned_to": 2, "assignees": [2, 4]}');
SELECT test.update(:'task', '{"assigned_to": null}');
SELECT test.update(:'task', '{"assignees": []}');
SELECT test.update(:'task', '{"labels": ["Bug", "Feature"]}');
SELECT test.update(:'task', '{"labels": ["Bug", "Feature", "Bug"]}');
SELECT test.update(:'task', '{"labels": ["Feature"]}');
SELECT test.update(:'task', '{"labels": []}');
SELECT test.update(:'task', '{"labels": null, "assignees": null, "config": null, "status": null, "title": "Again"}');
-- Several at once; only what changed is in the event.
SELECT test.update(:'task', '{"title": "Again", "description": "New", "priority": "low", "assigned_to": 1}');
-- A status is a list's category: the first list of that category, at its end. Done completes, leaving it takes that back.
SELECT test.update(:'task', '{"status": "todo"}');
SELECT test.update(:'task', '{"status": "done"}');
SELECT * FROM test.show('Fields');
SELECT completed_at IS NOT NULL AS completed FROM collab.tasks WHERE id = :'task';
SELECT test.update(:'task', '{"status": "done", "title": "Done now"}');
SELECT p - ARRAY['board_id', 'event', 'timestamp', 'task', 'task_id', 'from_list_id', 'to_list_id'] AS payload,
	p->>'from_list_id' = test.list('Done', 'Fields')::text AS from_done, p->>'to_list_id' = test.list('Inbox', 'Fields')::text AS to_inbox
	FROM jsonb_extract_path(collab.update_task(:'task', '{"status": "todo"}'), 'events', '0', 'payload') AS p;
SELECT * FROM test.show('Fields');
-- The event holds no more than what changed.
SELECT jsonb_object_keys(jsonb_extract_path(collab.update_task(:'task', '{"priority": "urgent"}'), 'events', '0', 'payload')) AS key ORDER BY 1;
-- config is a merge patch
SELECT test.update(:'task', '{"config": {"a": 1, "b": {"c": [1, 2], "d": "x"}}}');
SELECT test.update(:'task', '{"config": {"b": {"d": null, "e": 2}, "f": null}}');
SELECT test.update(:'task', '{"config": {"b": {"e": 2}}}');
SELECT test.update(:'task', '{"config": {}}');
SELECT test.update(:'task', '{"config": {"b": [3]}}');
SELECT test.update(:'task', '{"config": {"a": null, "b": null}}');
SELECT config FROM collab.tasks WHERE id = :'task';
-- RFC 7396, appendix A: target, patch, result
SELECT target, patch, result, collab.json_merge_patch(target, patch) = result AS right FROM (VALUES
	('{"a":"b"}'::jsonb, '{"a":"c"}'::jsonb, '{"a":"c"}'::jsonb), ('{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'),
	('{"a":"b"}', '{"a":null}', '{}'), ('{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'),
	('{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'), ('{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'),
	('{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'), ('{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'),
	('["a","b"]', '["c","d"]', '["c","d"]'), ('{"a":"b"}', '["c"]', '["c"]'), ('{"a":"foo"}', 'null', 'null'),
	('{"a":"foo"}', '"bar"', '"bar"'), ('{"e":null}', '{"a":1}', '{"e":null,"a":1}'), ('[1,2]', '{"a":"b","c":null}', '{"a":"b"}'),
	('{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}')) AS example (target, patch, result);
-- Refused
SELECT updates, test.try(format('SELECT collab.update_task(%L, %L)', :'task', updates)) AS outcome FROM unnest(ARRAY[
	'{}', '[]', '{"color": "red"}', '{"list_id": "x"}', '{"title": ""}', '{"title": 3}', '{"priority": "top"}', '{"due_date": "soon"}',
	'{"assigned_to": 5}', '{"assigned_to": "1"}', '{"assignees": [5]}', '{"labels": ["Nope"]}', '{"status": "later"}', '{"config": 1}']::jsonb[]) AS updates;
SELECT test.try(format('SELECT collab.update_task(%L, %L)', :'task', jsonb_build_object('description', repeat('x', 65537))));
-- The limit holds for what config becomes, not only for the patch.
SELECT test.update(:'task', jsonb_build_object('config', jsonb_build_object('a', repeat('x', 40000)))) <> 'unchanged' AS changed;
SELECT test.try(format('SELECT collab.update_task(%L, %L)', :'task', jsonb_build_object('config', jsonb_build_object('b', repeat('x', 40000)))));
-- Who is assigned may stay assigned, also a placeholder; somebody new must be a member.
SELECT collab.import_trello(test.workspace('Team'), '{"name": "Attic", "lists": [{"id": "a", "name": "Inbox", "pos": 1}, {"id": "d", "name": "Done", "pos": 2}], "cards": [{"id": "k", "name": "Old", "idList": "a",
	"pos": 1, "closed": true}, {"id": "l", "name": "Held", "idList": "a", "pos": 2, "idMembers": ["p"]}], "members": [{"id": "p", "username": "placeholder"}]}')->'imported'->'placeholders' AS placeholders;
SELECT id AS placeholder FROM collab.users WHERE handle = 'placeholder' \gset
SELECT test.update(test.task('Held', 'Attic'), jsonb_build_object('assignees', jsonb_build_array(3, :placeholder)));
SELECT test.update(test.task('Held', 'Attic'), '{"assignees": [3]}');
SELECT test.try(format('SELECT collab.update_task(%L, %L)', test.task('Held', 'Attic'), jsonb_build_object('assignees', jsonb_build_array(3, :placeholder))));
-- An archived task takes new words, but does not go to another list.
SELECT test.update(test.task('Old', 'Attic'), '{"description": "Was here"}');
SELECT test.try($$ SELECT collab.update_task(test.task('Old', 'Attic'), '{"status": "done"}') $$);
-- A status that no list has; a list at its limit
SELECT collab.import_trello(test.workspace('Team'), '{"name": "Narrow", "lists": [{"id": "a", "name": "Inbox", "pos": 1},
	{"id": "b", "name": "Doing", "pos": 2, "softLimit": 1}], "cards": [{"id": "k", "name": "Stuck", "idList": "a", "pos": 1},
	{"id": "l", "name": "In the way", "idList": "b", "pos": 1}]}')->'imported'->'tasks' AS tasks;
SELECT test.try($$ SELECT collab.update_task(test.task('Stuck', 'Narrow'), '{"status": "done"}') $$);
SELECT test.try($$ SELECT collab.update_task(test.task('Stuck', 'Narrow'), '{"status": "doing"}') $$);
SELECT * FROM collab.verify();
