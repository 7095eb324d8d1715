-- Presence: who is online, and on which board. Written by bridges through these functions, lost in a crash and made again
-- by what the bridges say next: unlogged but for the time each user was last seen, which outlives them.

CREATE UNLOGGED TABLE collab.bridges (
	id uuid PRIMARY KEY,
	name text NOT NULL,
	started_at timestamptz NOT NULL,
	seen_at timestamptz NOT NULL
);
COMMENT ON TABLE collab.bridges IS 'Bridges that serve this database. One not seen for 45 seconds is dead: its rows count for nothing.';
COMMENT ON COLUMN collab.bridges.id IS 'Made by the bridge when it starts.';
COMMENT ON COLUMN collab.bridges.name IS 'Host and process, for people.';
COMMENT ON COLUMN collab.bridges.started_at IS 'First seen.';
COMMENT ON COLUMN collab.bridges.seen_at IS 'Last seen.';

CREATE UNLOGGED TABLE collab.connections (
	bridge_id uuid NOT NULL,
	connection_id uuid NOT NULL,
	user_id bigint NOT NULL,
	connected_at timestamptz NOT NULL,
	last_seen timestamptz NOT NULL,
	PRIMARY KEY (bridge_id, connection_id)
);
CREATE INDEX connections_user_idx ON collab.connections (user_id);
COMMENT ON TABLE collab.connections IS 'Connections of users to bridges.';
COMMENT ON COLUMN collab.connections.bridge_id IS 'The bridge it is to.';
COMMENT ON COLUMN collab.connections.connection_id IS 'Its id, as in WELCOME.';
COMMENT ON COLUMN collab.connections.user_id IS 'Whose it is; a user may have several.';
COMMENT ON COLUMN collab.connections.connected_at IS 'When it was opened.';
COMMENT ON COLUMN collab.connections.last_seen IS 'When the bridge last said that it is alive; 45 seconds later it counts for nothing.';

CREATE UNLOGGED TABLE collab.room_members (
	board_id uuid NOT NULL,
	bridge_id uuid NOT NULL,
	connection_id uuid NOT NULL,
	joined_at timestamptz NOT NULL,
	PRIMARY KEY (board_id, bridge_id, connection_id)
);
CREATE INDEX room_members_connection_idx ON collab.room_members (bridge_id, connection_id);
COMMENT ON TABLE collab.room_members IS 'Which connection has joined which board.';
COMMENT ON COLUMN collab.room_members.board_id IS 'The board.';
COMMENT ON COLUMN collab.room_members.bridge_id IS 'The connection''s bridge.';
COMMENT ON COLUMN collab.room_members.connection_id IS 'The connection.';
COMMENT ON COLUMN collab.room_members.joined_at IS 'When it joined.';

CREATE TABLE collab.last_seen (
	user_id bigint PRIMARY KEY,
	seen_at timestamptz NOT NULL
);
COMMENT ON TABLE collab.last_seen IS 'When each user was last connected, to the minute; exact once no connection is left.';
COMMENT ON COLUMN collab.last_seen.user_id IS 'The user.';
COMMENT ON COLUMN collab.last_seen.seen_at IS 'The time.';

CREATE FUNCTION collab.presence_limit() RETURNS timestamptz
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT clock_timestamp() - interval '45 seconds'
$$;
COMMENT ON FUNCTION collab.presence_limit IS 'A bridge or connection not seen since counts as gone.';

-- Writing, for bridges

-- In the order of users, so that two bridges never wait for each other.
CREATE FUNCTION collab.note_last_seen(user_ids bigint[], seen_at timestamptz, at_least interval) RETURNS void
	LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	INSERT INTO collab.last_seen AS l (user_id, seen_at)
		SELECT DISTINCT u.id, note_last_seen.seen_at FROM unnest(note_last_seen.user_ids) AS u (id) ORDER BY u.id
		ON CONFLICT (user_id) DO UPDATE SET seen_at = excluded.seen_at WHERE l.seen_at < excluded.seen_at - note_last_seen.at_least
$$;
COMMENT ON FUNCTION collab.note_last_seen IS 'Moves users'' times forward, where they are older by at least the interval.';

CREATE FUNCTION collab.announce_presence(board_ids uuid[]) RETURNS void
	LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT count(pg_notify('collab:presence:' || b.id, jsonb_build_object('board_id', b.id)::text))
		FROM (SELECT DISTINCT id FROM unnest(board_ids) AS id) AS b
$$;
COMMENT ON FUNCTION collab.announce_presence IS 'Says that somebody joined or left the boards; a pointer, not who.';

-- What bridges call is in 58_presence_bridges.sql.

-- Reading. A standby has no unlogged tables: there nobody knows who is online (null), only when somebody was last seen.

