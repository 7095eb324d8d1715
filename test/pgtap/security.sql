-- security.sql: who owns, who may, and that functions with their owner's rights cannot be led astray.
BEGIN;
SELECT no_plan();

CREATE TEMP VIEW own_functions AS SELECT p.oid AS id, p.oid::regprocedure::text AS signature, p.proname, p.proowner, p.prosecdef, p.proconfig, p.proacl, p.prolang, p.prokind FROM pg_proc p
	WHERE p.pronamespace = 'collab'::regnamespace;

SELECT is_empty($$ SELECT signature FROM own_functions WHERE proowner <> 'collab_owner'::regrole $$, 'collab_owner owns every function');
SELECT is_empty($$ SELECT relname FROM pg_class WHERE relnamespace = 'collab'::regnamespace AND relowner <> 'collab_owner'::regrole $$,
	'collab_owner owns every table, view, index and sequence');
SELECT is_empty($$ SELECT typname FROM pg_type WHERE typnamespace = 'collab'::regnamespace AND typowner <> 'collab_owner'::regrole $$, 'collab_owner owns every type');
SELECT schema_owner_is('collab', 'collab_owner');
SELECT is((SELECT (rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls)::text FROM pg_roles WHERE rolname = 'collab_owner'), '(f,f,f,f,f,f)',
	'collab_owner has no attribute');
SELECT is_empty($$ SELECT roleid::regrole FROM pg_auth_members WHERE member = 'collab_owner'::regrole $$, 'collab_owner is in no role');

-- search_path
SELECT isnt_empty($$ SELECT signature FROM own_functions WHERE prosecdef $$, 'there are SECURITY DEFINER functions');
SELECT matches((SELECT setting FROM unnest(proconfig) AS setting WHERE setting LIKE 'search_path=%'), ', *"?pg_temp"?$', signature || ' pins search_path with pg_temp last')
	FROM own_functions WHERE prosecdef ORDER BY signature;
SELECT is((SELECT setting FROM unnest(proconfig) AS setting WHERE setting LIKE 'search_path=%'), 'search_path=pg_catalog, pg_temp',
	signature || ' finds nothing but pg_catalog by an unqualified name') FROM own_functions WHERE prosecdef ORDER BY signature;
SELECT is_empty($$ SELECT signature FROM own_functions f JOIN pg_language l ON l.oid = f.prolang WHERE l.lanname IN ('sql', 'plpgsql')
	AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (f.proconfig), false) $$, 'so do all functions written in SQL and PL/pgSQL');
SELECT is_empty($$ SELECT signature FROM own_functions f JOIN pg_language l ON l.oid = f.prolang WHERE l.lanname NOT IN ('c', 'sql', 'plpgsql') $$, 'no other language');

-- PUBLIC
SELECT is_empty($$ SELECT signature FROM own_functions f, aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) AS acl WHERE acl.grantee = 0 $$, 'PUBLIC may call nothing');
SELECT is_empty($$ SELECT relname FROM pg_class c, aclexplode(c.relacl) AS acl WHERE relnamespace = 'collab'::regnamespace AND acl.grantee = 0 $$, 'PUBLIC may read nothing');
SELECT is_empty($$ SELECT nspname FROM pg_namespace n, aclexplode(n.nspacl) AS acl WHERE nspname = 'collab' AND acl.grantee = 0 $$, 'PUBLIC may not look into the schema');
SELECT is_empty($$ SELECT c.relname, acl.grantee::regrole FROM pg_class c, aclexplode(c.relacl) AS acl WHERE relnamespace = 'collab'::regnamespace AND relkind IN ('r', 'S')
	AND acl.grantee <> c.relowner $$, 'nobody has rights on tables and sequences');

-- What each level of grant_access gives; the walk over all functions is in sql/access.
CREATE TEMP TABLE level_role (level text, role name);
INSERT INTO level_role SELECT level, 'collab_pgtap_' || level FROM unnest(ARRAY['reader', 'person', 'application', 'bridge', 'consumer', 'admin']) AS level;
DO $$
DECLARE
	given record;
BEGIN
	PERFORM collab.upsert_user('test', 'one', 'One');
	FOR given IN SELECT * FROM level_role LOOP
		EXECUTE format('CREATE ROLE %I', given.role);
		PERFORM collab.grant_access(given.role, given.level, 1);
	END LOOP;
END
$$;
SELECT is_empty(format($$ SELECT relname FROM pg_class c, aclexplode(c.relacl) AS acl WHERE relnamespace = 'collab'::regnamespace AND acl.grantee = %L::regrole
	AND (relkind <> 'v' OR privilege_type <> 'SELECT') $$, role), level || ': nothing but SELECT, on views only') FROM level_role;
SELECT is_empty(format($$ SELECT 1 FROM pg_namespace n, aclexplode(n.nspacl) AS acl WHERE nspname = 'collab' AND grantee = %L::regrole AND privilege_type <> 'USAGE' $$, role),
	level || ': may not create in the schema') FROM level_role;
