-- ADD_DEPENDENCY, REMOVE_DEPENDENCY: which task waits for which, never in a circle.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), name)) FROM unnest(ARRAY['A', 'B', 'C', 'D', 'E']) AS name;
-- A chain in one word: 'A<B' says that A waits for B.
CREATE FUNCTION test.wait(pair text, remove boolean DEFAULT false) RETURNS text LANGUAGE sql AS $$
	SELECT test.try(format('SELECT collab.%s_dependency(%L, %L)', CASE WHEN remove THEN 'remove' ELSE 'add' END,
		test.task(split_part(pair, '<', 1)), test.task(split_part(pair, '<', 2))))
$$;
SELECT p - ARRAY['board_id', 'event', 'timestamp', 'task_id', 'blocked_by'] AS payload, p->>'task_id' = test.task('A')::text AS task,
	p->>'blocked_by' = test.task('B')::text AS blocked_by
	FROM jsonb_extract_path(collab.add_dependency(test.task('A'), test.task('B')), 'events', '0', 'payload') AS p;
SELECT collab.add_dependency(test.task('A'), test.task('B'))->'changed' AS changed;
-- The one that waits changes, not the one it waits for.
SELECT title, t.version = b.version AS has_version FROM collab.tasks t JOIN collab.boards b ON b.id = t.board_id WHERE title IN ('A', 'B') ORDER BY 1;
-- Circles of one, two, three and more, whatever ways there are besides
SELECT test.wait('A<A');
SELECT test.wait('B<A');
SELECT test.wait(pair) FROM unnest(ARRAY['B<C', 'C<A', 'C<D', 'A<C', 'B<D', 'D<E']) AS pair;
SELECT test.wait(pair) FROM unnest(ARRAY['E<A', 'D<A', 'E<B']) AS pair;
SELECT title, blocked_by_title, is_open FROM collab.visible_dependencies ORDER BY 1, 2;
-- A removed one makes way.
SELECT test.wait('D<E', true);
SELECT collab.remove_dependency(test.task('D'), test.task('E'))->'changed' AS changed;
SELECT test.wait('E<A');
SELECT test.wait('D<E');
-- A long circle is not told to its end.
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), 'L' || n)) FROM generate_series(1, 20) AS n;
SELECT DISTINCT test.wait('L' || n || '<L' || n + 1) FROM generate_series(1, 19) AS n;
SELECT test.wait('L20<L1');
SELECT test.wait('L10<L1');
-- Many ways through the same tasks: each is looked at once. A walk along every way would never end.
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), side || n)) FROM generate_series(1, 40) AS n, unnest(ARRAY['X', 'Y']) AS side;
SELECT DISTINCT test.wait(one || n || '<' || other || n + 1) FROM generate_series(1, 39) AS n, unnest(ARRAY['X', 'Y']) AS one, unnest(ARRAY['X', 'Y']) AS other;
SELECT left(test.wait('X40<X1'), 60);
-- At most a hundred
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'Last')->'changed' AS changed;
INSERT INTO collab.task_dependencies SELECT board_id, test.task('Last'), id, now() FROM collab.tasks
	WHERE title <> 'Last' AND title <> 'A' ORDER BY title LIMIT 100;
SELECT test.wait('Last<A');
DELETE FROM collab.task_dependencies WHERE task_id = test.task('Last');
SELECT test.wait('Last<A');
-- Another board's task is no task here, and nothing is told of it.
SELECT collab.create_board(test.workspace('Team'), 'Other')->'changed' AS changed;
SELECT collab.create_task(test.board('Other'), title => 'O')->'changed' AS changed;
SELECT test.try($$ SELECT collab.add_dependency(test.task('A'), test.task('O', 'Other')) $$);
SELECT test.try($$ SELECT collab.add_dependency(test.task('A'), '00000000-0000-0000-0000-000000000001') $$);
SELECT test.try($$ SELECT collab.add_dependency('00000000-0000-0000-0000-000000000001', test.task('A')) $$);
SELECT test.try($$ SELECT collab.add_dependency(test.task('A'), NULL) $$);
-- A deleted task blocks nobody, and stands in no circle; an UNDO that would bring it back into one is refused.
SELECT collab.create_board(test.workspace('Team'), 'Ring')->'changed' AS changed;
SELECT count(collab.create_task(test.board('Ring'), test.list('To do', 'Ring'), name)) FROM unnest(ARRAY['P', 'Q', 'R']) AS name;
SELECT collab.add_dependency(test.task('P', 'Ring'), test.task('Q', 'Ring'))->'changed' AS changed;
SELECT collab.add_dependency(test.task('Q', 'Ring'), test.task('R', 'Ring'))->'changed' AS changed;
SELECT test.try($$ SELECT collab.add_dependency(test.task('R', 'Ring'), test.task('P', 'Ring')) $$);
SELECT collab.delete_task(test.task('Q', 'Ring'))->'changed' AS changed;
SET collab.user_id = '1';
SELECT collab.add_dependency(test.task('R', 'Ring'), test.task('P', 'Ring'))->'changed' AS changed;
SELECT test.try($$ SELECT collab.add_dependency(test.task('R', 'Ring'), test.task('Q', 'Ring')) $$);
SET collab.user_id = '3';
SELECT test.try($$ SELECT collab.undo(test.board('Ring')) $$);
SELECT collab.remove_dependency(test.task('R', 'Ring'), test.task('P', 'Ring'))->'changed' AS changed;
SELECT jsonb_path_query_array(collab.undo(test.board('Ring')), '$.events[*].type');
SELECT test.try($$ SELECT collab.undo(test.board('Ring')) $$);
-- Versions and roles
SELECT test.try($$ SELECT collab.add_dependency(test.task('P', 'Ring'), test.task('R', 'Ring'), version => 1) $$);
SET collab.user_id = '4';
SELECT test.wait('A<E');
SELECT count(*) > 0 AS sees FROM collab.visible_dependencies;
SET collab.user_id = '5';
SELECT test.wait('A<E');
SELECT count(*) FROM collab.visible_dependencies;
SELECT * FROM collab.verify();
