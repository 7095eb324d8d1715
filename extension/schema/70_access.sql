-- Levels given to roles and taken from them; what each holds is in 69_access_objects.sql.

CREATE FUNCTION collab.revoke_access(role name) RETURNS void
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	DELETE FROM collab.role_users r WHERE r.role = (SELECT p.oid FROM pg_roles p WHERE p.rolname = revoke_access.role)
		OR NOT EXISTS (SELECT FROM pg_roles p WHERE p.oid = r.role);
	IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = revoke_access.role) THEN
		RETURN;
	END IF;
	EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA collab FROM %I', role);
	EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA collab FROM %I', role);
	EXECUTE format('REVOKE ALL ON SCHEMA collab FROM %I', role);
END
$$;

CREATE FUNCTION collab.grant_access(role name, level text, user_id bigint DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	object record;
BEGIN
	IF level IS NULL OR level NOT IN ('reader', 'person', 'application', 'bridge', 'consumer', 'admin') THEN
		RAISE EXCEPTION 'level must be one of reader, person, application, bridge, consumer, admin' USING ERRCODE = 'TB004';
	END IF;
	IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = grant_access.role) THEN
		RAISE EXCEPTION 'role "%" does not exist', role USING ERRCODE = 'TB002';
	END IF;
	IF user_id IS NULL AND level IN ('reader', 'person') THEN
		RAISE EXCEPTION 'level % needs the id of the user the role acts as', level USING ERRCODE = 'TB004';
	END IF;
	IF user_id IS NOT NULL AND NOT EXISTS (SELECT FROM collab.users u WHERE u.id = grant_access.user_id) THEN
		RAISE EXCEPTION 'user % does not exist', user_id USING ERRCODE = 'TB002';
	END IF;
	PERFORM collab.revoke_access(role);
	INSERT INTO collab.role_users (role, level, user_id)
		SELECT p.oid, grant_access.level, grant_access.user_id FROM pg_roles p WHERE p.rolname = grant_access.role;
	EXECUTE format('GRANT USAGE ON SCHEMA collab TO %I', role);
	FOR object IN SELECT o.object_type, o.object_name FROM collab.access_objects(level) o LOOP
		EXECUTE format('GRANT %s ON %s %s TO %I', CASE object.object_type WHEN 'TABLE' THEN 'SELECT' ELSE 'EXECUTE' END,
			object.object_type, object.object_name, role);
	END LOOP;
END
$$;
