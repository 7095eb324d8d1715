-- task_state: one task with everything on it, its comments by pages.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT test.board('Plan') AS board \gset
SELECT count(collab.create_task(:'board', test.list('To do'), title, 'About ' || title)) FROM unnest(ARRAY['House', 'Roof', 'Walls', 'Garden']) AS title;
SELECT test.task('House') AS house \gset
SELECT jsonb_object_keys(collab.task_state(:'house')) AS key ORDER BY 1;
-- The task is the one of the board's document.
SELECT collab.task_state(:'house')->'task' = t AS same FROM jsonb_path_query(collab.board_state(:'board'), '$.board.lists[*].tasks[*] ? (@.title == "House")') AS t;
SELECT (s->>'version')::int = b.version AS head, s->'event' = collab.board_state(:'board')->'event' AS mark FROM collab.task_state(:'house') AS s, collab.boards b WHERE b.id = :'board';
-- What blocks it and what it blocks, with titles
SELECT count(collab.add_dependency(:'house', test.task(blocker))) FROM unnest(ARRAY['Roof', 'Walls']) AS blocker;
SELECT count(collab.add_dependency(test.task('Garden'), :'house'));
SELECT count(collab.move_task(task_id => test.task('Roof'), to_list_id => test.list('Done')));
SELECT 'blocked by' AS is, b->>'title' AS title, b->>'status' AS status, (b->>'completed_at') IS NOT NULL AS completed FROM jsonb_array_elements(collab.task_state(:'house')->'blocked_by') AS b
	UNION ALL SELECT 'blocking', b->>'title', b->>'status', (b->>'completed_at') IS NOT NULL FROM jsonb_array_elements(collab.task_state(:'house')->'blocking') AS b;
SELECT jsonb_array_length(collab.task_state(:'house')#>'{task,blocked_by}') AS ids_in_the_task;
-- Comments: the newest 50, newest first; the next page before the last of them
SELECT count(collab.add_comment(:'house', 'Comment ' || n)) FROM generate_series(1, 103) AS n;
SELECT collab.delete_comment(id)->'changed' AS deleted FROM collab.comments WHERE text = 'Comment 100';
CREATE FUNCTION test.page(task uuid, before uuid) RETURNS TABLE (first text, last text, count int, more boolean, last_id uuid) LANGUAGE sql AS $$
	SELECT s->'comments'->0->>'text', s->'comments'->-1->>'text', jsonb_array_length(s->'comments'), (s->>'more_comments')::boolean, (s->'comments'->-1->>'id')::uuid
	FROM collab.task_state(task, before) AS s
$$;
SELECT first, last, count, more, last_id AS next FROM test.page(:'house', NULL) \gset
SELECT :'first' AS first, :'last' AS last, :count AS count, :'more' AS more;
SELECT first, last, count, more, last_id AS next FROM test.page(:'house', :'next') \gset
SELECT :'first' AS first, :'last' AS last, :count AS count, :'more' AS more;
SELECT first, last, count, more FROM test.page(:'house', :'next');
SELECT jsonb_object_keys(collab.task_state(:'house')->'comments'->0) AS key ORDER BY 1;
SELECT collab.task_state(:'house')->'comments'->0->>'username' AS username;
SELECT test.try(format('SELECT collab.task_state(%L, %L)', :'house', test.cid(1)));
-- Attachments
INSERT INTO collab.attachments (board_id, id, task_id, user_id, name, url, version, created_at, deleted_at)
	VALUES (:'board', test.cid(1), :'house', 3, 'plan', 'https://example.com/plan', 1, '2026-01-01', NULL), (:'board', test.cid(2), :'house', 3, 'photo', 'https://example.com/photo', 1, '2026-01-02', now());
SELECT a->>'name' AS name, a->>'url' AS url, a->>'username' AS username FROM jsonb_array_elements(collab.task_state(:'house')->'attachments') AS a;
-- Archived tasks are read too, deleted ones not.
SELECT count(collab.archive_task(:'house'));
SELECT s#>>'{task,title}' AS title, s->'task' ? 'archived_at' AS archived FROM collab.task_state(:'house') AS s;
SELECT count(collab.delete_task(test.task('Walls')));
SELECT jsonb_path_query_array(collab.task_state(:'house'), '$.blocked_by[*].title') AS blocked_by;
SELECT test.try(format('SELECT collab.task_state(%L)', test.task('Walls')));
-- Only those who see the board read its tasks, and nobody learns that there is one.
SET collab.user_id = '5';
SELECT test.try(format('SELECT collab.task_state(%L)', :'house'));
SELECT test.try(format('SELECT collab.task_state(%L)', test.cid(7)));
SELECT test.try('SELECT collab.task_state(NULL)');
SET collab.user_id = '4';
SELECT collab.task_state(:'house')#>>'{task,title}' AS viewer_reads;
