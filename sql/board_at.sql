-- A board as it was: at each version what board_state said then.
\i test/fixtures/team.sql
SET collab.snapshot_interval = 4;
SET collab.user_id = '3';
CREATE TABLE test.past (version int, state jsonb);
CREATE FUNCTION test.keep(board uuid, step text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE step;
	INSERT INTO test.past SELECT (s->>'version')::int, s FROM collab.board_state(board) AS s;
END
$$;
SELECT test.board('Plan') AS plan \gset
SELECT count(test.keep(:'plan', step)) FROM unnest(ARRAY[
	$$ SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'One', 'First', assignees => ARRAY[3, 1]) $$,
	$$ SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'Two', priority => 'high', due_date => '2026-12-01T10:00:00Z') $$,
	$$ SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'Three', "position" => 0) $$,
	$$ SELECT collab.move_task(test.task('One'), test.list('In progress'), 0) $$,
	$$ SELECT collab.update_task(test.task('Two'), '{"title": "Deux", "config": {"a": {"b": [1, null]}}, "assignees": [1]}') $$,
	$$ SELECT collab.create_list(test.board('Plan'), 'Later', 0) $$,
	$$ SELECT collab.move_list(test.list('Later'), 3) $$,
	$$ SELECT collab.move_task(test.task('Three'), test.list('Done')) $$,
	$$ SELECT collab.delete_task(test.task('One')) $$,
	$$ SELECT collab.update_task(test.task('Deux'), '{"status": "doing", "priority": null}') $$,
	$$ SELECT collab.create_task(test.board('Plan'), test.list('Later'), 'Quotes '' " \ and more') $$]) AS step;
SELECT version, snapshot, at_version = state AS same, at_mark = state->'event' AS same_mark FROM (
	SELECT p.version, p.state, EXISTS (SELECT FROM collab.snapshots s WHERE s.board_id = :'plan' AND s.version = p.version) AS snapshot,
		collab.board_at(:'plan', p.version) AS at_version, collab.board_at(:'plan', p.version)->'event' AS at_mark FROM test.past p) AS each ORDER BY 1;
SELECT version, jsonb_path_query_array(collab.board_at(:'plan', version), '$.board.lists[*].tasks[*].title') AS titles FROM generate_series(1, 12) AS version;
SELECT collab.board_at(:'plan', 6, 'cards') = (SELECT jsonb_set(state, '{board,lists}', (SELECT jsonb_agg(jsonb_set(l, '{tasks}',
	(SELECT coalesce(jsonb_agg(t - 'description' - 'config' - 'custom_fields' - 'checklists' ORDER BY n), '[]') FROM jsonb_array_elements(l->'tasks') WITH ORDINALITY AS t (t, n))) ORDER BY o)
	FROM jsonb_array_elements(state->'board'->'lists') WITH ORDINALITY AS l (l, o))) FROM test.past WHERE version = 6) AS cards_are_less;
-- The live board is as it was, and nothing is left.
SELECT * FROM test.show();
SELECT count(DISTINCT id) AS boards FROM collab.boards WHERE id NOT IN (SELECT id FROM collab.aggregates);
SELECT * FROM collab.verify();
-- At a time
SELECT (collab.board_at(:'plan', at_time => e.created_at)->>'version')::int = e.version AS at_once,
	(collab.board_at(:'plan', at_time => e.created_at - interval '1 microsecond')->>'version')::int < e.version AS not_yet
	FROM collab.events e WHERE aggregate_id = :'plan' AND version > 1 AND version % 4 = 1;
SELECT collab.board_at(:'plan', 'infinity'::timestamptz) = collab.board_state(:'plan') AS the_end;
SELECT test.try(format($$ SELECT collab.board_at(%L, timestamptz '2020-01-01') $$, :'plan'));
SELECT test.try(format($$ SELECT collab.board_at(%L, NULL::timestamptz) $$, :'plan'));
-- What there is not
SELECT v, test.try(format('SELECT collab.board_at(%L, %L::int)', :'plan', v)) FROM unnest(ARRAY[0, -1, NULL, 13, 2147483647]) AS v;
SELECT test.try(format($$ SELECT collab.board_at(%L, 2, 'everything') $$, :'plan'));
SELECT test.try($$ SELECT collab.board_at('00000000-0000-0000-0000-000000000001', 1) $$);
-- Who may
SET collab.user_id = '4';
SELECT collab.board_at(:'plan', 3)->'version' AS viewer;
SET collab.user_id = '5';
SELECT test.try(format('SELECT collab.board_at(%L, 3)', :'plan'));
SELECT test.try(format('SELECT collab.board_at(%L, now())', :'plan'));
SELECT test.try(format('SELECT collab.board_at(%L, 1000)', :'plan'));
SET collab.user_id = '3';
-- It writes, for a moment: not where nothing may be written; the present can be had there.
BEGIN READ ONLY;
SELECT collab.board_at(:'plan', 12)->'version' AS head;
SELECT test.try(format('SELECT collab.board_at(%L, 3)', :'plan'));
ROLLBACK;
-- Under another isolation level, in the middle of a transaction, inside a subtransaction that fails.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT collab.board_at(:'plan', 5) = state AS same FROM test.past WHERE version = 5;
SAVEPOINT one;
SELECT test.try(format('SELECT collab.board_at(%L, 3, NULL)', :'plan'));
SELECT collab.board_at(:'plan', 4) = state AS same FROM test.past WHERE version = 4;
ROLLBACK TO one;
SELECT collab.board_at(:'plan', 7) = state AS same FROM test.past WHERE version = 7;
COMMIT;
BEGIN;
SELECT collab.create_task(:'plan', test.list('Done'), 'Not committed')->'version' AS version;
SELECT collab.board_at(:'plan', 12) = state AS same FROM test.past WHERE version = 12;
ROLLBACK;
SELECT * FROM collab.verify();
-- A board in a log that cannot be replayed says so, and leaves nothing behind.
BEGIN;
INSERT INTO collab.snapshots (board_id, version, state) VALUES (:'plan', 3, '{"lists": [{"id": "no id"}]}');
SELECT test.try(format('SELECT collab.board_at(%L, 3)', :'plan'));
SELECT collab.board_at(:'plan', 2) = state AS same FROM test.past WHERE version = 2;
ROLLBACK;
