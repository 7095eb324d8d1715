-- What administrators look at: boards, feeds, slow commands. Names and numbers; no content of boards.

CREATE SEQUENCE collab.slow_commands_id_seq;
COMMENT ON SEQUENCE collab.slow_commands_id_seq IS 'Numbers of slow commands.';
CREATE TABLE collab.slow_commands (
	id bigint PRIMARY KEY DEFAULT pg_catalog.nextval('collab.slow_commands_id_seq'),
	command text NOT NULL,
	aggregate_id uuid,
	user_id bigint NOT NULL,
	duration_ms double precision NOT NULL,
	lock_ms double precision NOT NULL,
	at timestamptz NOT NULL
);
ALTER SEQUENCE collab.slow_commands_id_seq OWNED BY collab.slow_commands.id;
COMMENT ON TABLE collab.slow_commands IS 'The newest commands that took longer than collab.slow_command says; about 10,000 are kept.';
COMMENT ON COLUMN collab.slow_commands.id IS 'Number.';
COMMENT ON COLUMN collab.slow_commands.command IS 'Its type.';
COMMENT ON COLUMN collab.slow_commands.aggregate_id IS 'The board or workspace it was for, where it had one.';
COMMENT ON COLUMN collab.slow_commands.user_id IS 'Who gave it.';
COMMENT ON COLUMN collab.slow_commands.duration_ms IS 'Milliseconds from the call to the answer; in a batch, without its other commands.';
COMMENT ON COLUMN collab.slow_commands.lock_ms IS 'How many of them it waited for locks, in a batch for those of all its commands.';
COMMENT ON COLUMN collab.slow_commands.at IS 'When it was called.';

CREATE FUNCTION collab.clean_slow_commands(keep int DEFAULT 10000) RETURNS bigint
	LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	WITH old AS (
		SELECT s.id FROM collab.slow_commands s
		WHERE s.id <= (SELECT n.id FROM collab.slow_commands n ORDER BY n.id DESC OFFSET greatest(clean_slow_commands.keep, 0) LIMIT 1)
		FOR UPDATE SKIP LOCKED
	), gone AS (
		DELETE FROM collab.slow_commands s USING old WHERE s.id = old.id RETURNING 1
	)
	SELECT count(*) FROM gone
$$;
COMMENT ON FUNCTION collab.clean_slow_commands IS 'Forgets all slow commands but the newest; every thousandth slow command calls it.';

CREATE VIEW collab.admin_slow_commands WITH (security_barrier) AS
	SELECT s.at, s.command, round(s.duration_ms::numeric, 1) AS duration_ms, round(s.lock_ms::numeric, 1) AS lock_ms, s.user_id, u.name AS username, s.aggregate_id,
		coalesce(b.name, w.name) AS aggregate_name
	FROM collab.slow_commands s LEFT JOIN collab.users u ON u.id = s.user_id
		LEFT JOIN collab.boards b ON b.id = s.aggregate_id LEFT JOIN collab.workspaces w ON w.id = s.aggregate_id;
COMMENT ON VIEW collab.admin_slow_commands IS 'Commands that took longer than collab.slow_command.';

CREATE VIEW collab.admin_boards WITH (security_barrier) AS
	SELECT b.id AS board_id, b.name, b.workspace_id, w.name AS workspace_name, coalesce(l.lists, 0) AS lists,
		coalesce(t.tasks, 0) AS tasks, coalesce(t.open_tasks, 0) AS open_tasks, b.version AS events,
		coalesce(e.last_day, 0) AS events_last_day, coalesce(e.last_hour, 0) AS events_last_hour,
		coalesce(t.bytes, 0) + 1000 AS document_bytes, b.version,
		(SELECT max(s.version) FROM collab.snapshots s WHERE s.board_id = b.id) AS snapshot_version,
		a.event_at AS last_event_at, b.archived_at, least(b.deleted_at, w.deleted_at) AS deleted_at
	FROM collab.boards b JOIN collab.aggregates a ON a.id = b.id
		LEFT JOIN collab.workspaces w ON w.id = b.workspace_id
		LEFT JOIN (SELECT board_id, count(*) AS lists FROM collab.lists WHERE archived_at IS NULL GROUP BY board_id) l
			ON l.board_id = b.id
		LEFT JOIN (SELECT board_id, count(*) AS tasks, count(*) FILTER (WHERE archived_at IS NULL) AS open_tasks,
				sum(600 + octet_length(title) + octet_length(description) + pg_column_size(config)
					+ pg_column_size(custom_fields)) FILTER (WHERE archived_at IS NULL) AS bytes
			FROM collab.tasks WHERE deleted_at IS NULL GROUP BY board_id) t ON t.board_id = b.id
		LEFT JOIN (SELECT aggregate_id, count(*) AS last_day,
				count(*) FILTER (WHERE created_at > now() - interval '1 hour') AS last_hour
			FROM collab.events WHERE created_at > now() - interval '1 day' GROUP BY aggregate_id) e ON e.aggregate_id = b.id;
