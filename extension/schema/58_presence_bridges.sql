-- Presence as bridges write it, and what they read of each other. The tables are in 43_presence.sql.

CREATE OR REPLACE FUNCTION collab.announce_online(user_ids bigint[]) RETURNS void
	LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT count(pg_notify('collab:presence:' || w.id, jsonb_build_object('workspace_id', w.id)::text))
		FROM (SELECT DISTINCT m.workspace_id AS id FROM collab.members m WHERE m.user_id = ANY (user_ids)) AS w
$$;
COMMENT ON FUNCTION collab.announce_online IS 'Says in the users'' workspaces that one of their connections opened or closed; a pointer, not who.';

-- Connections first: who is just joining a board holds that row, and is seen by the statement after it.
CREATE OR REPLACE FUNCTION collab.forget_bridges(bridge_ids uuid[]) RETURNS void
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	left_boards uuid[];
	gone_users bigint[];
BEGIN
	WITH removed AS (DELETE FROM collab.connections c WHERE c.bridge_id = ANY (bridge_ids) RETURNING c.user_id, c.last_seen),
		noted AS (INSERT INTO collab.last_seen AS l (user_id, seen_at)
			SELECT r.user_id, max(r.last_seen) FROM removed r GROUP BY r.user_id ORDER BY r.user_id
			ON CONFLICT (user_id) DO UPDATE SET seen_at = excluded.seen_at WHERE l.seen_at < excluded.seen_at)
		SELECT array_agg(r.user_id) INTO gone_users FROM removed r;
	WITH removed AS (DELETE FROM collab.room_members r WHERE r.bridge_id = ANY (bridge_ids) RETURNING r.board_id)
		SELECT array_agg(board_id) INTO left_boards FROM removed;
	DELETE FROM collab.bridges b WHERE b.id = ANY (bridge_ids);
	PERFORM collab.announce_presence(left_boards);
	PERFORM collab.announce_online(gone_users);
END
$$;
COMMENT ON FUNCTION collab.forget_bridges IS 'Removes bridges with their connections, and tells the boards they had joined and their users'' workspaces.';

-- Whose row is being written is alive: those are skipped, and nobody waits. A bridge that was removed and still said something
-- before it said that it is alive has connections and no row.
CREATE OR REPLACE FUNCTION collab.bridge_alive(bridge_id uuid, name text) RETURNS void
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	dead uuid[];
BEGIN
	INSERT INTO collab.bridges AS b (id, name, started_at, seen_at)
		VALUES (bridge_id, left(bridge_alive.name, 200), clock_timestamp(), clock_timestamp())
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at;
	dead := ARRAY(SELECT b.id FROM collab.bridges b WHERE b.seen_at < collab.presence_limit() FOR UPDATE SKIP LOCKED)
		|| ARRAY(SELECT DISTINCT c.bridge_id FROM collab.connections c WHERE c.last_seen < collab.presence_limit()
			AND NOT EXISTS (SELECT FROM collab.bridges b WHERE b.id = c.bridge_id));
	IF cardinality(dead) > 0 THEN
		PERFORM collab.forget_bridges(dead);
	END IF;
END
$$;
COMMENT ON FUNCTION collab.bridge_alive IS 'For bridges, every 10 seconds or so: this bridge is alive; those not seen for 45 seconds are removed.';

CREATE OR REPLACE FUNCTION collab.bridge_gone(bridge_id uuid) RETURNS void
	LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.forget_bridges(ARRAY[bridge_id])
$$;
COMMENT ON FUNCTION collab.bridge_gone IS 'For bridges: this one ends, and its connections with it.';

CREATE OR REPLACE FUNCTION collab.bridge_closes(bridge_id uuid, changes jsonb) RETURNS void
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	closed uuid[] := ARRAY(SELECT c.id::uuid FROM jsonb_array_elements_text(changes->'closed') AS c (id));
	gone_users bigint[];
	left_boards uuid[];
