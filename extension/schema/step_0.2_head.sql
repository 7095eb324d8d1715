-- The step from 0.2 to 0.3, first part: what 0.2 has and 0.3 has otherwise. The typed functions, the fragments 57 to 59, the
-- levels and the owners follow, as they stand in the whole script.
\echo Use "ALTER EXTENSION collab UPDATE TO '0.3'" to load this file. \quit

CREATE OR REPLACE FUNCTION collab.presence_limit() RETURNS timestamptz
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT clock_timestamp() - interval '45 seconds'
$$;
COMMENT ON TABLE collab.bridges IS 'Bridges that serve this database. One not seen for 45 seconds is dead: its rows count for nothing.';
COMMENT ON COLUMN collab.connections.last_seen IS 'When the bridge last said that it is alive; 45 seconds later it counts for nothing.';
