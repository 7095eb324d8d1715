-- board_state, events_after and the bridge's readers.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT collab.import_trello(test.workspace('Team'), '{"name": "Full", "desc": "About", "lists": [{"id": "a", "name": "Inbox", "pos": 1, "softLimit": 9}, {"id": "b", "name": "Gone", "pos": 2, "closed": true}, {"id": "d", "name": "Done", "pos": 3}],
	"cards": [{"id": "k", "name": "A", "desc": "Words", "idList": "a", "pos": 1, "idLabels": ["y", "x"], "idMembers": ["p"], "due": "2026-12-24T18:00:00Z"}, {"id": "l", "name": "B", "idList": "a", "pos": 2},
		{"id": "m", "name": "Archived", "idList": "a", "pos": 3, "closed": true}, {"id": "n", "name": "In an archived list", "idList": "b", "pos": 1}, {"id": "o", "name": "C", "idList": "d", "pos": 1}],
	"labels": [{"id": "x", "name": "Bug", "color": "red"}, {"id": "y", "name": "Idea", "color": "sky"}], "members": [{"id": "p", "username": "bob"}],
	"checklists": [{"id": "c2", "name": "Later", "idCard": "k", "pos": 2}, {"id": "c", "name": "Steps", "idCard": "k", "pos": 1, "checkItems": [{"name": "two", "pos": 2}, {"name": "one", "pos": 1, "state": "complete"}]}],
	"actions": [{"type": "commentCard", "date": "2026-01-01T00:00:00Z", "idMemberCreator": "p", "data": {"card": {"id": "k"}, "text": "hello"}}]}', test.cid(1))->'imported'->'tasks' AS tasks;
