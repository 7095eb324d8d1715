-- Functions: the frame's entry points, the readers, the bridge's readers. Each runs as its owner with a pinned
-- search_path; who may call which is in 69_access_objects.sql.

CREATE FUNCTION collab.json_merge_patch(target jsonb, patch jsonb) RETURNS jsonb
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_json_merge_patch';

CREATE FUNCTION collab.event_mark(id bigint, created_at timestamptz) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'collab_event_mark';

CREATE FUNCTION collab.event_body(aggregate_id uuid, version int, id bigint, created_at timestamptz, user_id bigint,
		username text, event_type text, schema_version int, event_data jsonb, command_id uuid) RETURNS text
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'collab_event_body';

CREATE FUNCTION collab.event_payload(event_type text, schema_version int, event_data jsonb) RETURNS jsonb
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'collab_event_payload';

CREATE FUNCTION collab.commands() RETURNS TABLE (command text, aggregate text, least_role text, summary text)
	LANGUAGE c IMMUTABLE
	AS 'MODULE_PATHNAME', 'collab_commands';

-- Their statements keep one generic plan, made for a board of middling size: it goes by the board's keys, so that a small
-- board is not read by scanning the tables of the big ones.
CREATE FUNCTION collab.board_document(board_id uuid, detail text, archived boolean DEFAULT false) RETURNS text
	LANGUAGE c STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
	AS 'MODULE_PATHNAME', 'collab_board_document';

CREATE FUNCTION collab.board_state_document(board_id uuid, detail text, archived boolean, version int, event text) RETURNS jsonb
	LANGUAGE c STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
	AS 'MODULE_PATHNAME', 'collab_board_state_document';

-- Who acts

CREATE FUNCTION collab.current_user_id() RETURNS bigint
	LANGUAGE c STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_current_user_id';

-- Commands

CREATE FUNCTION collab.execute(command jsonb) RETURNS jsonb
	LANGUAGE c VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_execute';

-- As another user; for the extension's own functions, granted to nobody.
CREATE FUNCTION collab.execute_as(user_id bigint, command jsonb) RETURNS jsonb
	LANGUAGE c VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_execute_as';

CREATE FUNCTION collab.execute_batch(user_ids bigint[], command_ids uuid[], commands text[])
	RETURNS TABLE (command int, kind text, code text, aggregate_id uuid, aggregate_type text, version int, event text,
		acl_version bigint, body text)
	LANGUAGE c VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_execute_batch';

-- For administrators

CREATE FUNCTION collab.rebuild(aggregate_id uuid) RETURNS int
	LANGUAGE c VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_rebuild';

CREATE FUNCTION collab.verify_aggregate(aggregate_id uuid) RETURNS text
	LANGUAGE c VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_verify';

CREATE FUNCTION collab.rebuild_all() RETURNS bigint
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	aggregate record;
	rebuilt bigint := 0;
BEGIN
	FOR aggregate IN SELECT a.id FROM collab.aggregates a ORDER BY a.aggregate_type DESC, a.id LOOP
		PERFORM collab.rebuild(aggregate.id);
		rebuilt := rebuilt + 1;
	END LOOP;
	RETURN rebuilt;
END
$$;

CREATE FUNCTION collab.verify(aggregate_id uuid DEFAULT NULL)
	RETURNS TABLE (differing_id uuid, aggregate_type text, difference text)
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	aggregate record;
BEGIN
	FOR aggregate IN
		SELECT a.id, a.aggregate_type AS kind FROM collab.aggregates a
		WHERE verify.aggregate_id IS NULL OR a.id = verify.aggregate_id
		ORDER BY a.aggregate_type DESC, a.id
	LOOP
		difference := collab.verify_aggregate(aggregate.id);
		IF difference IS NOT NULL THEN
			differing_id := aggregate.id;
			aggregate_type := aggregate.kind;
			RETURN NEXT;
		END IF;
	END LOOP;
END
$$;

-- Reading, as the session's user

CREATE FUNCTION collab.role_in(user_id bigint, workspace_id uuid) RETURNS collab.workspace_role
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT m.role FROM collab.members m WHERE m.workspace_id = role_in.workspace_id AND m.user_id = role_in.user_id
$$;

-- Who sees which board, and with which role: members of its workspace; of a private board its members, owners and admins.
CREATE VIEW collab.board_readers WITH (security_barrier) AS
	SELECT b.id AS board_id, b.workspace_id, m.user_id, m.role
	FROM collab.boards b JOIN collab.members m ON m.workspace_id = b.workspace_id
		JOIN collab.users u ON u.id = m.user_id
	WHERE b.deleted_at IS NULL AND u.deactivated_at IS NULL
		AND (b.visibility = 'workspace' OR m.role >= 'admin'
			OR EXISTS (SELECT FROM collab.board_members bm WHERE bm.board_id = b.id AND bm.user_id = m.user_id));

CREATE FUNCTION collab.can_read_board(user_id bigint, board_id uuid) RETURNS boolean
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT EXISTS (SELECT FROM collab.board_readers r
		WHERE r.board_id = can_read_board.board_id AND r.user_id = can_read_board.user_id)
$$;

CREATE FUNCTION collab.require_board(board_id uuid) RETURNS uuid
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF NOT collab.can_read_board(collab.current_user_id(), board_id) OR board_id IS NULL THEN
		RAISE EXCEPTION 'board not found or access denied' USING ERRCODE = 'TB002';
	END IF;
	RETURN board_id;
