-- The log only grows, and only by commands; a restore's COPY is stored as it is.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'Task')->'version' AS version;
CREATE ROLE regress_append_reader;
CREATE ROLE regress_append_writer;
GRANT USAGE ON SCHEMA collab, test TO regress_append_writer;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON collab.events TO regress_append_writer;
GRANT USAGE ON SCHEMA collab, test TO regress_append_reader;
-- An event that would fit.
CREATE TABLE test.next AS SELECT 1000000::bigint AS id, aggregate_id, aggregate_type, 'TaskDeleted' AS event_type,
	jsonb_build_object('task_id', test.task('Task'), 'list_id', test.list('To do')) AS event_data, user_id,
	version + 1 AS version, created_at, NULL::uuid AS command_id, NULL::bytea AS command_hash, acl_version, schema_version, xid, epoch
	FROM collab.events WHERE aggregate_id = test.board('Plan') ORDER BY version DESC LIMIT 1;
CREATE FUNCTION test.attempts() RETURNS TABLE (attempt text, outcome text) LANGUAGE sql AS $$
	SELECT statement, test.try(statement) FROM unnest(ARRAY[
		'UPDATE collab.events SET user_id = 1', 'UPDATE collab.events SET user_id = 1 WHERE false', 'DELETE FROM collab.events',
		'DELETE FROM collab.events WHERE version = 0', 'TRUNCATE collab.events', 'TRUNCATE collab.events CASCADE',
		'INSERT INTO collab.events SELECT * FROM test.next']) AS statement
$$;
SELECT count(*) AS events FROM collab.events \gset
-- The superuser
SELECT * FROM test.attempts();
-- The owner
GRANT USAGE ON SCHEMA test TO collab_owner;
GRANT SELECT ON test.next TO collab_owner, regress_append_writer, regress_append_reader;
SET ROLE collab_owner;
SELECT * FROM test.attempts();
-- One who was given rights on the table by mistake
SET ROLE regress_append_writer;
SELECT * FROM test.attempts();
COPY collab.events FROM stdin;
1	00000000-0000-0000-0000-000000000001	board	TaskCreated	{}	1	1	2026-01-01 00:00:00+00	\N	\N	1	1	1	1
\.
-- One without
SET ROLE regress_append_reader;
SELECT * FROM test.attempts();
\copy collab.events FROM /dev/null
RESET ROLE;
SELECT count(*) - :events AS changed FROM collab.events;
-- Not by a detour either: the triggers are the extension's functions, and nobody else's.
CREATE TABLE test.fake (LIKE collab.events);
CREATE TRIGGER fake AFTER INSERT ON test.fake FOR EACH STATEMENT EXECUTE FUNCTION collab.events_project();
SELECT test.try($$ INSERT INTO test.fake SELECT * FROM test.next $$);
SELECT test.try('SELECT collab.events_project()');
SELECT test.try('SELECT collab.events_guard()');
-- INSERT … SELECT while a command runs elsewhere in the session is no way in: after a command the door is shut again.
BEGIN;
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'Door')->'changed' AS changed;
UPDATE test.next SET version = version + 1;
SELECT test.try('INSERT INTO collab.events SELECT * FROM test.next');
ROLLBACK;
-- After one that was refused in the middle, too.
SELECT test.try($$ SELECT collab.execute('{"type": "DELETE_TASK", "payload": {"task_id": "00000000-0000-0000-0000-000000000001"}}') $$);
SELECT test.try('INSERT INTO collab.events SELECT * FROM test.next');
-- The superuser's COPY is a restore: stored, not projected. The sequence of a board's versions stays the primary key's.
SELECT test.board('Plan') AS board \gset
BEGIN;
COPY test.next TO '/tmp/regress_append_only.copy';
\! test -s /tmp/regress_append_only.copy && echo written
COPY collab.events FROM '/tmp/regress_append_only.copy';
SELECT version, event_type FROM collab.events WHERE aggregate_id = :'board' ORDER BY version;
SELECT version AS board_version, (SELECT count(*) FROM collab.tasks) AS tasks FROM collab.boards WHERE id = :'board';
SELECT differing_id = :'board' AS is_the_board, left(difference, 13) AS difference FROM collab.verify(:'board');
ROLLBACK;
-- A COPY inside a function is not the client's own statement.
CREATE FUNCTION test.copies() RETURNS void LANGUAGE plpgsql AS $$ BEGIN COPY collab.events FROM '/tmp/regress_append_only.copy'; END $$;
SELECT test.try('SELECT test.copies()');
\! rm -f /tmp/regress_append_only.copy
SELECT count(*) - :events AS changed FROM collab.events;
SELECT * FROM collab.verify();
DROP OWNED BY regress_append_writer, regress_append_reader;
DROP ROLE regress_append_writer, regress_append_reader;
REVOKE ALL ON SCHEMA test FROM collab_owner;
DROP TABLE test.next;