COMMENT ON VIEW collab.admin_boards IS 'All boards, deleted ones too, by size and activity. The size of the document is an estimate, in bytes.';

-- Of those who hold the horizon back, the oldest is the one to look at.
CREATE VIEW collab.admin_feeds WITH (security_barrier) AS
	SELECT p.name, collab.feed_mark(p.epoch, p.xid, p.event_id) AS "position", p.created_at, p.acked_at,
		(SELECT count(*) FROM collab.events e WHERE (e.epoch, e.xid, e.id) > (p.epoch, p.xid, p.event_id)) AS lag_events,
		coalesce(extract(epoch FROM clock_timestamp() - (SELECT e.created_at FROM collab.events e
			WHERE (e.epoch, e.xid, e.id) > (p.epoch, p.xid, p.event_id) ORDER BY e.epoch, e.xid, e.id LIMIT 1)), 0) AS lag_seconds,
		(SELECT count(*) FROM collab.events e WHERE (e.epoch, e.xid) >= (h.epoch, h.xid)
			AND (e.epoch, e.xid, e.id) > (p.epoch, p.xid, p.event_id)) AS held_back_events,
		(SELECT holder FROM (
				SELECT 'pid ' || s.pid AS holder, age(s.backend_xid) AS age FROM pg_stat_activity s WHERE s.backend_xid IS NOT NULL
				UNION ALL SELECT 'prepared transaction "' || x.gid || '"', age(x.transaction) FROM pg_prepared_xacts x
			) held ORDER BY held.age DESC LIMIT 1) AS horizon_held_by
	FROM collab.feed_positions p, collab.feed_horizon() h;
COMMENT ON VIEW collab.admin_feeds IS 'Consumers of the global feed: how far behind, in events and in seconds, and which transaction of the server holds the horizon back: its events, and all that were begun later, are not handed out before it ends.';

-- Presence is unlogged, and cannot be read on a standby: there is nobody there.
CREATE FUNCTION collab.live_connections()
	RETURNS TABLE (connection_id uuid, bridge_id uuid, bridge_name text, user_id bigint, connected_at timestamptz, last_seen timestamptz)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF NOT pg_is_in_recovery() THEN
		RETURN QUERY SELECT c.connection_id, c.bridge_id, b.name, c.user_id, c.connected_at, c.last_seen
			FROM collab.connections c LEFT JOIN collab.bridges b ON b.id = c.bridge_id
			WHERE c.last_seen >= collab.presence_limit();
	END IF;
END
$$;
COMMENT ON FUNCTION collab.live_connections IS 'Connections to bridges that are alive, for the views of administrators.';

CREATE FUNCTION collab.live_room_members()
	RETURNS TABLE (board_id uuid, bridge_id uuid, connection_id uuid, user_id bigint, joined_at timestamptz)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF NOT pg_is_in_recovery() THEN
		RETURN QUERY SELECT r.board_id, r.bridge_id, r.connection_id, c.user_id, r.joined_at
			FROM collab.room_members r JOIN collab.connections c ON c.bridge_id = r.bridge_id AND c.connection_id = r.connection_id
			WHERE c.last_seen >= collab.presence_limit();
	END IF;
END
$$;
COMMENT ON FUNCTION collab.live_room_members IS 'Which live connection has joined which board, for the views of administrators.';

CREATE VIEW collab.admin_connections WITH (security_barrier) AS
	SELECT c.connection_id, c.bridge_id, c.bridge_name, c.user_id, u.name AS username, c.connected_at, c.last_seen,
		coalesce(r.rooms, 0) AS rooms
	FROM collab.live_connections() c LEFT JOIN collab.users u ON u.id = c.user_id
		LEFT JOIN (SELECT m.bridge_id, m.connection_id, count(*) AS rooms FROM collab.live_room_members() m GROUP BY 1, 2) r
			ON r.bridge_id = c.bridge_id AND r.connection_id = c.connection_id;
COMMENT ON VIEW collab.admin_connections IS 'Connections of users to bridges that are alive. Empty on a standby.';

CREATE VIEW collab.admin_rooms WITH (security_barrier) AS
	SELECT r.board_id, b.name, b.workspace_id, w.name AS workspace_name, count(*) AS connections,
		count(DISTINCT r.user_id) AS users, count(DISTINCT r.bridge_id) AS bridges, min(r.joined_at) AS since
	FROM collab.live_room_members() r LEFT JOIN collab.boards b ON b.id = r.board_id
		LEFT JOIN collab.workspaces w ON w.id = b.workspace_id
	GROUP BY r.board_id, b.name, b.workspace_id, w.name;
COMMENT ON VIEW collab.admin_rooms IS 'Boards that somebody has joined now. Empty on a standby.';

CREATE VIEW collab.admin_purges WITH (security_barrier) AS
	SELECT p.id, p.board_id, p.workspace_id, p.name, p.events, p.first_event_at, p.last_event_at, p.deleted_at, p.purged_at,
		p.purged_by, p.reason
	FROM collab.purges p;
COMMENT ON VIEW collab.admin_purges IS 'What was taken out of the log: when, by which role, why.';