END
$$;

CREATE FUNCTION collab.require_page(parameter text, size int, largest int) RETURNS int
	LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF size IS NULL OR size NOT BETWEEN 1 AND largest THEN
		RAISE EXCEPTION '% must be 1 to %', parameter, largest USING ERRCODE = 'TB004';
	END IF;
	RETURN size;
END
$$;
COMMENT ON FUNCTION collab.require_page IS 'The number of rows asked for, or an error that names the parameter when it is out of bounds.';

CREATE FUNCTION collab.board_state(board_id uuid, detail text DEFAULT 'full', archived boolean DEFAULT false) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.board_state_document(a.id, board_state.detail, coalesce(board_state.archived, false), a.version,
		collab.event_mark(a.event_id, a.event_at))
	FROM collab.aggregates a WHERE a.id = collab.require_board(board_state.board_id)
$$;

CREATE FUNCTION collab.events_after(board_id uuid, after_version int DEFAULT 0, max_events int DEFAULT 500)
	RETURNS TABLE (version int, event_type text, user_id bigint, created_at timestamptz, event_data jsonb, event text)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF after_version < 0 THEN
		RAISE EXCEPTION 'after_version must not be negative' USING ERRCODE = 'TB004';
	END IF;
	PERFORM collab.require_page('max_events', max_events, 10000);
	PERFORM collab.require_board(board_id);
	RETURN QUERY
		SELECT e.version, e.event_type, e.user_id, e.created_at, collab.event_payload(e.event_type, e.schema_version, e.event_data),
			collab.event_mark(e.id, e.created_at)
		FROM collab.events e
		WHERE e.aggregate_id = events_after.board_id AND e.version > events_after.after_version
		ORDER BY e.version LIMIT max_events;
END
$$;

-- Reading, for the bridge: it names the user, and knows nothing but what these say

CREATE FUNCTION collab.room_state(user_id bigint, board_id uuid, detail text)
	RETURNS TABLE (code text, version int, event text, acl_version bigint, body text)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE WHEN a.id IS NULL THEN 'not_found' END, a.version, collab.event_mark(a.event_id, a.event_at),
		a.acl_version + w.acl_version, collab.board_document(a.id, room_state.detail)
	FROM (SELECT) AS one
		LEFT JOIN collab.aggregates a ON a.id = room_state.board_id
			AND collab.can_read_board(room_state.user_id, room_state.board_id)
		LEFT JOIN collab.aggregates w ON w.id = a.workspace_id
$$;

CREATE FUNCTION collab.room_events(aggregate_id uuid, after_version int, max_events int)
	RETURNS TABLE (version int, event text, acl_version bigint, body text)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT e.version, collab.event_mark(e.id, e.created_at), e.acl_version,
		collab.event_body(e.aggregate_id, e.version, e.id, e.created_at, e.user_id, u.name, e.event_type, e.schema_version,
			e.event_data, e.command_id)
	FROM collab.events e LEFT JOIN collab.users u ON u.id = e.user_id
	WHERE e.aggregate_id = room_events.aggregate_id AND e.version > room_events.after_version
	ORDER BY e.version LIMIT room_events.max_events
$$;

CREATE FUNCTION collab.room_heads(aggregate_ids uuid[])
	RETURNS TABLE (aggregate_id uuid, version int, event text, acl_version bigint)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT a.id, a.version, collab.event_mark(a.event_id, a.event_at),
		CASE a.aggregate_type WHEN 'board' THEN a.acl_version + w.acl_version ELSE a.acl_version END
	FROM unnest(room_heads.aggregate_ids) AS wanted (id)
		JOIN collab.aggregates a ON a.id = wanted.id
		JOIN collab.aggregates w ON w.id = a.workspace_id
$$;

CREATE FUNCTION collab.room_readers(board_id uuid)
	RETURNS TABLE (acl_version bigint, user_ids bigint[])
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT a.acl_version + w.acl_version,
		ARRAY(SELECT r.user_id FROM collab.board_readers r WHERE r.board_id = a.id ORDER BY r.user_id)
	FROM collab.aggregates a JOIN collab.aggregates w ON w.id = a.workspace_id
	WHERE a.id = room_readers.board_id AND a.aggregate_type = 'board'
$$;

CREATE FUNCTION collab.user_workspaces(user_id bigint) RETURNS text
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(json_agg(json_build_object('id', w.id, 'name', w.name, 'description', w.description, 'role', m.role,
		'personal', w.personal, 'default_board_id', w.default_board_id, 'version', w.version, 'boards', (
			SELECT coalesce(json_agg(json_build_object('id', b.id, 'name', b.name, 'version', b.version,
				'updated_at', to_char(b.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
				ORDER BY b.name, b.id), '[]')
			FROM collab.boards b JOIN collab.board_readers r ON r.board_id = b.id AND r.user_id = m.user_id
			WHERE b.workspace_id = w.id AND b.archived_at IS NULL)) ORDER BY w.personal, w.name, w.id), '[]')::text
	FROM collab.members m JOIN collab.workspaces w ON w.id = m.workspace_id JOIN collab.users u ON u.id = m.user_id
	WHERE m.user_id = user_workspaces.user_id AND u.deactivated_at IS NULL
$$;

CREATE FUNCTION collab.my_workspaces() RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.user_workspaces(collab.current_user_id())::jsonb
$$;