CREATE FUNCTION collab.online_users(user_ids bigint[]) RETURNS TABLE (user_id bigint, online boolean, last_seen timestamptz)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF pg_is_in_recovery() THEN
		RETURN QUERY SELECT u.id, NULL::boolean, l.seen_at FROM unnest(user_ids) AS u (id) LEFT JOIN collab.last_seen l ON l.user_id = u.id;
		RETURN;
	END IF;
	RETURN QUERY
		SELECT u.id, c.newest IS NOT NULL AND u.deactivated_at IS NULL, greatest(l.seen_at, c.newest)
		FROM collab.users u LEFT JOIN collab.last_seen l ON l.user_id = u.id
			LEFT JOIN (SELECT o.user_id, max(o.last_seen) AS newest FROM collab.connections o JOIN collab.bridges b ON b.id = o.bridge_id
				WHERE o.user_id = ANY (user_ids) AND o.last_seen >= collab.presence_limit() AND b.seen_at >= collab.presence_limit()
				GROUP BY o.user_id) AS c ON c.user_id = u.id
		WHERE u.id = ANY (user_ids);
END
$$;
COMMENT ON FUNCTION collab.online_users IS 'Whether users are online, and when they were last seen; for the readers of presence.';

CREATE FUNCTION collab.joined_users(board_id uuid) RETURNS TABLE (user_id bigint, online boolean, joined_at timestamptz, last_seen timestamptz)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF pg_is_in_recovery() THEN
		RETURN QUERY SELECT r.user_id, NULL::boolean, NULL::timestamptz, l.seen_at
			FROM collab.board_readers r LEFT JOIN collab.last_seen l ON l.user_id = r.user_id WHERE r.board_id = joined_users.board_id;
		RETURN;
	END IF;
	RETURN QUERY
		SELECT c.user_id, true, min(m.joined_at), max(c.last_seen)
		FROM collab.room_members m JOIN collab.connections c ON c.bridge_id = m.bridge_id AND c.connection_id = m.connection_id
			JOIN collab.bridges b ON b.id = m.bridge_id
			JOIN collab.board_readers r ON r.board_id = m.board_id AND r.user_id = c.user_id
		WHERE m.board_id = joined_users.board_id AND c.last_seen >= collab.presence_limit() AND b.seen_at >= collab.presence_limit()
		GROUP BY c.user_id;
END
$$;
COMMENT ON FUNCTION collab.joined_users IS 'Who is on a board, one row a user; for the readers of presence.';

CREATE FUNCTION collab.board_presence(board_id uuid)
	RETURNS TABLE (user_id bigint, username text, handle text, avatar text, online boolean, joined_at timestamptz, last_seen timestamptz)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT u.id, u.name, u.handle, u.avatar, j.online, j.joined_at, j.last_seen
	FROM collab.joined_users(collab.require_board(board_presence.board_id)) j JOIN collab.users u ON u.id = j.user_id
	ORDER BY j.joined_at, u.id
$$;
COMMENT ON FUNCTION collab.board_presence IS 'Who is on a board now, one row a user. On a standby: everybody who may see it, online unknown (null).';

CREATE FUNCTION collab.require_workspace(workspace_id uuid) RETURNS uuid
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF collab.role_in(collab.current_user_id(), workspace_id) IS NULL THEN
		RAISE EXCEPTION 'workspace not found or access denied' USING ERRCODE = 'TB002';
	END IF;
	RETURN workspace_id;
END
$$;
COMMENT ON FUNCTION collab.require_workspace IS 'The workspace''s id, if the session''s user is a member; raises TB002 otherwise.';

CREATE FUNCTION collab.workspace_people(workspace_id uuid)
	RETURNS TABLE (user_id bigint, username text, handle text, avatar text, role collab.workspace_role, online boolean, last_seen timestamptz)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT u.id, u.name, u.handle, u.avatar, m.role, o.online, o.last_seen
	FROM collab.members m JOIN collab.users u ON u.id = m.user_id
		JOIN collab.online_users(ARRAY(SELECT p.user_id FROM collab.members p WHERE p.workspace_id = workspace_people.workspace_id)) o
			ON o.user_id = m.user_id
	WHERE m.workspace_id = workspace_people.workspace_id
	ORDER BY u.name, u.id
$$;
COMMENT ON FUNCTION collab.workspace_people IS 'A workspace''s members with their presence, whoever asks; for what checks that.';

CREATE FUNCTION collab.workspace_presence(workspace_id uuid)
	RETURNS TABLE (user_id bigint, username text, handle text, avatar text, role collab.workspace_role, online boolean, last_seen timestamptz)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT p.* FROM collab.workspace_people(collab.require_workspace(workspace_presence.workspace_id)) p
$$;
COMMENT ON FUNCTION collab.workspace_presence IS 'Every member of a workspace, by name: online or not, and last seen. On a standby online is unknown (null).';
