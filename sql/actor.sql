-- Who acts: the user that the session's role was mapped to, or collab.user_id where the role may choose.
\i test/fixtures/team.sql
CREATE ROLE regress_actor_bob;
CREATE ROLE regress_actor_vera;
CREATE ROLE regress_actor_app;
CREATE ROLE regress_actor_app_as_bob;
CREATE ROLE regress_actor_nobody;
CREATE ROLE regress_actor_super SUPERUSER;
GRANT USAGE ON SCHEMA test TO PUBLIC;
SELECT collab.grant_access('regress_actor_bob', 'person', 3);
SELECT collab.grant_access('regress_actor_vera', 'reader', 4);
SELECT collab.grant_access('regress_actor_app', 'application');
SELECT collab.grant_access('regress_actor_app_as_bob', 'application', 3);
-- A superuser chooses.
SET collab.user_id = '3';
SELECT collab.current_user_id();
SET collab.user_id = '';
SELECT test.try('SELECT collab.current_user_id()');
SET collab.user_id = '999';
SELECT test.try($$ SELECT collab.create_workspace('Ghost') $$);
SELECT test.try($$ SET collab.user_id = 'alice' $$);
SELECT test.try($$ SET collab.user_id = '0' $$);
SELECT test.try($$ SET collab.user_id = '-1' $$);
SELECT test.try($$ SET collab.user_id = '1; DROP' $$);
SELECT test.try($$ SET collab.user_id = '99999999999999999999' $$);
SELECT test.try($$ SET collab.no_such_setting = '1' $$);
-- A person is who he was mapped to, and cannot be another.
SET collab.user_id = '';
SET SESSION AUTHORIZATION regress_actor_bob;
SELECT collab.current_user_id();
SELECT name, role FROM collab.visible_workspaces ORDER BY name;
SELECT collab.create_workspace('Of Bob')->'changed' AS changed;
SET collab.user_id = '1';
SELECT test.try('SELECT collab.current_user_id()');
SELECT test.try($$ SELECT collab.create_workspace('Of Alice') $$);
SELECT test.try('SELECT FROM collab.visible_workspaces');
RESET collab.user_id;
-- Also his own id is the administrator's to say.
SET collab.user_id = '3';
SELECT test.try('SELECT collab.current_user_id()');
RESET collab.user_id;
-- A reader reads.
SET SESSION AUTHORIZATION regress_actor_vera;
SELECT collab.current_user_id();
SELECT test.try($$ SELECT collab.create_workspace('Of Vera') $$);
-- An application names the user; where it was given one, that is who acts until it does.
SET SESSION AUTHORIZATION regress_actor_app;
SELECT test.try('SELECT collab.current_user_id()');
SET collab.user_id = '1';
SELECT collab.current_user_id();
BEGIN;
SET LOCAL collab.user_id = '3';
SELECT collab.current_user_id();
COMMIT;
SELECT collab.current_user_id();
SET collab.user_id = '';
SET SESSION AUTHORIZATION regress_actor_app_as_bob;
SELECT collab.current_user_id();
SET collab.user_id = '4';
SELECT collab.current_user_id();
RESET collab.user_id;
-- A role without a mapping.
SET SESSION AUTHORIZATION regress_actor_nobody;
SELECT test.try('SELECT collab.current_user_id()');
RESET SESSION AUTHORIZATION;
-- SET ROLE counts, and leaves the superuser's choice behind.
SET ROLE regress_actor_bob;
SELECT collab.current_user_id();
RESET ROLE;
-- The owner of a SECURITY DEFINER function lends rights, not his identity.
CREATE FUNCTION test.as_definer() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT collab.current_user_id()';
ALTER FUNCTION test.as_definer() OWNER TO regress_actor_super;
SET ROLE regress_actor_bob;
SELECT test.as_definer();
SET collab.user_id = '1';
SELECT test.try('SELECT test.as_definer()');
RESET collab.user_id;
RESET ROLE;
-- What was written names who did it.
SELECT u.name, e.event_type FROM collab.events e JOIN collab.users u ON u.id = e.user_id
	WHERE e.aggregate_id = test.workspace('Of Bob');
-- A superuser may be mapped as well; his choice goes before it.
SELECT collab.grant_access('regress_actor_super', 'person', 4);
SET ROLE regress_actor_super;
SELECT collab.current_user_id();
SET collab.user_id = '1';
SELECT collab.current_user_id();
RESET collab.user_id;
RESET ROLE;
SELECT collab.revoke_access(rolname) FROM pg_roles WHERE rolname LIKE 'regress\_actor\_%' ORDER BY rolname;
SELECT count(*) AS mappings FROM collab.role_users;
DROP FUNCTION test.as_definer();
DROP ROLE regress_actor_bob, regress_actor_vera, regress_actor_app, regress_actor_app_as_bob, regress_actor_nobody,
	regress_actor_super;
