-- Search by words: prefixes, all of them, rank, pages, who sees what, and that the indexes are used.
\i test/fixtures/team.sql
SET collab.user_id = '1';
SELECT test.board('Plan') AS board \gset
SELECT count(collab.create_task(:'board', test.list('To do'), title, description)) FROM (VALUES ('Fix the door', 'It squeaks: hinge-oil is needed'), ('Paint the door', 'Blue, as the windows'),
	('Buy paint', 'Two tins; the shop closes at noon'), ('Doorbell', ''), ('Łódź trip', 'Zażółć gęślą jaźń'), ('It''s 100% \sure', 'C++ & back\slash')) AS t (title, description);
SELECT count(collab.add_comment(test.task('Buy paint'), 'For the door, and for the shutters too'));
CREATE FUNCTION test.found(query text, filters jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(r->>'title', ', '), '–') FROM jsonb_array_elements(collab.search(query, filters => filters)->'results') AS r
$$;
-- Each word is the beginning of a word, in title, description or comments; all must be there, not all in one place.
SELECT query, test.found(query) FROM unnest(ARRAY['paint', 'PAINT', 'pai', 'ain', 'fix door', 'fix paint', 'squ hin', 'oil', 'shutters', 'tins shutters', 'noon blue', 'łód', 'gęśl', 'it''s', '100', 'back\slash', 'c++']) AS query;
-- The best first: with the word in the title, then the newest.
SELECT test.found('door');
-- Words of nothing find nothing, and are no error; no words at all find everything.
SELECT query, test.found(query) FROM unnest(ARRAY['!!!', '&', ' | ', '''', ':*', '\', '()', '<->', '!a & (b']) AS query;
SELECT test.found(NULL) = test.found('  ') AS blank_is_none, jsonb_array_length(collab.search()->'results') AS all_tasks;
-- The headline says where.
SELECT r->>'title' AS title, r->>'headline' AS headline, r->>'board_name' AS board, r->>'list_name' AS list FROM jsonb_array_elements(collab.search('door paint')->'results') AS r;
SELECT r->>'headline' AS headline FROM jsonb_array_elements(collab.search('shutters')->'results') AS r;
-- A result is the task's document of the detail cards, and three things more.
SELECT jsonb_agg(key ORDER BY key) AS more FROM jsonb_object_keys(collab.search('doorbell')#>'{results,0}') AS key
	WHERE NOT EXISTS (SELECT FROM jsonb_path_query(collab.board_state(:'board', 'cards'), '$.board.lists[*].tasks[0]') AS t WHERE t ? key);
-- By pages: each once, in the same order
CREATE FUNCTION test.pages(query text, size int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	page jsonb := collab.search(query, max_results => size);
	told text := '';
BEGIN
	LOOP
		told := told || (SELECT string_agg(r->>'title', ', ') FROM jsonb_array_elements(page->'results') AS r) || ' | ';
		EXIT WHEN page->>'next' IS NULL;
		page := collab.search(query, max_results => size, after => page->>'next');
	END LOOP;
	RETURN told;
END
$$;
SELECT test.pages('door', 1), test.pages('door', 3), test.pages(NULL, 4);
-- What is deleted, archived or changed
SELECT count(collab.delete_task(test.task('Doorbell'))), count(collab.update_task(test.task('Paint the door'), '{"title": "Paint the gate"}')), count(collab.archive_task(test.task('Fix the door')));
SELECT test.found('door'), test.found('gate'), test.found('door', '{"archived": true}');
SELECT count(collab.delete_comment(id)) FROM collab.comments WHERE text LIKE 'For the door%';
SELECT test.found('door');
-- Only of boards that the actor sees
SELECT collab.create_board(test.workspace('Team'), 'Secret', visibility => 'private')->'result'->>'board_id' AS secret \gset
SELECT count(collab.create_task(:'secret', title => 'Paint nobody sees'));
SELECT test.found('paint') AS owner;
SET collab.user_id = '3';
SELECT test.found('paint') AS member, test.try(format('SELECT collab.search(board_id => %L)', :'secret')) AS private_board;
SET collab.user_id = '5';
SELECT test.found('paint') AS outsider, test.try(format('SELECT collab.search(board_id => %L)', :'board')) AS board,
	test.try(format('SELECT collab.search(workspace_id => %L)', test.workspace('Team'))) AS workspace;
SET collab.user_id = '1';
SELECT jsonb_array_length(collab.search('paint', board_id => :'secret')->'results') AS one_board, jsonb_array_length(collab.search('paint', workspace_id => test.workspace('Team'))->'results') AS one_workspace;
SELECT count(collab.archive_board(:'secret'));
SELECT test.found('paint') AS without_archived_boards, jsonb_array_length(collab.search('paint', board_id => :'secret')->'results') AS unless_named;
-- Refusals
SELECT call, test.try('SELECT collab.search(' || call || ')') FROM unnest(ARRAY['repeat(''x'', 501)', 'max_results => 0', 'max_results => 201', 'max_results => NULL', 'after => ''''', 'after => ''x''',
	'after => ''1e99_1_00000000-0000-0000-0000-000000000000''', 'after => ''1_99999999999999999999_00000000-0000-0000-0000-000000000000''', 'after => ''0_999999999999999999_00000000-0000-0000-0000-000000000000''',
	'filters => NULL', 'filters => ''[]''', 'board_id => ''00000000-0000-0000-0000-000000000000''']) AS call;
