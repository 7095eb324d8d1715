-- Who owns what, and who may call what. Nothing is granted to PUBLIC; no role has rights on tables.

-- Each level's functions and views; the typed functions of commands need not be named. grant_access grants a level's and those below it, revoke_access takes all.
CREATE FUNCTION collab.access_objects(level text) RETURNS TABLE (object_type text, object_name text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	WITH named (needed, name) AS (VALUES
		-- one a line, in the order of the alphabet
		('bridge', 'bridge_alive'),
		('bridge', 'bridge_gone'),
		('bridge', 'connection_closed'),
		('bridge', 'connection_opened'),
		('bridge', 'connection_seen'),
		('bridge', 'execute_batch'),
		('bridge', 'mark_delivered'),
		('bridge', 'room_events'),
		('bridge', 'room_heads'),
		('bridge', 'room_joined'),
		('bridge', 'room_left'),
		('bridge', 'room_readers'),
		('bridge', 'room_resume'),
		('bridge', 'room_state'),
		('bridge', 'unread_count'),
		('bridge', 'upsert_user'),
		('bridge', 'user_attachment_content'),
		('bridge', 'user_notifications'),
		('bridge', 'user_upload'),
		('bridge', 'user_workspaces'),
		('admin', 'admin_boards'),
		('admin', 'admin_connections'),
		('admin', 'admin_feeds'),
		('admin', 'admin_purges'),
		('admin', 'admin_rooms'),
		('admin', 'admin_slow_commands'),
		('admin', 'clean_slow_commands'),
		('admin', 'clean_uploads'),
		('admin', 'deactivate_user'),
		('admin', 'due_soon'),
		('admin', 'feed_horizon'),
		('admin', 'feed_mark'),
		('admin', 'live_connections'),
		('admin', 'live_room_members'),
		('admin', 'purge'),
		('admin', 'purge_deleted'),
		('admin', 'reactivate_user'),
		('admin', 'rebuild'),
		('admin', 'rebuild_all'),
		('admin', 'verify'),
		('admin', 'verify_aggregate'),
		('consumer', 'ack'),
		('consumer', 'fetch'),
		('consumer', 'subscribe'),
		('consumer', 'unsubscribe'),
		('person', 'attach_file'),
		('person', 'execute'),
		('person', 'import_trello'),
		('person', 'run_command'),
		('person', 'upload'),
		('reader', 'activity'),
		('reader', 'archived'),
		('reader', 'attachment_content'),
		('reader', 'board_at'),
		('reader', 'board_presence'),
		('reader', 'board_state'),
		('reader', 'burndown'),
		('reader', 'commands'),
		('reader', 'cumulative_flow'),
		('reader', 'current_user_id'),
		('reader', 'events_after'),
		('reader', 'find_events'),
		('reader', 'export_board'),
		('reader', 'export_tasks_csv'),
		('reader', 'flow_times'),
		('reader', 'my_tasks'),
		('reader', 'my_workspaces'),
		('reader', 'notification_preferences'),
		('reader', 'notifications'),
		('reader', 'search'),
		('reader', 'task_state'),
		('reader', 'throughput'),
		('reader', 'user_activity'),
		('reader', 'visible_attachments'),
		('reader', 'visible_board_members'),
		('reader', 'visible_boards'),
		('reader', 'visible_checklist_items'),
		('reader', 'visible_checklists'),
		('reader', 'visible_comments'),
		('reader', 'visible_custom_fields'),
		('reader', 'visible_dependencies'),
		('reader', 'visible_labels'),
		('reader', 'visible_lists'),
		('reader', 'visible_members'),
		('reader', 'visible_tasks'),
		('reader', 'visible_workspaces'),
		('reader', 'workload'),
		('reader', 'workspace_invites'),
		('reader', 'workspace_presence'),
		('reader', 'workspace_state')
	), rights (needed, object_type, object_name) AS (
		SELECT coalesce(n.needed, 'person'), 'FUNCTION', p.oid::regprocedure::text
		FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
			LEFT JOIN named n ON n.name = p.proname
			LEFT JOIN collab.commands() c ON lower(c.command) = p.proname
		WHERE p.pronamespace = 'collab'::regnamespace AND (n.name IS NOT NULL OR c.command IS NOT NULL)
		UNION ALL
		SELECT n.needed, 'TABLE', c.oid::regclass::text
		FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
			JOIN named n ON n.name = c.relname
		WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind = 'v'
	)
	SELECT r.object_type, r.object_name FROM rights r
	WHERE r.needed = ANY (CASE access_objects.level
		WHEN 'reader' THEN ARRAY['reader']
		WHEN 'person' THEN ARRAY['reader', 'person']
		WHEN 'application' THEN ARRAY['reader', 'person']
		WHEN 'bridge' THEN ARRAY['bridge']
		WHEN 'consumer' THEN ARRAY['consumer']
		WHEN 'admin' THEN ARRAY['reader', 'person', 'admin'] END)
$$;

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
