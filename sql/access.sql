-- grant_access: what each level may call; nobody has rights on tables.
\i test/fixtures/team.sql
RESET collab.user_id;
CREATE ROLE regress_access_reader;
CREATE ROLE regress_access_person;
CREATE ROLE regress_access_application;
CREATE ROLE regress_access_bridge;
CREATE ROLE regress_access_admin;
CREATE ROLE regress_access_nobody;
SELECT collab.grant_access('regress_access_reader', 'reader', 4), collab.grant_access('regress_access_person', 'person', 3),
	collab.grant_access('regress_access_application', 'application'), collab.grant_access('regress_access_bridge', 'bridge'), collab.grant_access('regress_access_admin', 'admin');
SELECT role, level, user_id FROM collab.role_users ORDER BY 1;
-- Functions and views by level, as the catalog has them
CREATE VIEW test.levels AS SELECT level, ('regress_access_' || level)::name AS role FROM unnest(ARRAY['reader', 'person', 'application', 'bridge', 'admin', 'nobody']) AS level;
CREATE VIEW test.granted AS
	SELECT level, 'FUNCTION' AS object_type, p.oid::regprocedure::text AS object_name FROM pg_proc p, test.levels WHERE p.pronamespace = 'collab'::regnamespace AND has_function_privilege(role, p.oid, 'EXECUTE')
	UNION ALL SELECT level, 'TABLE', c.oid::regclass::text FROM pg_class c, test.levels WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind = 'v' AND has_table_privilege(role, c.oid, 'SELECT');
-- What a level has is what access_objects says, no more and no less.
SELECT 'granted' AS only, * FROM (SELECT * FROM test.granted EXCEPT SELECT l.level, o.* FROM test.levels l, LATERAL collab.access_objects(l.level) o) AS more
UNION ALL SELECT 'listed', * FROM (SELECT l.level, o.* FROM test.levels l, LATERAL collab.access_objects(l.level) o EXCEPT SELECT * FROM test.granted) AS less;
SELECT DISTINCT object_type FROM test.granted ORDER BY 1;
-- Every command has its typed function, and people and those above them may call it.
SELECT DISTINCT string_agg(g.level, ' ' ORDER BY g.level) AS levels, count(*) AS overloads FROM collab.commands() c
	LEFT JOIN test.granted g ON g.object_type = 'FUNCTION' AND split_part(g.object_name, '(', 1) = 'collab.' || lower(c.command) GROUP BY c.command;
-- The levels apart: what is a bridge's is nobody else's, and what is internal is nobody's.
SELECT g.object_name FROM test.granted g JOIN test.granted b ON b.level = 'bridge' AND b.object_name = g.object_name WHERE g.level <> 'bridge';
SELECT g.* FROM test.granted g WHERE g.level = 'nobody' OR g.object_name ~ '\.(execute_as|put_user|make_personal_workspace|board_document|grant_access|revoke_access|access_objects|board_readers|can_read_board|require_board|role_in)\M';
-- On tables and sequences nobody has anything; views are only read.
SELECT c.relname, role, privilege FROM pg_class c, test.levels, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
	WHERE c.relnamespace = 'collab'::regnamespace AND (c.relkind = 'r' OR (c.relkind = 'v' AND privilege <> 'SELECT')) AND has_table_privilege(role, c.oid, privilege);
SELECT c.relname, role FROM pg_class c, test.levels WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind = 'S' AND (has_sequence_privilege(role, c.oid, 'USAGE') OR has_sequence_privilege(role, c.oid, 'SELECT'));
SELECT level, has_schema_privilege(role, 'collab', 'USAGE') AS usage, has_schema_privilege(role, 'collab', 'CREATE') AS creates FROM test.levels;
-- And as it works
GRANT USAGE ON SCHEMA test TO PUBLIC;
CREATE FUNCTION test.can(VARIADIC statements text[]) RETURNS TABLE (statement text, outcome text) LANGUAGE sql AS $$
	SELECT left(test.mask(s), 50), test.try(s) FROM unnest(statements) AS s