BEGIN
	WITH removed AS (DELETE FROM collab.connections c WHERE c.bridge_id = bridge_closes.bridge_id AND c.connection_id = ANY (closed) RETURNING c.user_id)
		SELECT array_agg(r.user_id) INTO gone_users FROM removed r;
	PERFORM collab.note_last_seen(gone_users, clock_timestamp(), interval '0');
	WITH removed AS (DELETE FROM collab.room_members r WHERE r.bridge_id = bridge_closes.bridge_id AND (r.connection_id = ANY (closed)
			OR (r.connection_id, r.board_id) IN (SELECT (l.pair->>0)::uuid, (l.pair->>1)::uuid FROM jsonb_array_elements(changes->'left') AS l (pair)))
			RETURNING r.board_id)
		SELECT array_agg(r.board_id) INTO left_boards FROM removed r;
	PERFORM collab.announce_presence(left_boards);
	PERFORM collab.announce_online(gone_users);
END
$$;
COMMENT ON FUNCTION collab.bridge_closes IS 'The part of bridge_changes that ends: connections closed, boards left.';

CREATE OR REPLACE FUNCTION collab.bridge_opens(bridge_id uuid, connection_ids uuid[], user_ids bigint[]) RETURNS SETOF uuid
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	opened_users bigint[];
BEGIN
	WITH added AS (INSERT INTO collab.connections AS c (bridge_id, connection_id, user_id, connected_at, last_seen)
			SELECT DISTINCT ON (g.id) bridge_opens.bridge_id, g.id, g.user_id, clock_timestamp(), clock_timestamp()
			FROM unnest(connection_ids, bridge_opens.user_ids) AS g (id, user_id) JOIN collab.users u ON u.id = g.user_id AND u.deactivated_at IS NULL
			ON CONFLICT ON CONSTRAINT connections_pkey DO UPDATE SET user_id = excluded.user_id, last_seen = excluded.last_seen
			RETURNING c.user_id)
		SELECT array_agg(a.user_id) INTO opened_users FROM added a;
	PERFORM collab.note_last_seen(opened_users, clock_timestamp(), interval '0');
	PERFORM collab.announce_online(opened_users);
	RETURN QUERY SELECT g.id FROM unnest(connection_ids, bridge_opens.user_ids) AS g (id, user_id)
		WHERE NOT EXISTS (SELECT FROM collab.users u WHERE u.id = g.user_id AND u.deactivated_at IS NULL);
END
$$;
COMMENT ON FUNCTION collab.bridge_opens IS 'The part of bridge_changes that opens connections. Returns those whose user does not exist or is deactivated.';

-- A connection's row is held until the end, so that who forgets its bridge meanwhile finds what is written here.
CREATE OR REPLACE FUNCTION collab.bridge_joins(bridge_id uuid, connection_ids uuid[], board_ids uuid[])
	RETURNS TABLE (connection_id uuid, board_id uuid, code text)
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	joined_boards uuid[];
BEGIN
	PERFORM FROM collab.connections c WHERE c.bridge_id = bridge_joins.bridge_id AND c.connection_id = ANY (connection_ids) FOR KEY SHARE;
	RETURN QUERY SELECT g.connection_id, g.board_id, CASE WHEN c.user_id IS NULL THEN 'unknown' ELSE 'not_found' END
		FROM unnest(connection_ids, board_ids) AS g (connection_id, board_id)
			LEFT JOIN collab.connections c ON c.bridge_id = bridge_joins.bridge_id AND c.connection_id = g.connection_id
		WHERE c.user_id IS NULL OR g.board_id IS NULL OR NOT collab.can_read_board(c.user_id, g.board_id);
	WITH added AS (INSERT INTO collab.room_members AS m (board_id, bridge_id, connection_id, joined_at)
			SELECT g.board_id, bridge_joins.bridge_id, g.connection_id, clock_timestamp()
			FROM unnest(connection_ids, board_ids) AS g (connection_id, board_id)
				JOIN collab.connections c ON c.bridge_id = bridge_joins.bridge_id AND c.connection_id = g.connection_id
			WHERE collab.can_read_board(c.user_id, g.board_id)
			ON CONFLICT DO NOTHING RETURNING m.board_id)
		SELECT array_agg(a.board_id) INTO joined_boards FROM added a;
	PERFORM collab.announce_presence(joined_boards);
