-- Snapshots are taken every so many events, are derived, and verify proves them.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SHOW collab.snapshot_interval;
SET collab.snapshot_interval = 5;
CREATE FUNCTION test.snapshots(board text DEFAULT 'Plan') RETURNS TABLE (version int, tables text, tasks int) LANGUAGE sql AS $$
	SELECT s.version, (SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys(s.state) AS k), jsonb_array_length(s.state->'tasks')
	FROM collab.snapshots s WHERE s.board_id = test.board(board) ORDER BY s.version
$$;
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), 'Task ' || n, assignees => ARRAY[3, 1])) FROM generate_series(1, 11) AS n;
SELECT * FROM test.snapshots();
-- Neither the board's id nor what is generated is in it.
SELECT position(test.board('Plan')::text IN s.state::text) AS board_id, count(DISTINCT k) AS columns, bool_or(k IN ('search', 'board_id')) AS generated
	FROM collab.snapshots s, jsonb_array_elements(s.state->'tasks') AS t, jsonb_object_keys(t) AS k WHERE s.board_id = test.board('Plan') AND s.version = 10 GROUP BY 1;
-- What is rolled back leaves none; the session's time zone does not matter to it.
BEGIN;
SET LOCAL timezone = 'Asia/Kathmandu';
SELECT count(collab.move_task(test.task('Task ' || n), test.list('In progress'))) FROM generate_series(1, 4) AS n;
SELECT version FROM test.snapshots();
SELECT current_setting('timezone') AS still;
SELECT * FROM collab.verify();
ROLLBACK;
SELECT version FROM test.snapshots();
-- None when it is off; a jump over several multiples makes one.
SET collab.snapshot_interval = 0;
SELECT count(collab.move_task(test.task('Task ' || n), test.list('In progress'))) FROM generate_series(1, 4) AS n;
SELECT version FROM test.snapshots();
SET collab.snapshot_interval = 5;
\set export `cat test/fixtures/trello-full.json`
SELECT collab.import_trello(test.workspace('Team'), :'export')->'imported'->'tasks' AS tasks;
SELECT count(*) OVER () AS snapshots, s.version = b.version AS at_the_end, b.version > 50 AS has_many_events FROM collab.snapshots s JOIN collab.boards b ON b.id = s.board_id WHERE b.name = 'Fieldwork 2.0';
-- Workspaces have none.
SELECT count(collab.execute_as(1, jsonb_build_object('type', 'UPDATE_WORKSPACE', 'payload', jsonb_build_object('workspace_id', test.workspace('Team'), 'updates', jsonb_build_object('name', 'Team'))))) AS ran;
SELECT count(*) FROM collab.snapshots s WHERE NOT EXISTS (SELECT FROM collab.boards b WHERE b.id = s.board_id);
-- rebuild makes them again, at the multiples; verify compares each with the events.
SELECT * FROM collab.verify();
SELECT collab.rebuild(test.board('Plan')) AS version;
SELECT version FROM test.snapshots();
SELECT * FROM collab.verify();
UPDATE collab.snapshots SET state = jsonb_set(state, '{tasks,0,title}', '"Forged"') WHERE board_id = test.board('Plan') AND version = 10;
SELECT difference FROM collab.verify();
SELECT collab.board_at(test.board('Plan'), 11)->'board'->'lists'->0->'tasks' @> '[{"title": "Forged"}]' AS believed;
SELECT collab.rebuild(test.board('Plan')) AS version;
SELECT * FROM collab.verify();
INSERT INTO collab.snapshots (board_id, version, state) VALUES (test.board('Plan'), 1000, '{}');
SELECT difference FROM collab.verify();
SET collab.snapshot_interval = 7;
SELECT collab.rebuild(test.board('Plan')) AS version;
SELECT version FROM test.snapshots();
-- Without them everything is the same.
CREATE TABLE test.before AS SELECT v, collab.board_at(test.board('Plan'), v) AS state FROM generate_series(1, 15) AS v;
DELETE FROM collab.snapshots;
SELECT count(*) AS versions, count(*) FILTER (WHERE collab.board_at(test.board('Plan'), v) = state) AS same FROM test.before;
SELECT * FROM collab.verify();
-- Who may say how often
CREATE ROLE regress_snapshot;
GRANT USAGE ON SCHEMA test TO regress_snapshot;
SET ROLE regress_snapshot;
SELECT test.try('SET collab.snapshot_interval = 1');
RESET ROLE;
REVOKE ALL ON SCHEMA test FROM regress_snapshot;
DROP ROLE regress_snapshot;
SELECT test.try('SET collab.snapshot_interval = -1');
