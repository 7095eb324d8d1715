-- The library serves the SQL objects of its own version, and says what to do where there are others.
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
	hint text;
BEGIN
	EXECUTE statement;
	RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN SQLSTATE || ': ' || SQLERRM || ' | ' || detail || ' | ' || hint;
END
$$;
CREATE EXTENSION collab VERSION '0.1';
SET collab.user_id = '1';
SELECT statement, pg_temp.try(statement) FROM unnest(ARRAY[
	$$ SELECT collab.execute('{"type": "CREATE_WORKSPACE", "payload": {"name": "Team"}}') $$,
	$$ SELECT * FROM collab.execute_batch(ARRAY[1]::bigint[], ARRAY[gen_random_uuid()], ARRAY['{}']) $$,
	$$ SELECT collab.current_user_id() $$,
	$$ SELECT collab.board_state('00000000-0000-0000-0000-000000000001') $$,
	$$ SELECT collab.board_document('00000000-0000-0000-0000-000000000001', 'full') $$,
	$$ SELECT collab.rebuild('00000000-0000-0000-0000-000000000001') $$,
	$$ SELECT collab.verify_aggregate('00000000-0000-0000-0000-000000000001') $$]) AS statement;
-- What it asks for, in the same session
ALTER EXTENSION collab UPDATE;
SELECT collab.upsert_user('test', 'alice', 'Alice');
SELECT collab.create_workspace('Team')->'changed' AS changed;
-- A transaction that takes it back
BEGIN;
DROP EXTENSION collab;
CREATE EXTENSION collab VERSION '0.1';
SELECT left(pg_temp.try('SELECT collab.current_user_id()'), 80) AS outcome;
ROLLBACK;
SELECT collab.create_workspace('Team 2')->'changed' AS changed;
-- Made anew
DROP EXTENSION collab;
CREATE EXTENSION collab VERSION '0.1';
SELECT left(pg_temp.try('SELECT collab.current_user_id()'), 80) AS outcome;
DROP EXTENSION collab;
CREATE EXTENSION collab;
SELECT collab.upsert_user('test', 'alice', 'Alice');
SELECT collab.create_workspace('Team')->'changed' AS changed;
-- Objects of tomorrow: here only the catalog says so. A step always makes some function, which is what tells the session.
BEGIN;
UPDATE pg_extension SET extversion = '0.10' WHERE extname = 'collab';
CREATE FUNCTION pg_temp.of_the_step() RETURNS int LANGUAGE sql AS 'SELECT 1';
SELECT pg_temp.try($$ SELECT collab.create_workspace('Team') $$);
ROLLBACK;
SELECT collab.create_workspace('Team 3')->'changed' AS changed;
DROP EXTENSION collab;
