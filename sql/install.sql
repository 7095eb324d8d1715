-- What CREATE EXTENSION brings, and that it can go and come again in one session.
CREATE EXTENSION collab;
SELECT extname, extversion = (SELECT default_version FROM pg_available_extensions WHERE name = 'collab') AS is_current,
	nspname AS schema, extrelocatable FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
	WHERE extname = 'collab';
\d collab.events
\d collab.aggregates
\d collab.tasks
\d collab.members
\dT+ collab.*
SELECT relkind, relname FROM pg_class WHERE relnamespace = 'collab'::regnamespace AND relkind IN ('r', 'v', 'S', 'm', 'f', 'p')
	ORDER BY relkind, relname;
SELECT p.proname, pg_get_function_identity_arguments(p.oid) AS arguments FROM pg_proc p
	WHERE p.pronamespace = 'collab'::regnamespace ORDER BY 1, 2;
-- One owner, who cannot log in, has no attributes and is a member of nothing.
SELECT rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication,
	(SELECT count(*) FROM pg_auth_members m WHERE m.member = r.oid) AS memberships
	FROM pg_roles r WHERE rolname = 'collab_owner';
SELECT 'relation ' || relname AS not_collab_owner FROM pg_class
	WHERE relnamespace = 'collab'::regnamespace AND relowner <> 'collab_owner'::regrole
UNION ALL SELECT 'function ' || proname FROM pg_proc
	WHERE pronamespace = 'collab'::regnamespace AND proowner <> 'collab_owner'::regrole
UNION ALL SELECT 'type ' || typname FROM pg_type
	WHERE typnamespace = 'collab'::regnamespace AND typowner <> 'collab_owner'::regrole
UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname = 'collab' AND nspowner <> 'collab_owner'::regrole;
-- Everything in the schema belongs to the extension.
SELECT c.oid::regclass::text AS not_a_member FROM pg_class c
	WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind IN ('r', 'v', 'S') AND NOT EXISTS (SELECT FROM pg_depend d
		WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
UNION ALL SELECT p.oid::regproc::text FROM pg_proc p
	WHERE p.pronamespace = 'collab'::regnamespace AND NOT EXISTS (SELECT FROM pg_depend d
		WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e');
-- Only a superuser installs it.
CREATE ROLE regress_install_user;
GRANT CREATE ON DATABASE regress_install TO regress_install_user;
DROP EXTENSION collab;
SET ROLE regress_install_user;
\set VERBOSITY terse
CREATE EXTENSION collab;
RESET ROLE;
\set VERBOSITY default
DROP OWNED BY regress_install_user;
DROP ROLE regress_install_user;
-- Not into a schema with somebody's things in it, nor with an owner whom somebody can become.
CREATE TABLE collab.users (id int);
\set VERBOSITY terse
CREATE EXTENSION collab;
DROP TABLE collab.users;
CREATE ROLE regress_install_member;
GRANT collab_owner TO regress_install_member;
CREATE EXTENSION collab;
REVOKE collab_owner FROM regress_install_member;
DROP ROLE regress_install_member;
ALTER ROLE collab_owner CREATEROLE;
CREATE EXTENSION collab;
ALTER ROLE collab_owner NOCREATEROLE;
\set VERBOSITY default
-- Only in UTF-8.
CREATE DATABASE regress_install_ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
\c regress_install_ascii
\set VERBOSITY terse
CREATE EXTENSION collab;
\set VERBOSITY default
\c regress_install
DROP DATABASE regress_install_ascii;
-- In one session: create, use, drop, create, use: nothing remembers the objects that are gone.
CREATE EXTENSION collab;
SELECT user_id, username FROM collab.upsert_user('test', 'alice', 'Alice');
SET collab.user_id = '1';
SELECT collab.create_workspace('Team')->'result'->>'workspace_id' AS workspace \gset
SELECT collab.create_board(:'workspace', 'Plan')->'result'->>'board_id' AS board \gset
SELECT collab.create_list(:'board', 'Ideas')->'result'->>'list_id' AS list \gset
SELECT collab.create_task(:'board', :'list', 'First')->'result'->>'task_id' AS task \gset
SELECT collab.move_task(:'task', :'list', 0)->'changed' AS changed;
SELECT jsonb_array_length(collab.board_state(:'board')->'board'->'lists') AS lists;
SELECT * FROM collab.verify();
DROP EXTENSION collab;
SELECT count(*) AS objects_left FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'collab');
CREATE EXTENSION collab;
SELECT count(*) AS events_left FROM collab.events;
SELECT user_id, username FROM collab.upsert_user('test', 'bob', 'Bob');
SELECT collab.create_workspace('Other team')->'result'->>'workspace_id' AS workspace \gset
SELECT collab.create_board(:'workspace', 'Other plan')->'result'->>'board_id' AS board \gset
SELECT collab.create_list(:'board', 'Other ideas')->'result'->>'list_id' AS list \gset
SELECT collab.create_task(:'board', :'list', 'Second')->'result'->>'task_id' AS task \gset
SELECT collab.update_task(:'task', '{"title": "Second, renamed"}')->'changed' AS changed;
SELECT t->>'title' AS title FROM jsonb_path_query(collab.board_state(:'board'), '$.board.lists[*].tasks[*]') AS t;
SELECT * FROM collab.verify();
-- And in one transaction.
BEGIN;
DROP EXTENSION collab;
CREATE EXTENSION collab;
SELECT user_id, username FROM collab.upsert_user('test', 'carol', 'Carol');
SELECT collab.create_workspace('Third team')->'version' AS version;
ROLLBACK;
SELECT username FROM collab.visible_members;
