-- What a bridge reads for those who have joined a workspace: its state, its own log, the boards in it.

CREATE OR REPLACE FUNCTION collab.workspace_readers(workspace_id uuid)
	RETURNS TABLE (acl_version bigint, user_ids bigint[])
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT a.acl_version, ARRAY(SELECT m.user_id FROM collab.members m JOIN collab.users u ON u.id = m.user_id
		WHERE m.workspace_id = a.id AND u.deactivated_at IS NULL ORDER BY m.user_id)
	FROM collab.aggregates a JOIN collab.workspaces w ON w.id = a.id AND w.deleted_at IS NULL
	WHERE a.id = workspace_readers.workspace_id
$$;
COMMENT ON FUNCTION collab.workspace_readers IS 'For bridges: who may see a workspace, and the state of rights that is.';

CREATE OR REPLACE FUNCTION collab.can_read_workspace(user_id bigint, workspace_id uuid) RETURNS boolean
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT EXISTS (SELECT FROM collab.members m JOIN collab.users u ON u.id = m.user_id
			JOIN collab.workspaces w ON w.id = m.workspace_id
		WHERE m.workspace_id = can_read_workspace.workspace_id AND m.user_id = can_read_workspace.user_id
			AND u.deactivated_at IS NULL AND w.deleted_at IS NULL)
$$;
COMMENT ON FUNCTION collab.can_read_workspace IS 'Whether a user may see a workspace.';

CREATE OR REPLACE FUNCTION collab.workspace_members_text(workspace_id uuid) RETURNS text
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(json_agg(json_build_object('user_id', p.user_id, 'username', p.username, 'handle', p.handle, 'avatar', p.avatar, 'role', p.role,
		'online', p.online, 'last_seen', collab.time_text(p.last_seen)) ORDER BY p.username, p.user_id), '[]')::text
	FROM collab.workspace_people(workspace_members_text.workspace_id) p
$$;
COMMENT ON FUNCTION collab.workspace_members_text IS 'For bridges: a workspace''s members with their presence as a JSON array, whoever asks.';

CREATE OR REPLACE FUNCTION collab.visible_board_heads(user_id bigint, workspace_id uuid)
	RETURNS TABLE (board_id uuid, version int, event text, acl_version bigint, name text, archived boolean)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT a.id, a.version, collab.event_mark(a.event_id, a.event_at), a.acl_version + w.acl_version, b.name,
		b.archived_at IS NOT NULL
	FROM collab.board_readers r JOIN collab.boards b ON b.id = r.board_id JOIN collab.aggregates a ON a.id = r.board_id
		JOIN collab.aggregates w ON w.id = r.workspace_id
	WHERE r.workspace_id = visible_board_heads.workspace_id AND r.user_id = visible_board_heads.user_id
	ORDER BY b.name, b.id
$$;
COMMENT ON FUNCTION collab.visible_board_heads IS 'For bridges: a workspace''s boards that a user may see, each with its newest version.';

CREATE OR REPLACE FUNCTION collab.workspace_stream(user_id bigint, workspace_id uuid)
	RETURNS TABLE (code text, version int, event text, acl_version bigint, body text)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE WHEN a.id IS NULL THEN 'not_found' END, a.version, collab.event_mark(a.event_id, a.event_at), a.acl_version,
		(SELECT json_build_object(
			'workspace', json_build_object('id', w.id, 'name', w.name, 'description', w.description, 'owner_id', w.owner_id,
				'members', people.members, 'personal', w.personal, 'default_board_id', w.default_board_id, 'version', w.version),
			'boards', (SELECT coalesce(json_agg(json_build_object('id', h.board_id, 'name', h.name, 'version', h.version,
					'event', h.event, 'archived', h.archived) ORDER BY h.name, h.board_id), '[]')
				FROM collab.visible_board_heads(workspace_stream.user_id, w.id) h),
			'presence', people.members)::text
			FROM collab.workspaces w, (SELECT collab.workspace_members_text(a.id)::json AS members) AS people WHERE w.id = a.id)
	FROM (SELECT) AS one
		LEFT JOIN collab.aggregates a ON a.id = workspace_stream.workspace_id
			AND collab.can_read_workspace(workspace_stream.user_id, workspace_stream.workspace_id)
$$;
COMMENT ON FUNCTION collab.workspace_stream IS 'For bridges: what a user who joins a workspace gets first, {workspace, boards, presence} as JSON text, and where its log stands; code not_found when there is none for them.';

-- The members' rights count in every board: the workspace's number is part of each board's.
CREATE OR REPLACE FUNCTION collab.room_resume(user_id bigint, board_id uuid, since_version int, since_event text)
	RETURNS TABLE (code text, resumable boolean, version int, event text, acl_version bigint)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE WHEN a.id IS NULL THEN 'not_found' END,
		coalesce(room_resume.since_version BETWEEN 0 AND a.version AND (room_resume.since_event IS NULL
			OR room_resume.since_event = (SELECT collab.event_mark(e.id, e.created_at) FROM collab.events e
				WHERE e.aggregate_id = a.id AND e.version = room_resume.since_version)), false),
		a.version, collab.event_mark(a.event_id, a.event_at),
		CASE a.aggregate_type WHEN 'board' THEN a.acl_version + w.acl_version ELSE a.acl_version END
	FROM (SELECT) AS one
		LEFT JOIN collab.aggregates a ON a.id = room_resume.board_id
			AND (collab.can_read_board(room_resume.user_id, a.id) OR collab.can_read_workspace(room_resume.user_id, a.id))
		LEFT JOIN collab.aggregates w ON w.id = a.workspace_id
$$;

-- Rows of deleted boards and numbers of rights only add up, so the sums change whenever one of the boards does.
CREATE OR REPLACE FUNCTION collab.workspace_board_marks(workspace_ids uuid[]) RETURNS TABLE (workspace_id uuid, mark text)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT b.workspace_id, count(*) || ':' || sum(a.acl_version) || ':' || max(b.created_at)
	FROM collab.boards b JOIN collab.aggregates a ON a.id = b.id
	WHERE b.workspace_id = ANY (workspace_board_marks.workspace_ids)
	GROUP BY b.workspace_id
$$;
COMMENT ON FUNCTION collab.workspace_board_marks IS 'For bridges: a text per workspace that is another one when boards came or went or who may see them has changed.';
