-- Reading notifications, and the scheduler's and the bridge's part.

CREATE FUNCTION collab.due_soon(within interval DEFAULT '1 day') RETURNS int
	LANGUAGE c VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_due_soon';
COMMENT ON FUNCTION collab.due_soon IS 'Tells the assignees of open tasks and checklist items that are due within an interval from now, each once for a due date; returns how many were told. For a scheduler, as often as it likes.';

CREATE FUNCTION collab.preferences_of(user_id bigint) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT jsonb_object_agg(t.type, coalesce(p.enabled, true))
	FROM unnest(enum_range(NULL::collab.notification_type)) AS t (type)
		LEFT JOIN collab.notification_preferences p ON p.user_id = preferences_of.user_id AND p.type = t.type
$$;
COMMENT ON FUNCTION collab.preferences_of IS 'Which types of notification a user wants. Internal.';

CREATE FUNCTION collab.notification_preferences() RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.preferences_of(collab.current_user_id())
$$;
COMMENT ON FUNCTION collab.notification_preferences IS 'Which types of notification the session''s user wants: every type, with true or false.';

CREATE FUNCTION collab.unread_count(user_id bigint) RETURNS int
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT count(*)::int FROM collab.notifications n WHERE n.user_id = unread_count.user_id AND n.read_at IS NULL
$$;
COMMENT ON FUNCTION collab.unread_count IS 'For bridges: how many of a user''s notifications are not read.';

-- Undelivered ones come oldest first, as they are to be delivered; otherwise the newest come first, those before an id.
CREATE FUNCTION collab.user_notifications(user_id bigint, undelivered boolean DEFAULT false, before bigint DEFAULT NULL,
		max int DEFAULT 50)
	RETURNS TABLE (id bigint, body text)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT n.id, json_build_object('id', n.id, 'type', n.type, 'workspace_id', n.workspace_id, 'board_id', n.board_id,
		'task_id', n.task_id, 'comment_id', n.comment_id, 'actor_id', n.actor_id, 'text', n.text,
		'created_at', collab.time_text(n.created_at), 'delivered_at', collab.time_text(n.delivered_at),
		'read_at', collab.time_text(n.read_at))::text
	FROM (
		(SELECT * FROM collab.notifications o WHERE user_notifications.undelivered AND o.user_id = user_notifications.user_id
			AND o.delivered_at IS NULL ORDER BY o.id LIMIT user_notifications.max)
		UNION ALL
		(SELECT * FROM collab.notifications o WHERE NOT user_notifications.undelivered AND o.user_id = user_notifications.user_id
			AND o.id < coalesce(user_notifications.before, 9223372036854775807) ORDER BY o.id DESC LIMIT user_notifications.max)
	) AS n
	ORDER BY CASE WHEN user_notifications.undelivered THEN n.id ELSE -n.id END
$$;
COMMENT ON FUNCTION collab.user_notifications IS 'For bridges: a user''s notifications as JSON: the undelivered ones, oldest first, or a page of all, newest first.';

CREATE FUNCTION collab.mark_delivered(user_id bigint, ids bigint[]) RETURNS int
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	marked int;
BEGIN
	UPDATE collab.notifications n SET delivered_at = clock_timestamp()
		WHERE n.id IN (SELECT o.id FROM collab.notifications o WHERE o.user_id = mark_delivered.user_id
			AND o.id = ANY (mark_delivered.ids) AND o.delivered_at IS NULL ORDER BY o.id FOR NO KEY UPDATE);
	GET DIAGNOSTICS marked = ROW_COUNT;
	RETURN marked;
END
$$;
COMMENT ON FUNCTION collab.mark_delivered IS 'For bridges: notes that notifications reached their user; returns how many were not marked yet.';

CREATE FUNCTION collab.notifications(before bigint DEFAULT NULL, max int DEFAULT 50) RETURNS jsonb
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	reader bigint := collab.current_user_id();
BEGIN
	PERFORM collab.require_page('max', max, 500);
	RETURN (SELECT jsonb_build_object('notifications',
			coalesce(jsonb_agg(page.body::jsonb ORDER BY page.id DESC) FILTER (WHERE page.number <= max), '[]'),
			'has_more', count(*) > max, 'unread_count', collab.unread_count(reader))
		FROM (SELECT n.id, n.body, row_number() OVER (ORDER BY n.id DESC) AS number
			FROM collab.user_notifications(reader, false, notifications.before, max + 1) AS n) AS page);
END
$$;
COMMENT ON FUNCTION collab.notifications IS 'The notifications of the session''s user, newest first, those before an id if one is given, and how many are not read.';
