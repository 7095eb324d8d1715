-- The truth: who owns everything, the event log, and one version row per aggregate.
\echo Use "CREATE EXTENSION collab" to load this file. \quit

-- What is made here runs as collab_owner. So nothing of anybody's may be in the schema before, and the role must be
-- one that nobody can become.
DO $$
BEGIN
	IF pg_catalog.current_setting('server_encoding') <> 'UTF8' THEN
		RAISE EXCEPTION 'collab needs a database with the encoding UTF8'
			USING HINT = 'CREATE DATABASE … ENCODING ''UTF8'' TEMPLATE template0.';
	END IF;
	IF EXISTS (SELECT FROM pg_catalog.pg_depend AS d
			WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
				AND d.refobjid = 'collab'::pg_catalog.regnamespace
				AND d.classid <> 'pg_catalog.pg_extension'::pg_catalog.regclass) THEN
		RAISE EXCEPTION 'the schema "collab" is not empty'
			USING HINT = 'Look at what is in it, and drop it: the extension makes its own.';
	END IF;
	IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'collab_owner') THEN
		CREATE ROLE collab_owner NOLOGIN;
	ELSIF EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = 'collab_owner'
			AND (r.rolcanlogin OR r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
				OR EXISTS (SELECT FROM pg_catalog.pg_auth_members AS m WHERE m.roleid = r.oid OR m.member = r.oid))) THEN
		RAISE EXCEPTION 'the role "collab_owner" has members, memberships or rights that it must not have'
			USING HINT = 'It must be NOLOGIN and nobody''s: drop it, and the extension makes it.';
	END IF;
END
$$;

-- A restored log carries the transaction ids of another cluster, and a promoted standby counts on from where it was, maybe
-- behind what the old primary had given out. Each (cluster, database, timeline) that appends gets its own epoch, so that
-- (epoch, xid, id) stays a total order that global readers can trust.
CREATE TABLE collab.epochs (
	epoch int PRIMARY KEY,
	system_identifier bigint NOT NULL,
	database_oid oid NOT NULL,
	started_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	timeline int
);

-- One row per aggregate: the lock of a command, the version counter, the newest event.
CREATE TABLE collab.aggregates (
	id uuid PRIMARY KEY,
	aggregate_type text COLLATE "C" NOT NULL CHECK (aggregate_type IN ('workspace', 'board')),
	workspace_id uuid NOT NULL,
	version int NOT NULL CHECK (version >= 0),
	acl_version bigint NOT NULL DEFAULT 0,
	event_id bigint NOT NULL,
	event_at timestamptz NOT NULL,
	CHECK (aggregate_type <> 'workspace' OR workspace_id = id)
) WITH (fillfactor = 50);

CREATE SEQUENCE collab.events_id_seq;

CREATE TABLE collab.events (
	id bigint NOT NULL DEFAULT pg_catalog.nextval('collab.events_id_seq'),
	aggregate_id uuid NOT NULL,
	aggregate_type text COLLATE "C" NOT NULL CHECK (aggregate_type IN ('workspace', 'board')),
	event_type text COLLATE "C" NOT NULL,
	event_data jsonb NOT NULL,
	user_id bigint NOT NULL,
	version int NOT NULL CHECK (version > 0),
	created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	command_id uuid,
	command_hash bytea,
	acl_version bigint NOT NULL,
	schema_version smallint NOT NULL DEFAULT 1,
	xid xid8 NOT NULL,
	epoch int NOT NULL,
	PRIMARY KEY (aggregate_id, version),
	CHECK ((command_id IS NULL) = (command_hash IS NULL))
);
ALTER SEQUENCE collab.events_id_seq OWNED BY collab.events.id;
CREATE UNIQUE INDEX events_command_key ON collab.events (aggregate_id, command_id) WHERE command_id IS NOT NULL;
CREATE INDEX events_id_idx ON collab.events (id);
CREATE INDEX events_type_idx ON collab.events (event_type, created_at);
CREATE INDEX events_created_at_idx ON collab.events USING brin (created_at);

CREATE FUNCTION collab.events_guard() RETURNS trigger
	LANGUAGE c SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_events_guard';
CREATE FUNCTION collab.events_project() RETURNS trigger
	LANGUAGE c SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_events_project';

CREATE TRIGGER events_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON collab.events
	FOR EACH STATEMENT EXECUTE FUNCTION collab.events_guard();
ALTER TABLE collab.events ENABLE ALWAYS TRIGGER events_refuse_change;
CREATE TRIGGER events_project AFTER INSERT ON collab.events
	FOR EACH ROW EXECUTE FUNCTION collab.events_project();
