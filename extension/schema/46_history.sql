-- The past: snapshots, the board as it was, events looked for, and the end of a deleted board's log.

-- Derived from the events: rebuild makes them again, a dump leaves them out. Their rows follow the tables of the read
-- model: a step that changes those ends with rebuild_all().
CREATE TABLE collab.snapshots (
	board_id uuid NOT NULL,
	version int NOT NULL,
	created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	state jsonb NOT NULL,
	PRIMARY KEY (board_id, version)
);
COMMENT ON TABLE collab.snapshots IS 'Boards as they were at some versions, so that board_at need not replay from the beginning. Derived: may be emptied at any time.';
COMMENT ON COLUMN collab.snapshots.board_id IS 'The board.';
COMMENT ON COLUMN collab.snapshots.version IS 'The version it shows.';
COMMENT ON COLUMN collab.snapshots.created_at IS 'When it was taken.';
COMMENT ON COLUMN collab.snapshots.state IS 'Rows of each table of the read model, by the table''s name.';

DO $$
BEGIN
	ALTER TABLE collab.snapshots ALTER COLUMN state SET COMPRESSION lz4;
EXCEPTION WHEN syntax_error OR feature_not_supported THEN
	-- a server before 14, or built without it: the default compression will do
	NULL;
END
$$;

-- "What did she do here?"
CREATE INDEX events_user_idx ON collab.events (aggregate_id, user_id, version);

CREATE FUNCTION collab.upcast_event(event_type text, schema_version int, event_data jsonb) RETURNS jsonb
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'collab_upcast_event';
COMMENT ON FUNCTION collab.upcast_event IS 'An event''s data in the shape of today, whatever version it was written in. Whoever reads event_data for its meaning calls it.';

CREATE FUNCTION collab.board_replay(board_id uuid, at_version int, detail text, event text) RETURNS jsonb
	LANGUAGE c VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_board_replay';
COMMENT ON FUNCTION collab.board_replay IS 'The document of a board at a version that it has had, with that version and its mark; for board_at.';

CREATE FUNCTION collab.board_at(board_id uuid, at_version int, detail text DEFAULT 'full') RETURNS jsonb
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	head int := (SELECT a.version FROM collab.aggregates a WHERE a.id = collab.require_board(board_at.board_id));
BEGIN
	IF at_version IS NULL OR at_version < 1 THEN
		RAISE EXCEPTION 'at_version must be 1 or more' USING ERRCODE = 'TB004', HINT = 'A board begins with version 1.';
	END IF;
	IF at_version > head THEN
		RAISE EXCEPTION 'the board has no version % yet', at_version USING ERRCODE = 'TB002',
			HINT = format('It is at version %s.', head);
	END IF;
	IF at_version = head THEN
		RETURN collab.board_state(board_id, detail);
	END IF;
	RETURN (SELECT collab.board_replay(board_at.board_id, at_version, detail, collab.event_mark(e.id, e.created_at))
		FROM collab.events e WHERE e.aggregate_id = board_at.board_id AND e.version = at_version);
END
$$;
COMMENT ON FUNCTION collab.board_at(uuid, int, text) IS 'A board as it was at an earlier version, in the shape of board_state. Members and people are those of now.';

CREATE FUNCTION collab.board_at(board_id uuid, at_time timestamptz, detail text DEFAULT 'full') RETURNS jsonb
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	found_version int;
BEGIN
	PERFORM collab.require_board(board_id);
	IF at_time IS NULL THEN
		RAISE EXCEPTION 'at_time is missing' USING ERRCODE = 'TB004';
	END IF;
	SELECT e.version INTO found_version FROM collab.events e
		WHERE e.aggregate_id = board_at.board_id AND e.created_at <= at_time ORDER BY e.version DESC LIMIT 1;
	IF found_version IS NULL THEN
		RAISE EXCEPTION 'the board did not exist then' USING ERRCODE = 'TB002';
	END IF;
	RETURN collab.board_at(board_id, found_version, detail);
END
$$;
COMMENT ON FUNCTION collab.board_at(uuid, timestamptz, text) IS 'A board as it was at a time: after the last event that had happened by then.';