$$;
SELECT format('SELECT collab.board_state(%L)', test.board('Plan')) AS state, format('SELECT collab.create_list(%L, %L)', test.board('Plan'), 'L') AS command,
	format('SELECT collab.room_state(1, %L, %L)', test.board('Plan'), 'full') AS room, format('SELECT collab.create_task(%L, %L, %L)', test.board('Plan'), test.list('To do'), 'T') AS task \gset
SELECT ARRAY[:'state', :'command', :'room', $$SELECT collab.execute_batch('{}', '{}', '{}')$$, $$SELECT collab.upsert_user('x', 'y')$$, 'SELECT collab.verify()', 'SELECT collab.rebuild_all()',
	$$SELECT collab.grant_access('regress_access_nobody', 'admin')$$, $$SELECT collab.put_user('trello', 'x', 'X', NULL, NULL)$$, 'SELECT count(*) FROM collab.visible_boards', 'SELECT count(*) FROM collab.boards', 'SELECT count(*) FROM collab.events',
	$$SELECT collab.room_events('00000000-0000-0000-0000-000000000001', 0, 1)$$, $$SELECT nextval('collab.users_id_seq')$$, $$SELECT collab.board_document('00000000-0000-0000-0000-000000000001', 'full')$$]::text AS statements \gset
SET ROLE regress_access_reader;
SELECT * FROM test.can(VARIADIC :'statements');
SET ROLE regress_access_person;
SELECT * FROM test.can(VARIADIC :'statements');
SET ROLE regress_access_application;
SET collab.user_id = '4';
SELECT * FROM test.can(VARIADIC :'statements');
RESET collab.user_id;
SET ROLE regress_access_bridge;
SELECT * FROM test.can(VARIADIC :'statements');
SET ROLE regress_access_admin;
SELECT * FROM test.can(VARIADIC :'statements');
SET ROLE regress_access_nobody;
SELECT * FROM test.can(VARIADIC :'statements');
RESET ROLE;
-- A level replaces the one before, up and down.
SELECT collab.grant_access('regress_access_admin', 'reader', 4);
SELECT has_function_privilege('regress_access_admin', 'collab.verify(uuid)', 'EXECUTE') AS verify, has_function_privilege('regress_access_admin', 'collab.board_state(uuid, text, boolean)', 'EXECUTE') AS state;
SELECT collab.grant_access('regress_access_admin', 'admin', 3);
SET ROLE regress_access_admin;
SELECT collab.current_user_id();
RESET ROLE;
SELECT collab.revoke_access('regress_access_admin');
SELECT count(*) AS grants FROM pg_proc p WHERE p.pronamespace = 'collab'::regnamespace AND has_function_privilege('regress_access_admin', p.oid, 'EXECUTE');
SELECT count(*) AS mappings FROM collab.role_users WHERE role = 'regress_access_admin'::regrole;
SELECT collab.revoke_access('regress_access_admin') IS NOT NULL AS again, collab.revoke_access('no_such_role') IS NOT NULL AS of_none;
-- Wrong uses
SELECT test.try($$ SELECT collab.grant_access('regress_access_nobody', 'king') $$);
SELECT test.try($$ SELECT collab.grant_access('regress_access_nobody', NULL) $$);
SELECT test.try($$ SELECT collab.grant_access('regress_access_nobody', 'person') $$);
SELECT test.try($$ SELECT collab.grant_access('regress_access_nobody', 'reader') $$);
SELECT test.try($$ SELECT collab.grant_access('regress_access_nobody', 'person', 999) $$);
SELECT test.try($$ SELECT collab.grant_access('no such role', 'person', 3) $$);
SELECT test.try($$ SELECT collab.grant_access(NULL, 'bridge') $$) <> 'ok' AS null_is_refused;
-- A name that needs quotes
CREATE ROLE "regress access ""odd""";
SELECT test.try($$ SELECT collab.grant_access('regress access "odd"', 'person', 3) $$);
SET ROLE "regress access ""odd""";
SELECT collab.current_user_id();
RESET ROLE;
SELECT collab.revoke_access(r.rolname) FROM pg_roles r WHERE r.rolname LIKE 'regress%access%' ORDER BY r.rolname;
DROP ROLE "regress access ""odd""", regress_access_reader, regress_access_person, regress_access_application, regress_access_bridge, regress_access_admin, regress_access_nobody;
