-- The global feed: all events of all boards and workspaces, in one order, for consumers that keep their place.
--
-- The order is (epoch, xid, id). Numbers of transactions are given out before they commit, so that a later one may commit
-- first: what is read ends below the oldest transaction that still runs. Whatever commits afterwards then comes
-- afterwards, and a position never has to be looked behind.

CREATE INDEX events_position_idx ON collab.events (epoch, xid, id);

CREATE TABLE collab.feed_positions (
	name text PRIMARY KEY CHECK (pg_catalog.length(name) BETWEEN 1 AND 100),
	epoch int NOT NULL,
	xid xid8 NOT NULL,
	event_id bigint NOT NULL,
	created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	acked_at timestamptz
);
COMMENT ON TABLE collab.feed_positions IS 'Consumers of the global feed, and how far each has come.';
COMMENT ON COLUMN collab.feed_positions.name IS 'The consumer.';
COMMENT ON COLUMN collab.feed_positions.epoch IS 'Epoch of the last event that it acknowledged.';
COMMENT ON COLUMN collab.feed_positions.xid IS 'That event''s transaction.';
COMMENT ON COLUMN collab.feed_positions.event_id IS 'That event.';
COMMENT ON COLUMN collab.feed_positions.created_at IS 'When it subscribed.';
COMMENT ON COLUMN collab.feed_positions.acked_at IS 'When it last acknowledged something; null: never.';

CREATE FUNCTION collab.own_epoch() RETURNS int
	LANGUAGE c STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_own_epoch';
COMMENT ON FUNCTION collab.own_epoch IS 'The epoch that events are appended in here; one above all there are, when none was yet.';

-- Everything below it is finished: committed and visible, or rolled back. Both parts belong to one snapshot.
CREATE FUNCTION collab.feed_horizon() RETURNS TABLE (epoch int, xid xid8)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.own_epoch(), pg_snapshot_xmin(pg_current_snapshot())
$$;
COMMENT ON FUNCTION collab.feed_horizon IS 'The first (epoch, transaction) that the feed does not reach yet.';

CREATE FUNCTION collab.feed_mark(epoch int, xid xid8, event_id bigint) RETURNS text
	LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT epoch || '-' || xid::text || '-' || event_id
$$;
COMMENT ON FUNCTION collab.feed_mark IS 'A place in the feed as text.';

CREATE FUNCTION collab.require_feed(name text) RETURNS text
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF name IS NULL OR NOT EXISTS (SELECT FROM collab.feed_positions p WHERE p.name = require_feed.name) THEN
		RAISE EXCEPTION 'no feed "%"', name USING ERRCODE = 'TB002', HINT = 'collab.subscribe makes one.';
	END IF;
	RETURN name;
END
$$;
COMMENT ON FUNCTION collab.require_feed IS 'The name of a consumer, or an error when there is none of that name.';

-- "From now": everything from the oldest transaction that still runs. What committed since that began comes, too.
CREATE FUNCTION collab.subscribe(name text, from_start boolean DEFAULT false) RETURNS text
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF name IS NULL OR length(name) NOT BETWEEN 1 AND 100 THEN
		RAISE EXCEPTION 'name must have 1 to 100 characters' USING ERRCODE = 'TB004';
	END IF;
	-- an epoch that was not begun yet has no transactions to start from: after a restore its numbers may be smaller
	INSERT INTO collab.feed_positions (name, epoch, xid, event_id)
		SELECT subscribe.name, CASE WHEN coalesce(from_start, false) THEN 0 ELSE h.epoch END,
			CASE WHEN NOT coalesce(from_start, false) AND EXISTS (SELECT FROM collab.epochs e WHERE e.epoch = h.epoch) THEN h.xid
				ELSE '0'::xid8 END, 0
		FROM collab.feed_horizon() h
		ON CONFLICT ON CONSTRAINT feed_positions_pkey DO NOTHING;
	RETURN (SELECT collab.feed_mark(p.epoch, p.xid, p.event_id) FROM collab.feed_positions p WHERE p.name = subscribe.name);
END
$$;
COMMENT ON FUNCTION collab.subscribe IS 'Makes a consumer of the global feed, from now on or from the first event; one that exists keeps its place. Returns its position.';

CREATE FUNCTION collab.fetch(name text, max_events int DEFAULT 500)
	RETURNS TABLE ("position" text, aggregate_id uuid, aggregate_type text, version int, event_type text, event_data jsonb,
		user_id bigint, created_at timestamptz)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.feed_mark(e.epoch, e.xid, e.id), e.aggregate_id, e.aggregate_type, e.version, e.event_type,
		collab.event_payload(e.event_type, e.schema_version, e.event_data), e.user_id, e.created_at
	FROM collab.feed_positions p, collab.feed_horizon() h, LATERAL (SELECT f.* FROM collab.events f
		WHERE (f.epoch, f.xid, f.id) > (p.epoch, p.xid, p.event_id) AND (f.epoch, f.xid) < (h.epoch, h.xid)
		ORDER BY f.epoch, f.xid, f.id LIMIT collab.require_page('max_events', "fetch".max_events, 10000)) e
	WHERE p.name = collab.require_feed("fetch".name)
	ORDER BY e.epoch, e.xid, e.id
$$;
COMMENT ON FUNCTION collab.fetch IS 'The next events after a consumer''s position, of all boards and workspaces, in the feed''s order. The same again until they are acknowledged.';

CREATE FUNCTION collab.ack(name text, "position" text) RETURNS boolean
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	part text[] := regexp_match("position", '^(\d{1,10})-(\d{1,20})-(\d{1,19})$');
	acked record;
BEGIN
	PERFORM collab.require_feed(name);
	BEGIN
		SELECT part[1]::int AS epoch, part[2]::xid8 AS xid, part[3]::bigint AS id INTO acked;
	EXCEPTION WHEN data_exception THEN
		part := NULL;
	END;
	IF part IS NULL THEN
		RAISE EXCEPTION 'position must be one that collab.fetch returned' USING ERRCODE = 'TB004';
	END IF;
	IF NOT EXISTS (SELECT FROM collab.feed_horizon() h WHERE (acked.epoch, acked.xid) < (h.epoch, h.xid)) THEN
		RAISE EXCEPTION 'position % is beyond what can have been fetched', "position" USING ERRCODE = 'TB004';
	END IF;
	UPDATE collab.feed_positions p SET epoch = acked.epoch, xid = acked.xid, event_id = acked.id, acked_at = clock_timestamp()
		WHERE p.name = ack.name AND (p.epoch, p.xid, p.event_id) < (acked.epoch, acked.xid, acked.id);
	RETURN FOUND;
END
$$;
COMMENT ON FUNCTION collab.ack IS 'Moves a consumer''s position forward to that of an event it has dealt with. False: it was there or further already.';

CREATE FUNCTION collab.unsubscribe(name text) RETURNS boolean
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	DELETE FROM collab.feed_positions p WHERE p.name = unsubscribe.name;
	RETURN FOUND;
END
$$;
COMMENT ON FUNCTION collab.unsubscribe IS 'Forgets a consumer. False: there was none of that name.';
