-- Who owns what. Nothing is granted to PUBLIC; no role has rights on tables. Every step between versions loads this again.

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA collab FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA collab FROM PUBLIC;
REVOKE ALL ON SCHEMA collab FROM PUBLIC;
GRANT USAGE ON TYPE collab.workspace_role TO PUBLIC;
GRANT USAGE ON TYPE collab.notification_type TO PUBLIC;

DO $$
DECLARE
	object record;
BEGIN
	FOR object IN SELECT c.oid::regclass AS name, c.relkind FROM pg_class c
		WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind IN ('r', 'v')
	LOOP
		EXECUTE format('ALTER %s %s OWNER TO collab_owner', CASE object.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END,
			object.name);
	END LOOP;
	FOR object IN SELECT p.oid::regprocedure AS name FROM pg_proc p WHERE p.pronamespace = 'collab'::regnamespace LOOP
		EXECUTE format('ALTER FUNCTION %s OWNER TO collab_owner', object.name);
	END LOOP;
	ALTER TYPE collab.workspace_role OWNER TO collab_owner;
	ALTER TYPE collab.notification_type OWNER TO collab_owner;
	ALTER SCHEMA collab OWNER TO collab_owner;
END
$$;
