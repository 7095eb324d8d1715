-- Reading workspaces.

CREATE FUNCTION collab.workspace_document(workspace_id uuid) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT jsonb_build_object('id', w.id, 'name', w.name, 'description', w.description, 'owner_id', w.owner_id, 'personal', w.personal,
		'default_board_id', w.default_board_id, 'members', (
			SELECT coalesce(jsonb_agg(jsonb_build_object('user_id', p.user_id, 'username', p.username, 'handle', p.handle, 'avatar', p.avatar,
				'role', p.role, 'online', p.online,
				'last_seen', to_char(p.last_seen AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) ORDER BY p.username, p.user_id), '[]')
			FROM collab.workspace_people(w.id) p),
		'version', w.version)
	FROM collab.workspaces w WHERE w.id = workspace_document.workspace_id AND w.deleted_at IS NULL
$$;
COMMENT ON FUNCTION collab.workspace_document IS 'A workspace with its members, whoever asks; for what checks that.';

CREATE FUNCTION collab.workspace_state(workspace_id uuid) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.workspace_document(collab.require_workspace(workspace_state.workspace_id))
$$;
COMMENT ON FUNCTION collab.workspace_state IS 'A workspace as one document, with its members and who of them is online.';

CREATE FUNCTION collab.workspace_invites(workspace_id uuid)
	RETURNS TABLE (id uuid, role collab.workspace_role, expires_at timestamptz, max_uses int, uses int, created_by bigint,
		created_at timestamptz, revoked_at timestamptz)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	own_role collab.workspace_role := collab.role_in(collab.current_user_id(), collab.require_workspace(workspace_id));
BEGIN
	IF own_role < 'admin' THEN
		RAISE EXCEPTION 'seeing invites needs the role admin, yours is %', own_role USING ERRCODE = 'TB003';
	END IF;
	RETURN QUERY SELECT i.id, i.role, i.expires_at, i.max_uses, i.uses, i.created_by, i.created_at, i.revoked_at
		FROM collab.invites i WHERE i.workspace_id = workspace_invites.workspace_id ORDER BY i.created_at DESC, i.id;
END
$$;
COMMENT ON FUNCTION collab.workspace_invites IS 'A workspace''s invites, the newest first, for its admins and owners; never a token.';