-- Indexes: 20,000 tasks on 50 boards
INSERT INTO collab.boards (id, workspace_id, name, description, owner_id, visibility, settings, version, created_at, updated_at)
	SELECT md5('b' || n)::uuid, test.workspace('Team'), 'Board ' || n, '', 1, 'workspace', '{}', 1, now(), now() FROM generate_series(1, 50) AS n;
INSERT INTO collab.lists (board_id, id, name, rank, category, version, created_at, updated_at) SELECT md5('b' || n)::uuid, md5('l' || n)::uuid, 'List', 1, 'todo', 1, now(), now() FROM generate_series(1, 50) AS n;
INSERT INTO collab.tasks (board_id, id, list_id, title, description, rank, config, version, created_by, created_at, updated_at, due_date)
	SELECT md5('b' || n % 50 + 1)::uuid, md5('t' || n)::uuid, md5('l' || n % 50 + 1)::uuid, 'Task number' || n, 'word' || n % 1000, n, '{}', 1, 1, now(), now(), '2026-01-01'::timestamptz + n * interval '1 hour' FROM generate_series(1, 20000) AS n;
INSERT INTO collab.comments (board_id, id, task_id, user_id, text, mentions, created_at, occurred_at)
	SELECT md5('b' || n % 50 + 1)::uuid, md5('c' || n)::uuid, md5('t' || n)::uuid, 1, 'remark' || n, '{}', now(), now() FROM generate_series(1, 5000) AS n;
INSERT INTO collab.task_assignees SELECT md5('b' || n % 50 + 1)::uuid, md5('t' || n)::uuid, n % 1000 + 3, 1 FROM generate_series(1, 20000) AS n;
ANALYZE;
CREATE FUNCTION test.indexes(query text, filters jsonb, boards uuid[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	plan jsonb;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || collab.search_statement(query IS NOT NULL, filters) INTO plan USING boards, collab.search_words(query),
		nullif(array_to_string(collab.search_words(query)::text[], ' | '), '')::tsquery, filters, 3::bigint, 51, NULL::real, NULL::timestamptz, NULL::uuid;
	RETURN (SELECT string_agg(DISTINCT i #>> '{}', ', ') FROM jsonb_path_query(plan, '$.**."Index Name"') AS i) ||
		coalesce('; scans ' || (SELECT string_agg(DISTINCT s->>'Relation Name', ', ') FROM jsonb_path_query(plan, '$.** ? (@."Node Type" == "Seq Scan")') AS s
			WHERE s->>'Relation Name' <> 'lists'), '');
END
$$;
SELECT array_agg(id) AS boards FROM collab.boards WHERE name LIKE 'Board %' \gset
SELECT filters, test.indexes(query, filters, :'boards') LIKE wanted AS uses_it, test.indexes(query, filters, :'boards') LIKE '%scans%' AS scans FROM (VALUES
	('number77', '{}'::jsonb, '%comments_search_idx%tasks_search_idx%'), (NULL, '{"assignee": "me"}', '%task_assignees_user_idx%'),
	(NULL, '{"due": {"before": "2026-01-02", "after": "2026-01-01"}}', '%tasks_due_idx%')) AS v (query, filters, wanted);
SELECT test.indexes(NULL, format('{"list_id": "%s"}', md5('l7')::uuid)::jsonb, ARRAY[md5('b7')::uuid]) AS list;
SELECT jsonb_array_length(collab.search('number77 word', max_results => 200)->'results') AS found, jsonb_array_length(collab.search('remark77 number')->'results') AS over_both;