END
$$;
COMMENT ON FUNCTION collab.bridge_joins IS 'The part of bridge_changes that joins boards. Returns what was refused and why.';

CREATE OR REPLACE FUNCTION collab.bridge_changes(bridge_id uuid, changes jsonb) RETURNS TABLE (connection_id uuid, board_id uuid, code text)
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM collab.bridge_closes(bridge_changes.bridge_id, changes);
	RETURN QUERY SELECT refused, NULL::uuid, 'unauthenticated'
		FROM collab.bridge_opens(bridge_changes.bridge_id,
			ARRAY(SELECT (o.pair->>0)::uuid FROM jsonb_array_elements(changes->'opened') WITH ORDINALITY AS o (pair, n) ORDER BY o.n),
			ARRAY(SELECT (o.pair->>1)::bigint FROM jsonb_array_elements(changes->'opened') WITH ORDINALITY AS o (pair, n) ORDER BY o.n)) AS refused;
	RETURN QUERY SELECT j.* FROM collab.bridge_joins(bridge_changes.bridge_id,
			ARRAY(SELECT (o.pair->>0)::uuid FROM jsonb_array_elements(changes->'joined') WITH ORDINALITY AS o (pair, n) ORDER BY o.n),
			ARRAY(SELECT (o.pair->>1)::uuid FROM jsonb_array_elements(changes->'joined') WITH ORDINALITY AS o (pair, n) ORDER BY o.n)) AS j;
END
$$;
COMMENT ON FUNCTION collab.bridge_changes IS 'For bridges: many connections closed, boards left, connections opened, boards joined, in this order and at once. Returns what was refused: unauthenticated, unknown (the connection), not_found (the board, for its user).';

-- The same, one at a time

CREATE OR REPLACE FUNCTION collab.connection_opened(bridge_id uuid, connection_id uuid, user_id bigint) RETURNS void
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF EXISTS (SELECT FROM collab.bridge_opens(bridge_id, ARRAY[connection_id], ARRAY[user_id])) THEN
		RAISE EXCEPTION 'user % does not exist or is deactivated', coalesce(user_id::text, 'null') USING ERRCODE = 'TB009';
	END IF;
END
$$;
COMMENT ON FUNCTION collab.connection_opened IS 'For bridges: a user has connected. Said again, it is known already.';

CREATE OR REPLACE FUNCTION collab.connection_closed(bridge_id uuid, connection_id uuid) RETURNS void
	LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.bridge_closes(bridge_id, jsonb_build_object('closed', jsonb_build_array(connection_id)))
$$;
COMMENT ON FUNCTION collab.connection_closed IS 'For bridges: a connection has ended, and left the boards it had joined.';

CREATE OR REPLACE FUNCTION collab.connection_seen(bridge_id uuid, connection_ids uuid[]) RETURNS SETOF uuid
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	seen_users bigint[];
BEGIN
	WITH seen AS (UPDATE collab.connections c SET last_seen = clock_timestamp()
			WHERE c.bridge_id = connection_seen.bridge_id AND c.connection_id = ANY (connection_ids) RETURNING c.user_id)
		SELECT array_agg(s.user_id) INTO seen_users FROM seen s;
	PERFORM collab.note_last_seen(seen_users, clock_timestamp(), interval '1 minute');
	RETURN QUERY SELECT DISTINCT given.id FROM unnest(connection_ids) AS given (id)
		WHERE NOT EXISTS (SELECT FROM collab.connections c WHERE c.bridge_id = connection_seen.bridge_id AND c.connection_id = given.id);
