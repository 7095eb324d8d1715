-- Reading for the bridge: every read of a user through one function. The table is read/reads.def.

CREATE FUNCTION collab.reads() RETURNS TABLE (read text, about text, least_role text, summary text)
	LANGUAGE c IMMUTABLE
	AS 'MODULE_PATHNAME', 'collab_reads';
COMMENT ON FUNCTION collab.reads IS 'Every read of collab.user_read: what it is about, the least role that may ask, what it tells.';

-- Volatile only because board_at replays events and takes that back.
CREATE FUNCTION collab.user_read(user_id bigint, request text)
	RETURNS TABLE (code text, version int, event text, content_type text, body text)
	LANGUAGE c VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_user_read';
COMMENT ON FUNCTION collab.user_read IS 'For bridges: answers one read, {"type", "payload"}, of a user, in one row. Without code the body is the result, and version and event are those of the board it is of; with code it is {"code", "message", "hint"?}.';
