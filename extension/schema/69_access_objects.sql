-- Each level's functions and views; the typed functions of commands need not be named. grant_access (70_access.sql) grants a
-- level's and those below it, revoke_access takes all. Every step between versions loads this again.
CREATE OR REPLACE FUNCTION collab.access_objects(level text) RETURNS TABLE (object_type text, object_name text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	WITH named (needed, name) AS (VALUES
		-- one a line, in the order of the alphabet
		('bridge', 'bridge_alive'),
		('bridge', 'bridge_changes'),
		('bridge', 'bridge_gone'),
		('bridge', 'connection_closed'),
		('bridge', 'connection_opened'),
		('bridge', 'connection_seen'),
		('bridge', 'execute_batch'),
		('bridge', 'inbox'),
		('bridge', 'inbox_delivered'),
		('bridge', 'live_key'),
		('bridge', 'mark_delivered'),
		('bridge', 'room_events'),
		('bridge', 'room_heads'),
		('bridge', 'room_joined'),
		('bridge', 'room_left'),
		('bridge', 'room_presence'),
		('bridge', 'room_readers'),
		('bridge', 'room_resume'),
		('bridge', 'room_state'),
		('bridge', 'unread_count'),
		('bridge', 'upsert_user'),
		('bridge', 'user_attachment_content'),
		('bridge', 'user_is_active'),
		('bridge', 'user_notifications'),
		('bridge', 'user_read'),
		('bridge', 'user_task_upload'),
		('bridge', 'user_upload'),
		('bridge', 'user_workspaces'),
		('bridge', 'visible_board_heads'),
		('bridge', 'workspace_board_marks'),
		('bridge', 'workspace_members_text'),
		('bridge', 'workspace_readers'),
		('bridge', 'workspace_stream'),
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
		('reader', 'reads'),
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