SELECT test.board('Full') AS board \gset
-- The whole document. What differs from run to run is masked.
CREATE FUNCTION test.stable(document jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(test.mask(jsonb_pretty(document)), '"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z"', '"<now>"', 'g')
$$;
SELECT test.stable(collab.board_state(:'board')->'board') AS board;
SELECT jsonb_object_keys(collab.board_state(:'board')) AS key ORDER BY 1;
-- Cards: without what only an open card shows.
SELECT jsonb_agg(DISTINCT key ORDER BY key) AS left_out FROM jsonb_path_query(collab.board_state(:'board'), '$.board.lists[*].tasks[*]') AS f, jsonb_object_keys(f) AS key
	WHERE NOT EXISTS (SELECT FROM jsonb_path_query(collab.board_state(:'board', 'cards'), '$.board.lists[*].tasks[*]') AS c WHERE c ? key);
SELECT jsonb_path_query_array(collab.board_state(:'board', 'cards'), '$.board.lists[*].tasks[*].title') AS titles;
SELECT collab.board_state(:'board', 'cards') - 'board' = collab.board_state(:'board', 'full') - 'board' AS same_mark;
-- The mark is the newest event's.
SELECT s->'version' = to_jsonb(max(e.version)) AS head, s->>'event' = (SELECT event FROM collab.events_after(:'board') ORDER BY version DESC LIMIT 1) AS mark
	FROM collab.events e, collab.board_state(:'board') AS s WHERE e.aggregate_id = :'board' GROUP BY s;
-- The rows of the views say the same as the document.
SELECT count(*) AS different FROM jsonb_path_query(collab.board_state(:'board'), '$.board.lists[*].tasks[*]') AS t FULL JOIN (SELECT * FROM collab.visible_tasks WHERE board_id = :'board'
	AND archived_at IS NULL AND list_id IN (SELECT id FROM collab.visible_lists WHERE archived_at IS NULL)) AS v ON v.id::text = t->>'id'
	WHERE (t->>'title', (t->>'position')::int, t->>'status', (t->>'version')::int, t->>'list_id') IS DISTINCT FROM (v.title, v."position", v.status, v.version, v.list_id::text);
-- For a new task: its document in the state is what its event said.
SELECT jsonb_extract_path(collab.create_task(:'board', test.list('Inbox', 'Full'), 'New', 'Text', 1, 'low', labels => ARRAY['Bug'], assignees => ARRAY[2], config => '{"n": 1.0}'), 'events', '0', 'payload', 'task') AS told \gset
SELECT t = :'told'::jsonb AS same_document FROM jsonb_path_query(collab.board_state(:'board'), '$.board.lists[*].tasks[*] ? (@.title == "New")') AS t;
-- Events, oldest first, by pages
SELECT version, event_type, user_id, event_data ? 'ranks' AS shows_ranks FROM collab.events_after(:'board', 3, 4);
SELECT count(*) AS after_head FROM collab.events_after(:'board', 1000);
SELECT count(*) = (SELECT version FROM collab.boards WHERE id = :'board') AS all_of_them FROM collab.events_after(:'board');
-- The bridge's readers: for a user it names
SELECT code, version = (SELECT version FROM collab.boards WHERE id = :'board') AS head, acl_version, (body::jsonb) = collab.board_state(:'board')->'board' AS same_document FROM collab.room_state(4, :'board', 'full');
SELECT code, version, event, acl_version, body FROM collab.room_state(5, :'board', 'full');
SELECT code, body IS NULL AS no_body FROM collab.room_state(3, '00000000-0000-0000-0000-000000000001', 'full');
SELECT code FROM collab.room_state(3, test.workspace('Team'), 'full');
SELECT test.try($$ SELECT collab.room_state(3, test.board('Full'), 'everything') $$);
-- Resuming: the version and its mark must be of this history.
CREATE FUNCTION test.resume(since_version int, mark text, as_user bigint DEFAULT 3) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(code, '') || CASE WHEN resumable THEN 'resumes' WHEN NOT resumable THEN 'reset' ELSE 'null' END FROM collab.room_resume(as_user, test.board('Full'), since_version, mark)
$$;
SELECT version AS head, (SELECT event FROM collab.events_after(:'board', 4, 1)) AS mark FROM collab.boards WHERE id = :'board' \gset
SELECT test.resume(5, :'mark') AS right_mark, test.resume(6, :'mark') AS other_version, test.resume(5, 'nonsense') AS nonsense, test.resume(5, NULL) AS without_mark, test.resume(0, NULL) AS from_the_start,
	test.resume(:head, NULL) AS at_head, test.resume(:head + 1, NULL) AS above, test.resume(-1, NULL) AS below, test.resume(NULL, NULL) AS nothing, test.resume(5, :'mark', 5) AS outsider;
-- Events as messages
SELECT version, body::jsonb->>'type' AS type, body::jsonb->'payload'->>'board_id' = :'board' AS of_board, body::jsonb->'payload'->'user_id' AS user_id, body::jsonb->'payload'->'username' AS username,
	event = body::jsonb->'payload'->>'event' AS mark, body::jsonb->'payload' ? 'command_id' AS command_id, body LIKE '%"ranks"%' AS ranks FROM collab.room_events(:'board', 0, 100);
SELECT count(*) FROM collab.room_events(:'board', 2, 3);
SELECT version, body::jsonb->>'type' AS type, test.mask(((body::jsonb->'payload') - ARRAY['event', 'timestamp', 'member', 'workspace'])::text) AS payload FROM collab.room_events(test.workspace('Team'), 0, 2);
-- Heads and readers
SELECT count(*) AS known, bool_and(h.version = a.version) AS versions, bool_and(h.event LIKE a.event_id || '-%') AS marks FROM collab.room_heads(ARRAY[:'board'::uuid, test.board('Plan'), test.workspace('Team'), test.cid(1)]) AS h
	JOIN collab.aggregates a ON a.id = h.aggregate_id;
SELECT acl_version, user_ids FROM collab.room_readers(:'board');
SELECT count(*) FROM collab.room_readers(test.workspace('Team'));
-- A second reading in one snapshot sees one board: later commits of others do not come in between.
SELECT p.proname, p.provolatile FROM pg_proc p WHERE p.pronamespace = 'collab'::regnamespace AND p.proname IN ('board_state', 'board_document', 'room_state', 'room_events', 'room_resume', 'room_heads', 'room_readers',
	'events_after', 'user_workspaces', 'my_workspaces', 'current_user_id') ORDER BY 1;
