-- NOTIFY: a pointer to the newest version, one for each changed board or workspace of a transaction.
\i test/fixtures/team.sql
SET collab.user_id = '3';
-- psql prints notifications with the process id of their sender: here they go through a pipe that masks it, and the ids.
SELECT test.board('Plan') AS plan, test.workspace('Team') AS team, test.list('To do') AS list,
	'collab:board:' || test.board('Plan') AS plan_channel, 'collab:workspace:' || test.workspace('Team') AS team_channel \gset
LISTEN :"plan_channel";
LISTEN :"team_channel";
LISTEN "collab:control";
\o | sed -E 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/<id>/g; s/process with PID [0-9]+/process/'
-- One command
SELECT collab.create_task(:'plan', :'list', 'A')->'version' AS version;
-- A workspace's
SELECT collab.execute(jsonb_build_object('type', 'CREATE_LIST', 'payload', jsonb_build_object('board_id', :'plan', 'name', 'L')))->'version' AS version;
SET collab.user_id = '1';
SELECT collab.add_member(:'team', 5, 'viewer')->'version' AS version;
SET collab.user_id = '3';
-- Several of one board in one transaction: only the newest, at commit.
BEGIN;
SELECT collab.create_task(:'plan', :'list', 'B')->'version' AS version;
SELECT collab.create_task(:'plan', :'list', 'C')->'version' AS version;
SELECT collab.create_task(:'plan', :'list', 'D')->'version' AS version;
COMMIT;
-- In one statement
SELECT count(collab.create_task(:'plan', :'list', 'E' || n)) FROM generate_series(1, 50) AS n;
-- What is rolled back is not announced.
BEGIN;
SELECT collab.create_task(:'plan', :'list', 'F')->'version' AS version;
ROLLBACK;
-- Nor what a savepoint took back: the version announced is the one that is there.
BEGIN;
SELECT collab.create_task(:'plan', :'list', 'G')->'version' AS version;
SAVEPOINT s;
SELECT collab.create_task(:'plan', :'list', 'H')->'version' AS version;
SAVEPOINT t;
SELECT collab.create_task(:'plan', :'list', 'I')->'version' AS version;
RELEASE SAVEPOINT t;
ROLLBACK TO SAVEPOINT s;
COMMIT;
BEGIN;
SAVEPOINT s;
SELECT collab.create_task(:'plan', :'list', 'H')->'version' AS version;
ROLLBACK TO SAVEPOINT s;
COMMIT;
-- What a released savepoint kept is announced.
BEGIN;
SAVEPOINT s;
SAVEPOINT t;
SELECT collab.create_task(:'plan', :'list', 'J')->'version' AS version;
RELEASE SAVEPOINT s;
COMMIT;
-- Nothing changed, or refused: nothing to announce.
SELECT collab.update_task(test.task('A'), '{"title": "A"}')->'changed' AS changed;
SELECT test.try($$ SELECT collab.update_task(test.task('A'), '{"title": ""}') $$);
-- A batch announces each board once; of a refused command nothing.
SELECT command, kind, code FROM collab.execute_batch('{3,3,3}', ARRAY[test.cid(1), test.cid(2), test.cid(3)], ARRAY(
	SELECT jsonb_build_object('type', 'CREATE_LIST', 'payload', jsonb_build_object('board_id', :'plan', 'name', name))::text
	FROM unnest(ARRAY['X', '', 'Y']) AS name)) WHERE kind <> 'event';
-- Resent: nothing.
SELECT command, kind, code FROM collab.execute_batch('{3}', ARRAY[test.cid(1)], ARRAY[
	jsonb_build_object('type', 'CREATE_LIST', 'payload', jsonb_build_object('board_id', :'plan', 'name', 'X'))::text]) WHERE kind <> 'event';
-- Reading, verifying and rebuilding announce nothing.
SELECT count(*) FROM collab.verify();
SELECT collab.rebuild_all() > 0 AS rebuilt;
-- Two aggregates in one transaction, in the order of their ids
\o
\o | sed -nE 's/.*notification "collab:([a-z]+):.*"version": ([0-9]+).*/\1 \2/p' | sort
BEGIN;
SELECT collab.create_task(:'plan', :'list', 'K')->'version' AS version;
SET LOCAL collab.user_id = '1';
SELECT count(*) FROM collab.upsert_user('test', 'newcomer', 'Newcomer');
SELECT collab.add_member(:'team', 6, 'viewer')->'version' AS version;
COMMIT;
\o
-- A transaction that appended cannot be prepared, as one that notifies cannot.
BEGIN;
SELECT collab.create_task(:'plan', :'list', 'L')->'changed' AS changed;
PREPARE TRANSACTION 'regress_notify';
SELECT count(*) AS prepared FROM pg_prepared_xacts WHERE gid = 'regress_notify';
SELECT test.task('L') IS NULL AS taken_back;
-- One that only read can.
BEGIN;
SELECT jsonb_typeof(collab.board_state(:'plan')) AS state;
PREPARE TRANSACTION 'regress_notify';
ROLLBACK PREPARED 'regress_notify';