CREATE FUNCTION collab.find_events(board_id uuid, event_type text DEFAULT NULL, user_id bigint DEFAULT NULL,
		since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, after_version int DEFAULT 0, max_events int DEFAULT 500)
	RETURNS TABLE (version int, event_type text, user_id bigint, username text, created_at timestamptz, event_data jsonb,
		event text)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT e.version, e.event_type, e.user_id, u.name, e.created_at,
		collab.event_payload(e.event_type, e.schema_version, e.event_data), collab.event_mark(e.id, e.created_at)
	FROM collab.events e LEFT JOIN collab.users u ON u.id = e.user_id
	WHERE e.aggregate_id = collab.require_board(find_events.board_id) AND e.version > coalesce(find_events.after_version, 0)
		AND (find_events.event_type IS NULL OR e.event_type = find_events.event_type)
		AND (find_events.user_id IS NULL OR e.user_id = find_events.user_id)
		AND (find_events.since IS NULL OR e.created_at >= find_events.since)
		AND (find_events.until IS NULL OR e.created_at < find_events.until)
	ORDER BY e.version LIMIT collab.require_page('max_events', find_events.max_events, 10000)
$$;
COMMENT ON FUNCTION collab.find_events IS 'A board''s events by type, by user, from since up to until, in their order; the next page begins after the last version.';

-- Purge

CREATE SEQUENCE collab.purges_id_seq;
COMMENT ON SEQUENCE collab.purges_id_seq IS 'Numbers of purges.';
CREATE TABLE collab.purges (
	id bigint PRIMARY KEY DEFAULT pg_catalog.nextval('collab.purges_id_seq'),
	board_id uuid NOT NULL,
	workspace_id uuid NOT NULL,
	name text NOT NULL,
	events bigint NOT NULL,
	first_event_id bigint NOT NULL,
	first_event_at timestamptz NOT NULL,
	last_event_id bigint NOT NULL,
	last_event_at timestamptz NOT NULL,
	deleted_at timestamptz NOT NULL,
	purged_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	purged_by text NOT NULL,
	reason text NOT NULL CHECK (pg_catalog.length(reason) BETWEEN 1 AND 1000)
);
ALTER SEQUENCE collab.purges_id_seq OWNED BY collab.purges.id;
COMMENT ON TABLE collab.purges IS 'What was taken out of the log: one row for each board purged, for ever.';
COMMENT ON COLUMN collab.purges.id IS 'Number.';
COMMENT ON COLUMN collab.purges.board_id IS 'The board that was.';
COMMENT ON COLUMN collab.purges.workspace_id IS 'The workspace it was in.';
COMMENT ON COLUMN collab.purges.name IS 'Its name at the end.';
COMMENT ON COLUMN collab.purges.events IS 'How many events it had.';
COMMENT ON COLUMN collab.purges.first_event_id IS 'Its first event.';
COMMENT ON COLUMN collab.purges.first_event_at IS 'When that happened.';
COMMENT ON COLUMN collab.purges.last_event_id IS 'Its last event.';
COMMENT ON COLUMN collab.purges.last_event_at IS 'When that happened.';
COMMENT ON COLUMN collab.purges.deleted_at IS 'Since when the board, or its workspace, was deleted.';
COMMENT ON COLUMN collab.purges.purged_at IS 'When it was purged.';
COMMENT ON COLUMN collab.purges.purged_by IS 'The database role that did it.';
COMMENT ON COLUMN collab.purges.reason IS 'Why.';

CREATE FUNCTION collab.purge(board_id uuid, reason text) RETURNS bigint
	LANGUAGE c VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_purge';
COMMENT ON FUNCTION collab.purge IS 'Takes a deleted board out of the database, its events included, and writes that down in purges. Returns how many events it had. Cannot be undone.';

CREATE FUNCTION collab.purge_deleted(older_than interval DEFAULT '30 days') RETURNS bigint
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	doomed uuid;
	purged bigint := 0;
BEGIN
	IF older_than IS NULL OR older_than < interval '0' THEN
		RAISE EXCEPTION 'older_than must not be negative' USING ERRCODE = 'TB004';
	END IF;
	FOR doomed IN SELECT b.id FROM collab.boards b LEFT JOIN collab.workspaces w ON w.id = b.workspace_id
		WHERE least(b.deleted_at, w.deleted_at) < clock_timestamp() - older_than ORDER BY b.id
	LOOP
		PERFORM collab.purge(doomed, format('deleted more than %s ago', older_than));
		purged := purged + 1;
	END LOOP;
	RETURN purged;
END
$$;
COMMENT ON FUNCTION collab.purge_deleted IS 'Purges all boards that have been deleted for longer than that; returns how many. For a scheduler.';