SELECT is_empty(format($$ SELECT 1 FROM own_functions f, aclexplode(f.proacl) AS acl WHERE grantee = %L::regrole AND (is_grantable OR prokind <> 'f') $$, role),
	level || ': may not pass it on') FROM level_role;
SELECT set_eq(format($$ SELECT signature FROM own_functions WHERE has_function_privilege(%L, id, 'EXECUTE') $$, role),
	format($$ SELECT object_name FROM collab.access_objects(%L) WHERE object_type = 'FUNCTION' $$, level), level || ': exactly its functions') FROM level_role;
SELECT is_empty($$ SELECT signature FROM own_functions WHERE (proname IN ('grant_access', 'revoke_access', 'put_user', 'board_document', 'event_body', 'role_in', 'can_read_board', 'require_board',
		'execute_as', 'make_personal_workspace', 'handle_from_name', 'event_payload', 'event_mark', 'events_guard', 'events_project', 'access_objects'))
	AND EXISTS (SELECT FROM level_role WHERE has_function_privilege(role, id, 'EXECUTE')) $$, 'what trusts its caller is given to nobody');

-- Views: none shows a row to a condition of the caller's before its own filter has; internal ones are given to nobody.
SELECT is_empty($$ SELECT relname FROM pg_class WHERE relnamespace = 'collab'::regnamespace AND relkind = 'v' AND NOT coalesce('security_barrier=true' = ANY (reloptions), false) $$,
	'every view is a security barrier');
SELECT is_empty($$ SELECT relname, privilege_type FROM pg_class c, aclexplode(c.relacl) AS acl WHERE relnamespace = 'collab'::regnamespace AND relkind = 'v' AND relname NOT LIKE 'visible\_%'
	AND c.oid::regclass::text NOT IN (SELECT object_name FROM collab.access_objects('reader') UNION SELECT object_name FROM collab.access_objects('bridge') UNION SELECT object_name FROM collab.access_objects('admin'))
	AND acl.grantee <> c.relowner $$, 'internal views are given to nobody');
-- What people and readers may call answers by who they are: it runs with its owner's rights, or calls only what does.
SELECT is_empty($$ SELECT f.signature FROM own_functions f WHERE f.signature IN (SELECT object_name FROM collab.access_objects('reader')) AND NOT f.prosecdef
	AND f.proname NOT IN ('commands', 'reads') $$, 'every read function runs with its owner''s rights');
SELECT is_empty($$ SELECT f.signature FROM own_functions f JOIN pg_proc p ON p.oid = f.id WHERE f.signature IN (SELECT object_name FROM collab.access_objects('reader')) AND p.provolatile = 'v'
	AND f.proname <> 'board_at' $$, 'and says that it writes nothing, but board_at, which replays events and takes that back');
-- The level list names nothing that is not there, and no name twice.
SELECT is_empty($$ SELECT DISTINCT name FROM (SELECT (regexp_matches(pg_get_functiondef('collab.access_objects(text)'::regprocedure), '\(''(?:reader|person|bridge|admin)'', ''([a-z_]+)''\)', 'g'))[1] AS name) AS n
	WHERE NOT EXISTS (SELECT FROM own_functions f WHERE f.proname = n.name) AND to_regclass('collab.' || n.name) IS NULL $$, 'access_objects names only what there is');
SELECT is_empty($$ SELECT name FROM (SELECT (regexp_matches(pg_get_functiondef('collab.access_objects(text)'::regprocedure), '\(''(?:reader|person|bridge|admin)'', ''([a-z_]+)''\)', 'g'))[1] AS name) AS n
	GROUP BY name HAVING count(*) > 1 $$, '… and nothing twice');
SELECT isnt_empty($$ SELECT regexp_matches(pg_get_functiondef('collab.access_objects(text)'::regprocedure), '\(''(?:reader|person|bridge|admin)'', ''([a-z_]+)''\)', 'g') $$, '… which can be seen');

-- A hostile temporary object of the caller's is not taken for ours.
CREATE TEMP TABLE users (id bigint, name text, deactivated_at timestamptz);
CREATE TEMP TABLE members (workspace_id uuid, user_id bigint, role collab.workspace_role);
CREATE FUNCTION pg_temp.length(text) RETURNS int LANGUAGE sql AS 'SELECT 1/0';
CREATE FUNCTION pg_temp.lower(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'pg_temp.lower was called'; END $$;
SET LOCAL search_path = pg_temp, public, pg_catalog;
SELECT lives_ok($$ SELECT collab.upsert_user('test', 'two', 'Two') $$, 'upsert_user with objects of the same names in pg_temp');
SET LOCAL collab.user_id = '1';
SELECT lives_ok($$ SELECT collab.create_workspace('Team') $$, 'a command with them');
SELECT is((SELECT count(*)::int FROM collab.visible_members), 2, 'a view with them');
RESET search_path;

SELECT * FROM finish();
ROLLBACK;