END
$$;
COMMENT ON FUNCTION collab.connection_seen IS 'For bridges, every 10 seconds or so: these connections are alive. Returns those it does not know (after a crash): open them and join their boards again.';

CREATE OR REPLACE FUNCTION collab.room_joined(bridge_id uuid, connection_id uuid, board_id uuid) RETURNS boolean
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	refused text := (SELECT j.code FROM collab.bridge_joins(bridge_id, ARRAY[connection_id], ARRAY[board_id]) AS j);
BEGIN
	IF refused = 'not_found' THEN
		RAISE EXCEPTION 'board not found or access denied' USING ERRCODE = 'TB002';
	END IF;
	RETURN refused IS NULL;
END
$$;
COMMENT ON FUNCTION collab.room_joined IS 'For bridges: a connection has joined a board. False: the connection is not known, open it again.';

CREATE OR REPLACE FUNCTION collab.room_left(bridge_id uuid, connection_id uuid, board_id uuid) RETURNS void
	LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.bridge_closes(bridge_id, jsonb_build_object('left', jsonb_build_array(jsonb_build_array(connection_id, board_id))))
$$;
COMMENT ON FUNCTION collab.room_left IS 'For bridges: a connection has left a board.';

-- What bridges ask

CREATE OR REPLACE FUNCTION collab.room_presence(bridge_id uuid, board_ids uuid[])
	RETURNS TABLE (board_id uuid, user_id bigint, username text, avatar text, last_seen timestamptz)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF pg_is_in_recovery() THEN
		RETURN;
	END IF;
	RETURN QUERY
		SELECT m.board_id, u.id, u.name, u.avatar, max(c.last_seen)
		FROM collab.room_members m JOIN collab.connections c ON c.bridge_id = m.bridge_id AND c.connection_id = m.connection_id
			JOIN collab.bridges b ON b.id = m.bridge_id
			JOIN collab.board_readers r ON r.board_id = m.board_id AND r.user_id = c.user_id
			JOIN collab.users u ON u.id = c.user_id
		WHERE m.board_id = ANY (board_ids) AND m.bridge_id IS DISTINCT FROM room_presence.bridge_id
			AND c.last_seen >= collab.presence_limit() AND b.seen_at >= collab.presence_limit()
		GROUP BY m.board_id, u.id
		ORDER BY m.board_id, min(m.joined_at), u.id;
END
$$;
COMMENT ON FUNCTION collab.room_presence IS 'For bridges: who is on these boards through the other bridges, one row a board and user. Empty on a standby.';

CREATE OR REPLACE FUNCTION collab.user_is_active(user_ids bigint[]) RETURNS bigint[]
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(array_agg(u.id), '{}') FROM collab.users u WHERE u.id = ANY (user_ids) AND u.deactivated_at IS NULL
$$;
COMMENT ON FUNCTION collab.user_is_active IS 'For bridges: those of the users who exist and are not deactivated.';

CREATE UNLOGGED TABLE collab.live_keys (
	only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
	key bytea NOT NULL
);
COMMENT ON TABLE collab.live_keys IS 'The key under which bridges seal what they tell each other. Lost in a crash and made again, not dumped.';
COMMENT ON COLUMN collab.live_keys.only_one IS 'There is one row.';
COMMENT ON COLUMN collab.live_keys.key IS '32 random bytes.';

CREATE OR REPLACE FUNCTION collab.live_key() RETURNS bytea
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO collab.live_keys (key) VALUES (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))) ON CONFLICT DO NOTHING;
	RETURN (SELECT k.key FROM collab.live_keys k);
END
$$;
COMMENT ON FUNCTION collab.live_key IS 'For bridges: the key under which they seal cursors on collab:live:<board>; made at its first use.';
