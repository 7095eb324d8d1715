-- What CREATE EXTENSION brings, and that it can go and come again in one session.
CREATE EXTENSION collab;
SELECT extname, extversion = (SELECT default_version FROM pg_available_extensions WHERE name = 'collab') AS is_current,
	nspname AS schema, extrelocatable FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
	WHERE extname = 'collab';
\d collab.events
\d collab.aggregates
\d collab.members
\dT+ collab.workspace_role
-- Nothing but tables, sequences, views, functions, and what belongs to them.
SELECT DISTINCT relkind FROM pg_class WHERE relnamespace = 'collab'::regnamespace AND relkind NOT IN ('i', 't') ORDER BY 1;
SELECT DISTINCT prokind FROM pg_proc WHERE pronamespace = 'collab'::regnamespace;
-- What callers of 0.1 name is still there: function by function, argument by argument; and the first ones in their places.
WITH of_0_1 (name, arguments, in_order) AS (VALUES
	('add_member', 'workspace_id,user_id,role,command_id', 4), ('create_board', 'workspace_id,name,description,command_id', 3),
	('create_list', 'board_id,name,position,category,wip_limit,command_id', 6),
	('create_task', 'board_id,list_id,title,description,position,priority,start_date,due_date,labels,assignees,config,command_id', 11),
	('create_workspace', 'name,description,command_id', 3), ('delete_task', 'task_id,command_id,version', 3),
	('import_trello', 'workspace_id,export,command_id', 3), ('move_list', 'list_id,new_position,command_id,version', 4),
	('move_task', 'task_id,to_list_id,new_position,before_task_id,after_task_id,command_id,version', 5),
	('update_task', 'task_id,updates,command_id,version', 4), ('board_state', 'board_id,detail', 2), ('events_after', 'board_id,after_version,max_events', 3),
	('execute', 'command', 1), ('execute_batch', 'user_ids,command_ids,commands', 3), ('grant_access', 'role,level,user_id', 3), ('my_workspaces', '', 0),
	('rebuild', 'aggregate_id', 1), ('revoke_access', 'role', 1), ('room_events', 'aggregate_id,after_version,max_events', 3), ('room_heads', 'aggregate_ids', 1),
	('room_readers', 'board_id', 1), ('room_resume', 'user_id,board_id,since_version,since_event', 4), ('room_state', 'user_id,board_id,detail', 3),
	('upsert_user', 'issuer,subject,name,picture', 4), ('user_workspaces', 'user_id', 1), ('verify', 'aggregate_id', 1))
SELECT o.name, p.proargnames FROM of_0_1 o LEFT JOIN pg_proc p ON p.pronamespace = 'collab'::regnamespace AND p.proname = o.name
	WHERE p.oid IS NULL OR NOT string_to_array(o.arguments, ',') <@ coalesce(p.proargnames, '{}') OR (string_to_array(o.arguments, ','))[:o.in_order] <> coalesce(p.proargnames[:o.in_order], '{}');
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
SELECT DISTINCT username FROM collab.visible_members;
