-- One task, with everything on it.

CREATE FUNCTION collab.task_document(task_id uuid, detail text) RETURNS text
	LANGUAGE c STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_task_document';
COMMENT ON FUNCTION collab.task_document IS 'A task as JSON text, for anyone who calls it: the callers check rights. Null when there is no such task.';

CREATE FUNCTION collab.time_text(value timestamptz) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'collab_time_text';
COMMENT ON FUNCTION collab.time_text IS 'A time as documents show it: RFC 3339, UTC.';

CREATE FUNCTION collab.require_task(task_id uuid) RETURNS uuid
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	found_board uuid := (SELECT t.board_id FROM collab.tasks t WHERE t.id = require_task.task_id AND t.deleted_at IS NULL);
BEGIN
	IF found_board IS NULL OR NOT collab.can_read_board(collab.current_user_id(), found_board) THEN
		RAISE EXCEPTION 'task not found or access denied' USING ERRCODE = 'TB002';
	END IF;
	RETURN found_board;
END
$$;
COMMENT ON FUNCTION collab.require_task IS 'The board of a task, when the session''s user may see it; raises TB002 otherwise.';

-- The newest 50 before a comment, or of all, newest first.
CREATE FUNCTION collab.task_comments(board_id uuid, task_id uuid, comments_before uuid) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('id', page.id, 'task_id', page.task_id, 'user_id', page.user_id, 'username', u.name,
		'text', page.text, 'reply_to', page.reply_to, 'mentions', page.mentions, 'created_at', collab.time_text(page.created_at),
		'occurred_at', collab.time_text(page.occurred_at), 'edited_at', collab.time_text(page.edited_at), 'version', page.version)
		ORDER BY page.occurred_at DESC, page.created_at DESC, page.id DESC), '[]')
	FROM (SELECT c.* FROM collab.comments c
		WHERE c.board_id = task_comments.board_id AND c.task_id = task_comments.task_id AND c.deleted_at IS NULL
			AND (task_comments.comments_before IS NULL OR (c.occurred_at, c.created_at, c.id) < (SELECT b.occurred_at, b.created_at, b.id
				FROM collab.comments b WHERE b.board_id = c.board_id AND b.task_id = c.task_id AND b.id = task_comments.comments_before))
		ORDER BY c.occurred_at DESC, c.created_at DESC, c.id DESC LIMIT 50) AS page
		LEFT JOIN collab.users u ON u.id = page.user_id
$$;
COMMENT ON FUNCTION collab.task_comments IS 'A page of a task''s comments, newest first; for task_state.';

-- What blocks a task, or with is_blocker what it blocks.
CREATE FUNCTION collab.task_neighbours(board_id uuid, task_id uuid, is_blocker boolean) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'title', t.title, 'list_id', t.list_id, 'status', l.category,
		'completed_at', collab.time_text(t.completed_at), 'archived_at', collab.time_text(t.archived_at)) ORDER BY d.created_at, t.id), '[]')
	FROM collab.task_dependencies d
		JOIN collab.tasks t ON t.board_id = d.board_id AND t.id = CASE WHEN is_blocker THEN d.task_id ELSE d.blocked_by END
		JOIN collab.lists l ON l.board_id = t.board_id AND l.id = t.list_id
	WHERE d.board_id = task_neighbours.board_id AND t.deleted_at IS NULL
		AND CASE WHEN is_blocker THEN d.blocked_by ELSE d.task_id END = task_neighbours.task_id
$$;
COMMENT ON FUNCTION collab.task_neighbours IS 'The tasks that block a task, or that it blocks; for task_state.';

CREATE FUNCTION collab.task_state(task_id uuid, comments_before uuid DEFAULT NULL) RETURNS jsonb
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	board uuid := collab.require_task(task_id);
	comments jsonb := collab.task_comments(board, task_id, comments_before);
BEGIN
	IF comments_before IS NOT NULL AND NOT EXISTS (SELECT FROM collab.comments c
			WHERE c.board_id = board AND c.task_id = task_state.task_id AND c.id = comments_before) THEN
		RAISE EXCEPTION 'comments_before must name a comment of the task' USING ERRCODE = 'TB004';
	END IF;
	RETURN (SELECT jsonb_build_object('task', collab.task_document(task_state.task_id, 'full')::jsonb, 'comments', comments,
		'more_comments', CASE WHEN jsonb_array_length(comments) < 50 THEN false
			ELSE jsonb_array_length(collab.task_comments(board, task_state.task_id, (comments->-1->>'id')::uuid)) > 0 END,
		'attachments', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'name', f.name, 'url', f.url, 'content_type', f.content_type,
			'size', f.size, 'user_id', f.user_id, 'username', u.name, 'created_at', collab.time_text(f.created_at), 'version', f.version)
			ORDER BY f.created_at, f.id), '[]')
			FROM collab.attachments f LEFT JOIN collab.users u ON u.id = f.user_id
			WHERE f.board_id = board AND f.task_id = task_state.task_id AND f.deleted_at IS NULL),
		'blocked_by', collab.task_neighbours(board, task_state.task_id, false),
		'blocking', collab.task_neighbours(board, task_state.task_id, true),
		'version', a.version, 'event', collab.event_mark(a.event_id, a.event_at))
		FROM collab.aggregates a WHERE a.id = board);
END
$$;
COMMENT ON FUNCTION collab.task_state IS 'A task, archived or not, with its newest 50 comments (the ones before comments_before), attachments, what blocks it and what it blocks.';
