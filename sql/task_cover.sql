-- UPDATE_TASK {cover}: a color, an image attached to the task, or an address; and what an update keeps for UNDO.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), name)) FROM unnest(ARRAY['A', 'B']) AS name;
CREATE FUNCTION test.cover(cover jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text := test.try(format('SELECT collab.update_task(%L, %L)', test.task('A'), jsonb_build_object('cover', cover)));
BEGIN
	RETURN CASE result WHEN 'ok' THEN (SELECT test.mask(coalesce(t.cover::text, '(none)')) FROM collab.tasks t WHERE title = 'A') ELSE result END;
END
$$;
SELECT collab.update_task(test.task('A'), '{"cover": {"color": "teal"}}')->'events'->0->'payload'->'updates' AS updates;
SELECT collab.update_task(test.task('A'), '{"cover": {"color": "teal", "url": null, "size": "full"}}')->'changed' AS changed;
SELECT test.cover(cover) FROM unnest(ARRAY['{"color": "#00ff7f"}', '{"url": "https://example.org/a.png?b=c"}', 'null', '{"color": "sky"}']::jsonb[]) AS cover;
SELECT cover FROM collab.visible_tasks WHERE title = 'A';
SELECT jsonb_path_query_array(collab.board_state(test.board('Plan')), '$.board.lists[0].tasks[*].cover') AS covers;
-- Exactly one, of its kind
SELECT test.cover(cover) FROM unnest(ARRAY['{}', '{"color": "sky", "url": "https://example.org"}', '{"color": null}', '{"shape": "round"}', '"red"', '[]', '5',
	'{"color": "SKY"}', '{"color": 5}', '{"url": "ftp://example.org"}', '{"url": "javascript:alert(1)"}', '{"url": "https://"}', '{"attachment_id": "x"}',
	'{"attachment_id": "00000000-0000-0000-0000-000000000001"}']::jsonb[]) AS cover;
SELECT left(test.cover(jsonb_build_object('url', 'https://example.org/' || repeat('x', 2000))), 80);
SELECT test.cover(jsonb_build_object('color', 'sky', 'more', repeat('x', 70000)));
-- An attachment must be the task's, an image, and there. (Rows by hand: attaching is another topic.)
INSERT INTO collab.attachments (board_id, id, task_id, user_id, name, url, content_type, version, created_at, deleted_at)
	SELECT test.board('Plan'), test.cid(number), test.task(task), 3, name, url, content_type, 1, now(), CASE WHEN deleted THEN now() END
	FROM (VALUES (1, 'A', 'photo.jpg', NULL, 'image/jpeg', false), (2, 'A', 'notes.pdf', NULL, 'application/pdf', false),
		(3, 'A', 'link', 'https://example.org/a.png', NULL, false), (4, 'A', 'gone.png', NULL, 'image/png', true), (5, 'B', 'other.png', NULL, 'image/png', false))
		AS attachment (number, task, name, url, content_type, deleted);
SELECT test.cover(jsonb_build_object('attachment_id', test.cid(number))) FROM generate_series(1, 5) AS number;
DELETE FROM collab.attachments;
-- Events keep what was, of exactly the fields that changed.
SELECT collab.update_task(test.task('A'), '{"cover": null}')->'events'->0->'payload'->'updates' AS updates;
SELECT test.mask(event_data->>'before') AS before FROM collab.events WHERE event_type = 'TaskUpdated' ORDER BY id DESC LIMIT 1;
SELECT collab.create_label(test.board('Plan'), 'Bug', 'red')->'changed' AS changed;
SELECT collab.update_task(test.task('B'), '{"title": "B2", "description": "text", "priority": "high", "start_date": "2026-01-01",
	"due_date": "2026-02-01T12:00:00Z", "assigned_to": 3, "labels": ["Bug"], "config": {"a": 1, "b": {"c": 2}}, "cover": {"color": "red"},
	"status": "done"}')->'changed' AS changed;
SELECT event_data->'before' AS before FROM collab.events WHERE event_type = 'TaskUpdated' ORDER BY id DESC LIMIT 1;
SELECT collab.update_task(test.task('B2'), '{"title": "B2", "description": "other", "priority": null, "start_date": null,
	"assignees": [], "labels": [], "config": {"a": null, "b": {"d": 3}}, "cover": {"color": "lime"}, "status": "todo"}')->'changed' AS changed;
SELECT (event_data->'before') - ARRAY['labels', 'completed_at'] AS before, event_data->'before'->'labels'->0->>'name' AS label,
	event_data->'before'->>'completed_at' IS NOT NULL AS completed FROM collab.events WHERE event_type = 'TaskUpdated' ORDER BY id DESC LIMIT 1;
-- None of it goes to clients.
SELECT count(*) FROM collab.events_after(test.board('Plan'), 0) AS e WHERE e::text LIKE '%before%';
-- UNDO goes back.
SELECT collab.undo(test.board('Plan'))->'changed' AS changed;
SELECT title, description, status, priority, start_date, due_date, assignees, labels, config, cover, completed_at IS NOT NULL AS completed
	FROM collab.visible_tasks WHERE title = 'B2';
SELECT collab.undo(test.board('Plan'))->'changed' AS changed;
SELECT title, description, status, priority, start_date, due_date, assignees, labels, config, cover, completed_at IS NOT NULL AS completed
	FROM collab.visible_tasks WHERE title = 'B';
-- An attachment that is gone is no cover to go back to.
SELECT collab.undo(test.board('Plan'))->'events'->0->>'type' AS undo_of_the_label;
SELECT test.try($$ SELECT collab.undo(test.board('Plan')) $$);
SELECT * FROM collab.verify();
