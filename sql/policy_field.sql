-- The conflict policy "field": a conflict only where the same field changed since.
\i test/fixtures/team.sql
SET collab.user_id = '1';
SELECT test.board('Plan') AS board, test.list('To do') AS todo, test.list('In progress') AS doing, test.list('Done') AS done \gset
SELECT collab.update_board(:'board', '{"settings": {"conflict_policy": "field"}}')->'changed' AS changed;
SELECT count(collab.create_task(:'board', :'todo', title)) FROM unnest('{A,B,C}'::text[]) AS title;
SELECT collab.create_label(:'board', 'Red', 'red')->'changed' AS changed;
SELECT collab.define_custom_field(:'board', name, 'text')->'changed' AS changed FROM unnest('{Size,Place}'::text[]) AS name;
SELECT test.task('A') AS a, test.task('B') AS b, (SELECT id FROM collab.custom_fields WHERE name = 'Size') AS size, (SELECT id FROM collab.custom_fields WHERE name = 'Place') AS place \gset
-- Runs one command, then a second one that has seen what was there before the first; both are taken back.
CREATE FUNCTION test.pair(first text, second text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	seen int := (SELECT version FROM collab.boards WHERE id = test.board('Plan'));
	outcome text;
BEGIN
	BEGIN
		EXECUTE 'SELECT collab.' || first;
		outcome := test.try('SELECT collab.' || left(second, -1) || ', version => ' || seen || ')');
		RAISE EXCEPTION SQLSTATE 'XX999';
	EXCEPTION WHEN SQLSTATE 'XX999' THEN
		RETURN left(outcome, 23);
	END;
END
$$;
CREATE TABLE test.commands (name text, command text);
INSERT INTO test.commands SELECT name, format(command, :'a', :'doing', :'b', :'size', :'place', :'todo') FROM (VALUES
	('title', 'update_task(%1$L, ''{"title": "New"}'')'), ('due', 'update_task(%1$L, ''{"due_date": "2026-12-01"}'')'), ('title+due', 'update_task(%1$L, ''{"title": "x", "due_date": "2026-12-02"}'')'),
	('status', 'update_task(%1$L, ''{"status": "done"}'')'), ('move', 'move_task(%1$L, %2$L)'), ('place', 'move_task(%1$L, %6$L, 2)'), ('complete', 'complete_task(%1$L)'), ('labels', 'update_task(%1$L, ''{"labels": ["Red"]}'')'),
	('assign', 'assign_task(%1$L, 3)'), ('assigned_to', 'update_task(%1$L, ''{"assigned_to": 2}'')'), ('blocked_by', 'add_dependency(%1$L, %3$L)'), ('archive', 'archive_task(%1$L)'), ('size', 'set_custom_field(%1$L, %4$L, ''"XL"'')'),
	('place field', 'set_custom_field(%1$L, %5$L, ''"here"'')'), ('delete', 'delete_task(%1$L)'), ('neighbour', 'update_task(%3$L, ''{"title": "Z"}'')')) AS v (name, command);
-- Who conflicts with whom; the pairs that are not named are both carried out.
SELECT f.name AS first, string_agg(s.name, ', ' ORDER BY s.name) FILTER (WHERE r LIKE 'TB001%') AS conflicts, string_agg(s.name || ' ' || left(r, 5), ', ' ORDER BY s.name) FILTER (WHERE r NOT LIKE 'TB001%' AND r <> 'ok') AS refused
	FROM test.commands f, test.commands s, LATERAL test.pair(f.command, s.command) AS r WHERE f.name <> 'delete' GROUP BY 1 ORDER BY 1;
SELECT r, count(*) FROM test.commands s, LATERAL test.pair((SELECT command FROM test.commands WHERE name = 'delete'), s.command) AS r GROUP BY 1 ORDER BY 1;
-- Lists and the board, too
INSERT INTO test.commands SELECT name, format(command, :'todo', :'board') FROM (VALUES ('list name', 'update_list(%1$L, ''{"name": "x"}'')'), ('list limit', 'update_list(%1$L, ''{"wip_limit": 9}'')'),
	('list move', 'move_list(%1$L, 2)'), ('list archive', 'archive_list(%1$L)'), ('board name', 'update_board(%2$L, ''{"name": "x"}'')'), ('board text', 'update_board(%2$L, ''{"description": "x"}'')'),
	('board settings', 'update_board(%2$L, ''{"settings": {"wip": "off"}}'')'), ('board member', 'add_board_member(%2$L, 4)')) AS v (name, command);
SELECT f.name AS first, coalesce(string_agg(s.name, ', ' ORDER BY s.name) FILTER (WHERE r LIKE 'TB001%'), '-') AS conflicts, string_agg(s.name || ' ' || r, ', ' ORDER BY s.name) FILTER (WHERE r NOT LIKE 'TB001%' AND r <> 'ok') AS refused
	FROM test.commands f, test.commands s, LATERAL test.pair(f.command, s.command) AS r WHERE f.name ~ '^(list|board) ' AND left(f.name, 4) = left(s.name, 4) GROUP BY 1 ORDER BY 1;
-- The conflict carries what the other one wrote.
SELECT version AS seen FROM collab.boards WHERE id = :'board' \gset
SELECT collab.update_task(:'a', '{"title": "Theirs"}')->'changed' AS changed;
SELECT kind, body::jsonb->'expected_version' = to_jsonb(:seen) AS expected, body::jsonb#>>'{current,title}' AS current FROM collab.execute_batch('{3}', ARRAY[test.cid(1)],
	ARRAY[jsonb_build_object('type', 'UPDATE_TASK', 'payload', jsonb_build_object('task_id', :'a', 'version', :seen, 'updates', '{"title": "Mine"}'::jsonb))::text]);
SELECT kind, body::jsonb#>>'{payload,updates}' AS updates FROM collab.execute_batch('{3}', ARRAY[test.cid(2)],
	ARRAY[jsonb_build_object('type', 'UPDATE_TASK', 'payload', jsonb_build_object('task_id', :'a', 'version', :seen, 'updates', '{"priority": "high"}'::jsonb))::text]);
-- A version that the board never had
SELECT test.try(format('SELECT collab.update_task(%L, ''{"priority": "low"}'', version => 999)', :'a'));
SELECT * FROM collab.verify();
