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

-- A restored log carries the transaction ids of another cluster. Each (cluster, database) that appends
-- gets its own epoch, so that (epoch, xid, id) stays a total order that global readers can trust.
CREATE TABLE collab.epochs (
	epoch int PRIMARY KEY,
	system_identifier bigint NOT NULL,
	database_oid oid NOT NULL,
	started_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
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
-- Who acts: users, and which database role acts as whom. Operational tables: written directly, never rebuilt.

CREATE TYPE collab.workspace_role AS ENUM ('viewer', 'member', 'admin', 'owner');

CREATE SEQUENCE collab.users_id_seq;

CREATE TABLE collab.users (
	id bigint PRIMARY KEY DEFAULT pg_catalog.nextval('collab.users_id_seq')
		CHECK (id BETWEEN 1 AND 9007199254740991),
	issuer text NOT NULL CHECK (pg_catalog.length(issuer) BETWEEN 1 AND 500),
	subject text NOT NULL CHECK (pg_catalog.length(subject) BETWEEN 1 AND 500),
	name text NOT NULL CHECK (pg_catalog.length(name) BETWEEN 1 AND 200),
	handle text COLLATE "C" NOT NULL UNIQUE CHECK (handle ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
	avatar text CHECK (pg_catalog.length(avatar) <= 2000),
	created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	updated_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	deactivated_at timestamptz,
	UNIQUE (issuer, subject)
);
ALTER SEQUENCE collab.users_id_seq OWNED BY collab.users.id;

CREATE TABLE collab.role_users (
	role regrole PRIMARY KEY,
	level text NOT NULL CHECK (level IN ('reader', 'person', 'application', 'bridge', 'admin')),
	user_id bigint
);

-- A handle is made from the name: lower case, ASCII letters, digits, dot, underscore, hyphen. The first to have it gets
-- it as it is, the next ones with a number, and where many share a name with some random digits.
CREATE FUNCTION collab.handle_from_name(name text) RETURNS text
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	plain text := regexp_replace(lower(normalize(left(name, 200), NFKD)), '[\u0300-\u036f]', '', 'g');
	base text := left(regexp_replace(plain, '[^a-z0-9._]+', '-', 'g'), 40);
	candidate text;
BEGIN
	base := coalesce(nullif(rtrim(ltrim(base, '._-'), '-'), ''), 'user');
	FOR number IN 1..9 LOOP
		candidate := base || CASE WHEN number > 1 THEN '-' || number ELSE '' END;
		EXIT WHEN NOT EXISTS (SELECT FROM collab.users u WHERE u.handle = candidate);
		candidate := base || '-' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 8);
	END LOOP;
	RETURN candidate;
END
$$;

-- handle_source: what the handle is made from, the name when it is null. Two newcomers who want one handle at the same
-- time: the second waits for the first one's transaction, then takes the next.
CREATE FUNCTION collab.put_user(issuer text, subject text, name text, avatar text, handle_source text) RETURNS bigint
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	clean_name text := left(btrim(regexp_replace(normalize(left(put_user.name, 400), NFC), '[[:cntrl:]]+', ' ', 'g')), 200);
	found_id bigint;
BEGIN
	IF issuer IS NULL OR length(issuer) NOT BETWEEN 1 AND 500 OR subject IS NULL OR length(subject) NOT BETWEEN 1 AND 500 THEN
		RAISE EXCEPTION 'issuer and subject must have 1 to 500 characters' USING ERRCODE = 'TB004';
	END IF;
	IF length(avatar) > 2000 THEN
		RAISE EXCEPTION 'avatar must have at most 2000 characters' USING ERRCODE = 'TB004';
	END IF;
	clean_name := nullif(clean_name, '');
	LOOP
		SELECT u.id INTO found_id FROM collab.users u WHERE u.issuer = put_user.issuer AND u.subject = put_user.subject;
		EXIT WHEN found_id IS NOT NULL;
		INSERT INTO collab.users AS u (issuer, subject, name, handle, avatar)
			VALUES (put_user.issuer, put_user.subject, coalesce(clean_name, left(put_user.subject, 200)),
				collab.handle_from_name(coalesce(put_user.handle_source, clean_name, put_user.subject)), put_user.avatar)
			ON CONFLICT DO NOTHING
			RETURNING u.id INTO found_id;
		IF found_id IS NOT NULL THEN
			RETURN found_id;
		END IF;
	END LOOP;
	UPDATE collab.users u
		SET name = coalesce(clean_name, u.name), avatar = coalesce(put_user.avatar, u.avatar), updated_at = clock_timestamp()
		WHERE u.id = found_id
			AND (u.name, u.avatar) IS DISTINCT FROM (coalesce(clean_name, u.name), coalesce(put_user.avatar, u.avatar));
	RETURN found_id;
END
$$;

CREATE FUNCTION collab.upsert_user(issuer text, subject text, name text DEFAULT NULL, picture text DEFAULT NULL)
	RETURNS TABLE (user_id bigint, username text, handle text, avatar text)
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	known_id bigint;
BEGIN
	IF issuer = 'trello' THEN
		RAISE EXCEPTION 'issuer "trello" is kept for imported placeholders' USING ERRCODE = 'TB004',
			HINT = 'Use the issuer of your identity provider.';
	END IF;
	known_id := collab.put_user(issuer, subject, name, picture, NULL);
	RETURN QUERY SELECT u.id, u.name, u.handle, u.avatar FROM collab.users u
		WHERE u.id = known_id AND u.deactivated_at IS NULL;
END
$$;
-- The read model. Written by the projection trigger and the rebuild, by nothing else; every row can be made again
-- from the events. Below a board every key starts with board_id, so that boards never wait for each other. There are no
-- foreign keys: collab.verify() proves more than they would, and a parallel restore could not keep their order.

CREATE TABLE collab.workspaces (
	id uuid PRIMARY KEY,
	name text NOT NULL,
	description text NOT NULL,
	owner_id bigint NOT NULL,
	version int NOT NULL,
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL
);

CREATE TABLE collab.members (
	workspace_id uuid NOT NULL,
	user_id bigint NOT NULL,
	role collab.workspace_role NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX members_user_idx ON collab.members (user_id);

CREATE TABLE collab.boards (
	id uuid PRIMARY KEY,
	workspace_id uuid NOT NULL,
	name text NOT NULL,
	description text NOT NULL,
	owner_id bigint NOT NULL,
	visibility text NOT NULL CHECK (visibility IN ('workspace', 'private')),
	settings jsonb NOT NULL,
	version int NOT NULL,
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX boards_workspace_idx ON collab.boards (workspace_id);

CREATE TABLE collab.lists (
	board_id uuid NOT NULL,
	id uuid NOT NULL,
	name text NOT NULL,
	rank bigint NOT NULL,
	category text NOT NULL CHECK (category IN ('todo', 'doing', 'done')),
	wip_limit int CHECK (wip_limit > 0),
	task_count int NOT NULL DEFAULT 0 CHECK (task_count >= 0),
	version int NOT NULL,
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL,
	archived_at timestamptz,
	PRIMARY KEY (board_id, id)
) WITH (fillfactor = 70);
CREATE INDEX lists_id_idx ON collab.lists (id);

-- A deleted task keeps its row as a tombstone (deleted_at), so that a resent command still finds its board.
CREATE TABLE collab.tasks (
	board_id uuid NOT NULL,
	id uuid NOT NULL,
	list_id uuid NOT NULL,
	title text NOT NULL,
	description text NOT NULL,
	rank bigint NOT NULL,
	priority text CHECK (priority IN ('low', 'medium', 'high', 'urgent')),
	start_date timestamptz,
	due_date timestamptz,
	completed_at timestamptz,
	config jsonb NOT NULL,
	comments_count int NOT NULL DEFAULT 0,
	version int NOT NULL,
	created_by bigint NOT NULL,
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL,
	archived_at timestamptz,
	deleted_at timestamptz,
	PRIMARY KEY (board_id, id)
) WITH (fillfactor = 80);
CREATE INDEX tasks_id_idx ON collab.tasks (id);
CREATE INDEX tasks_order_idx ON collab.tasks (board_id, list_id, rank, id) WHERE archived_at IS NULL AND deleted_at IS NULL;

CREATE TABLE collab.task_assignees (
	board_id uuid NOT NULL,
	task_id uuid NOT NULL,
	user_id bigint NOT NULL,
	ordinal int NOT NULL,
	PRIMARY KEY (board_id, task_id, user_id)
);
CREATE INDEX task_assignees_user_idx ON collab.task_assignees (user_id);

CREATE TABLE collab.labels (
	board_id uuid NOT NULL,
	id uuid NOT NULL,
	name text NOT NULL,
	color text NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (board_id, id)
);

CREATE TABLE collab.task_labels (
	board_id uuid NOT NULL,
	task_id uuid NOT NULL,
	label_id uuid NOT NULL,
	ordinal int NOT NULL,
	PRIMARY KEY (board_id, task_id, label_id)
);

CREATE TABLE collab.checklists (
	board_id uuid NOT NULL,
	id uuid NOT NULL,
	task_id uuid NOT NULL,
	name text NOT NULL,
	rank bigint NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (board_id, id)
);
CREATE INDEX checklists_task_idx ON collab.checklists (board_id, task_id, rank);

CREATE TABLE collab.checklist_items (
	board_id uuid NOT NULL,
	id uuid NOT NULL,
	checklist_id uuid NOT NULL,
	text text NOT NULL,
	rank bigint NOT NULL,
	checked boolean NOT NULL,
	due_date timestamptz,
	assigned_to bigint,
	PRIMARY KEY (board_id, id)
);
CREATE INDEX checklist_items_checklist_idx ON collab.checklist_items (board_id, checklist_id, rank);

CREATE TABLE collab.comments (
	board_id uuid NOT NULL,
	id uuid NOT NULL,
	task_id uuid NOT NULL,
	user_id bigint NOT NULL,
	text text NOT NULL,
	reply_to uuid,
	mentions bigint[] NOT NULL,
	created_at timestamptz NOT NULL,
	occurred_at timestamptz NOT NULL,
	edited_at timestamptz,
	PRIMARY KEY (board_id, id)
);
CREATE INDEX comments_task_idx ON collab.comments (board_id, task_id, occurred_at);
-- Functions: the frame's entry points, the readers, the bridge's readers. Each runs as its owner with a pinned
-- search_path; who may call which is in 70_access.sql.

CREATE FUNCTION collab.json_merge_patch(target jsonb, patch jsonb) RETURNS jsonb
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_json_merge_patch';

CREATE FUNCTION collab.event_mark(id bigint, created_at timestamptz) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'collab_event_mark';

CREATE FUNCTION collab.event_body(aggregate_id uuid, version int, id bigint, created_at timestamptz, user_id bigint,
		username text, event_type text, event_data jsonb, command_id uuid) RETURNS text
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'collab_event_body';

CREATE FUNCTION collab.board_document(board_id uuid, detail text) RETURNS text
	LANGUAGE c STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_board_document';

-- Who acts

CREATE FUNCTION collab.current_user_id() RETURNS bigint
	LANGUAGE c STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_current_user_id';

-- Commands

CREATE FUNCTION collab.execute(command jsonb) RETURNS jsonb
	LANGUAGE c VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_execute';

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

CREATE FUNCTION collab.can_read_board(user_id bigint, board_id uuid) RETURNS boolean
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT EXISTS (
		SELECT FROM collab.aggregates a
			JOIN collab.members m ON m.workspace_id = a.workspace_id
			JOIN collab.users u ON u.id = m.user_id
		WHERE a.id = can_read_board.board_id AND a.aggregate_type = 'board'
			AND m.user_id = can_read_board.user_id AND u.deactivated_at IS NULL)
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

CREATE FUNCTION collab.board_state(board_id uuid, detail text DEFAULT 'full') RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT jsonb_build_object('board', collab.board_document(a.id, board_state.detail)::jsonb, 'version', a.version,
		'event', collab.event_mark(a.event_id, a.event_at))
	FROM collab.aggregates a WHERE a.id = collab.require_board(board_state.board_id)
$$;

CREATE FUNCTION collab.events_after(board_id uuid, after_version int DEFAULT 0, max_events int DEFAULT 500)
	RETURNS TABLE (version int, event_type text, user_id bigint, created_at timestamptz, event_data jsonb, event text)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF after_version < 0 THEN
		RAISE EXCEPTION 'after_version must not be negative' USING ERRCODE = 'TB004';
	END IF;
	IF max_events IS NULL OR max_events NOT BETWEEN 1 AND 10000 THEN
		RAISE EXCEPTION 'max_events must be 1 to 10000' USING ERRCODE = 'TB004';
	END IF;
	PERFORM collab.require_board(board_id);
	RETURN QUERY
		SELECT e.version, e.event_type, e.user_id, e.created_at, e.event_data - 'ranks',
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

CREATE FUNCTION collab.room_resume(user_id bigint, board_id uuid, since_version int, since_event text)
	RETURNS TABLE (code text, resumable boolean, version int, event text, acl_version bigint)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE WHEN a.id IS NULL THEN 'not_found' END,
		coalesce(room_resume.since_version BETWEEN 0 AND a.version AND (room_resume.since_event IS NULL
			OR room_resume.since_event = (SELECT collab.event_mark(e.id, e.created_at) FROM collab.events e
				WHERE e.aggregate_id = a.id AND e.version = room_resume.since_version)), false),
		a.version, collab.event_mark(a.event_id, a.event_at), a.acl_version + w.acl_version
	FROM (SELECT) AS one
		LEFT JOIN collab.aggregates a ON a.id = room_resume.board_id
			AND collab.can_read_board(room_resume.user_id, room_resume.board_id)
		LEFT JOIN collab.aggregates w ON w.id = a.workspace_id
$$;

CREATE FUNCTION collab.room_events(aggregate_id uuid, after_version int, max_events int)
	RETURNS TABLE (version int, event text, acl_version bigint, body text)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT e.version, collab.event_mark(e.id, e.created_at), e.acl_version,
		collab.event_body(e.aggregate_id, e.version, e.id, e.created_at, e.user_id, u.name, e.event_type, e.event_data,
			e.command_id)
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
		ARRAY(SELECT m.user_id FROM collab.members m JOIN collab.users u ON u.id = m.user_id
			WHERE m.workspace_id = a.workspace_id AND u.deactivated_at IS NULL ORDER BY m.user_id)
	FROM collab.aggregates a JOIN collab.aggregates w ON w.id = a.workspace_id
	WHERE a.id = room_readers.board_id AND a.aggregate_type = 'board'
$$;

CREATE FUNCTION collab.user_workspaces(user_id bigint) RETURNS text
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(json_agg(json_build_object('id', w.id, 'name', w.name, 'description', w.description, 'role', m.role,
		'version', w.version, 'boards', (
			SELECT coalesce(json_agg(json_build_object('id', b.id, 'name', b.name, 'version', b.version,
				'updated_at', to_char(b.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
				ORDER BY b.name, b.id), '[]')
			FROM collab.boards b WHERE b.workspace_id = w.id)) ORDER BY w.name, w.id), '[]')::text
	FROM collab.members m JOIN collab.workspaces w ON w.id = m.workspace_id JOIN collab.users u ON u.id = m.user_id
	WHERE m.user_id = user_workspaces.user_id AND u.deactivated_at IS NULL
$$;

CREATE FUNCTION collab.my_workspaces() RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.user_workspaces(collab.current_user_id())::jsonb
$$;
-- One typed function per command. Each builds the message and hands it to collab.execute, so there is one frame;
-- each returns the ACK's payload. A parameter left at its default is left out of the command.

CREATE FUNCTION collab.run_command(type text, payload jsonb, command_id uuid, version int) RETURNS jsonb
	LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.execute(jsonb_build_object('type', type, 'payload', (
			SELECT coalesce(jsonb_object_agg(field.key, field.value), '{}')
			FROM jsonb_each(payload || jsonb_build_object('version', version)) AS field
			WHERE field.value <> 'null'))
		|| CASE WHEN command_id IS NULL THEN '{}' ELSE jsonb_build_object('id', command_id) END)
$$;

CREATE FUNCTION collab.create_workspace(name text, description text DEFAULT NULL, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('CREATE_WORKSPACE', jsonb_build_object('name', name, 'description', description),
		command_id, NULL)
$$;

CREATE FUNCTION collab.add_member(workspace_id uuid, user_id bigint, role collab.workspace_role DEFAULT 'member',
		command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('ADD_MEMBER',
		jsonb_build_object('workspace_id', workspace_id, 'user_id', user_id, 'role', role), command_id, NULL)
$$;

CREATE FUNCTION collab.create_board(workspace_id uuid, name text, description text DEFAULT NULL,
		command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('CREATE_BOARD',
		jsonb_build_object('workspace_id', workspace_id, 'name', name, 'description', description), command_id, NULL)
$$;

CREATE FUNCTION collab.import_trello(workspace_id uuid, export jsonb, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('IMPORT_BOARD',
		jsonb_build_object('workspace_id', workspace_id, 'format', 'trello', 'document', export), command_id,
		NULL)->'result'
$$;

CREATE FUNCTION collab.create_list(board_id uuid, name text, "position" int DEFAULT NULL, category text DEFAULT NULL,
		wip_limit int DEFAULT NULL, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('CREATE_LIST', jsonb_build_object('board_id', board_id, 'name', name,
		'position', "position", 'category', category, 'wip_limit', wip_limit), command_id, NULL)
$$;

CREATE FUNCTION collab.move_list(list_id uuid, new_position int, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('MOVE_LIST', jsonb_build_object('list_id', list_id, 'new_position', new_position),
		command_id, version)
$$;

CREATE FUNCTION collab.create_task(board_id uuid, list_id uuid, title text, description text DEFAULT NULL,
		"position" int DEFAULT NULL, priority text DEFAULT NULL, start_date text DEFAULT NULL, due_date text DEFAULT NULL,
		labels text[] DEFAULT NULL, assignees bigint[] DEFAULT NULL, config jsonb DEFAULT NULL,
		command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('CREATE_TASK', jsonb_build_object('board_id', board_id, 'list_id', list_id,
		'title', title, 'description', description, 'position', "position", 'priority', priority,
		'start_date', start_date, 'due_date', due_date, 'labels', to_jsonb(labels), 'assignees', to_jsonb(assignees),
		'config', config), command_id, NULL)
$$;

CREATE FUNCTION collab.update_task(task_id uuid, updates jsonb, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('UPDATE_TASK', jsonb_build_object('task_id', task_id, 'updates', updates),
		command_id, version)
$$;

CREATE FUNCTION collab.move_task(task_id uuid, to_list_id uuid, new_position int DEFAULT NULL,
		before_task_id uuid DEFAULT NULL, after_task_id uuid DEFAULT NULL, command_id uuid DEFAULT NULL,
		version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('MOVE_TASK', jsonb_build_object('task_id', task_id, 'to_list_id', to_list_id,
		'new_position', new_position, 'before_task_id', before_task_id, 'after_task_id', after_task_id),
		command_id, version)
$$;

CREATE FUNCTION collab.delete_task(task_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('DELETE_TASK', jsonb_build_object('task_id', task_id), command_id, version)
$$;
-- What the session's user can see, as plain rows. Security barriers: no condition of the caller's runs before the
-- filter does.

CREATE VIEW collab.visible_workspaces WITH (security_barrier) AS
	SELECT w.id, w.name, w.description, m.role, w.owner_id, w.version, w.created_at, w.updated_at
	FROM collab.workspaces w JOIN collab.members m ON m.workspace_id = w.id
	WHERE m.user_id = (SELECT collab.current_user_id());

CREATE VIEW collab.visible_members WITH (security_barrier) AS
	SELECT m.workspace_id, m.user_id, u.name AS username, u.handle, u.avatar, m.role, m.created_at
	FROM collab.members m JOIN collab.users u ON u.id = m.user_id
	WHERE EXISTS (SELECT FROM collab.members me
		WHERE me.workspace_id = m.workspace_id AND me.user_id = (SELECT collab.current_user_id()));

CREATE VIEW collab.visible_boards WITH (security_barrier) AS
	SELECT b.id, b.workspace_id, b.name, b.description, b.owner_id, b.visibility, b.settings, b.version, b.created_at,
		b.updated_at
	FROM collab.boards b JOIN collab.members m ON m.workspace_id = b.workspace_id
	WHERE m.user_id = (SELECT collab.current_user_id());

CREATE VIEW collab.visible_lists WITH (security_barrier) AS
	SELECT l.board_id, l.id, l.name,
		(row_number() OVER (PARTITION BY l.board_id, l.archived_at IS NULL ORDER BY l.rank, l.id) - 1)::int AS "position",
		l.category, l.wip_limit, l.task_count, l.version, l.created_at, l.updated_at, l.archived_at
	FROM collab.lists l JOIN collab.boards b ON b.id = l.board_id JOIN collab.members m ON m.workspace_id = b.workspace_id
	WHERE m.user_id = (SELECT collab.current_user_id());

CREATE VIEW collab.visible_tasks WITH (security_barrier) AS
	SELECT t.board_id, t.list_id, t.id, t.title, t.description,
		(row_number() OVER (PARTITION BY t.board_id, t.list_id, t.archived_at IS NULL ORDER BY t.rank, t.id) - 1)::int
			AS "position",
		l.category AS status, t.priority, t.start_date, t.due_date, t.completed_at,
		ARRAY(SELECT a.user_id FROM collab.task_assignees a
			WHERE a.board_id = t.board_id AND a.task_id = t.id ORDER BY a.ordinal) AS assignees,
		ARRAY(SELECT label.name FROM collab.task_labels tl
			JOIN collab.labels label ON label.board_id = tl.board_id AND label.id = tl.label_id
			WHERE tl.board_id = t.board_id AND tl.task_id = t.id ORDER BY tl.ordinal) AS labels,
		t.config, t.comments_count, t.version, t.created_by, t.created_at, t.updated_at, t.archived_at
	FROM collab.tasks t JOIN collab.lists l ON l.board_id = t.board_id AND l.id = t.list_id
		JOIN collab.boards b ON b.id = t.board_id JOIN collab.members m ON m.workspace_id = b.workspace_id
	WHERE t.deleted_at IS NULL AND m.user_id = (SELECT collab.current_user_id());

CREATE VIEW collab.visible_comments WITH (security_barrier) AS
	SELECT c.board_id, c.task_id, c.id, c.user_id, u.name AS username, c.text, c.reply_to, c.mentions, c.created_at,
		c.occurred_at, c.edited_at
	FROM collab.comments c JOIN collab.users u ON u.id = c.user_id
		JOIN collab.tasks t ON t.board_id = c.board_id AND t.id = c.task_id
		JOIN collab.boards b ON b.id = c.board_id JOIN collab.members m ON m.workspace_id = b.workspace_id
	WHERE t.deleted_at IS NULL AND m.user_id = (SELECT collab.current_user_id());
-- Who owns what, and who may call what. Nothing is granted to PUBLIC; no role has rights on tables.

-- Each level's functions and views. grant_access grants a level's and those below it, revoke_access takes all.
CREATE FUNCTION collab.access_objects(level text) RETURNS TABLE (object_type text, object_name text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	WITH rights (needed, object_type, object_name) AS (
		SELECT CASE
				WHEN p.proname IN ('current_user_id', 'board_state', 'events_after', 'my_workspaces') THEN 'reader'
				WHEN p.proname IN ('execute', 'run_command', 'create_workspace', 'add_member', 'create_board',
					'import_trello', 'create_list', 'move_list', 'create_task', 'update_task', 'move_task', 'delete_task')
					THEN 'person'
				WHEN p.proname IN ('execute_batch', 'upsert_user', 'room_state', 'room_resume', 'room_events',
					'room_heads', 'room_readers', 'user_workspaces') THEN 'bridge'
				WHEN p.proname IN ('rebuild', 'rebuild_all', 'verify', 'verify_aggregate') THEN 'admin'
			END, 'FUNCTION', p.oid::regprocedure::text
		FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
		WHERE p.pronamespace = 'collab'::regnamespace
		UNION ALL
		SELECT 'reader', 'TABLE', c.oid::regclass::text
		FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
		WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind = 'v'
	)
	SELECT r.object_type, r.object_name FROM rights r
	WHERE r.needed = ANY (CASE access_objects.level
		WHEN 'reader' THEN ARRAY['reader']
		WHEN 'person' THEN ARRAY['reader', 'person']
		WHEN 'application' THEN ARRAY['reader', 'person']
		WHEN 'bridge' THEN ARRAY['bridge']
		WHEN 'admin' THEN ARRAY['reader', 'person', 'admin'] END)
$$;

CREATE FUNCTION collab.revoke_access(role name) RETURNS void
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	DELETE FROM collab.role_users r WHERE r.role = (SELECT p.oid FROM pg_roles p WHERE p.rolname = revoke_access.role)
		OR NOT EXISTS (SELECT FROM pg_roles p WHERE p.oid = r.role);
	IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = revoke_access.role) THEN
		RETURN;
	END IF;
	EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA collab FROM %I', role);
	EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA collab FROM %I', role);
	EXECUTE format('REVOKE ALL ON SCHEMA collab FROM %I', role);
END
$$;

CREATE FUNCTION collab.grant_access(role name, level text, user_id bigint DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	object record;
BEGIN
	IF level IS NULL OR level NOT IN ('reader', 'person', 'application', 'bridge', 'admin') THEN
		RAISE EXCEPTION 'level must be one of reader, person, application, bridge, admin' USING ERRCODE = 'TB004';
	END IF;
	IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = grant_access.role) THEN
		RAISE EXCEPTION 'role "%" does not exist', role USING ERRCODE = 'TB002';
	END IF;
	IF user_id IS NULL AND level IN ('reader', 'person') THEN
		RAISE EXCEPTION 'level % needs the id of the user the role acts as', level USING ERRCODE = 'TB004';
	END IF;
	IF user_id IS NOT NULL AND NOT EXISTS (SELECT FROM collab.users u WHERE u.id = grant_access.user_id) THEN
		RAISE EXCEPTION 'user % does not exist', user_id USING ERRCODE = 'TB002';
	END IF;
	PERFORM collab.revoke_access(role);
	INSERT INTO collab.role_users (role, level, user_id)
		SELECT p.oid, grant_access.level, grant_access.user_id FROM pg_roles p WHERE p.rolname = grant_access.role;
	EXECUTE format('GRANT USAGE ON SCHEMA collab TO %I', role);
	FOR object IN SELECT o.object_type, o.object_name FROM collab.access_objects(level) o LOOP
		EXECUTE format('GRANT %s ON %s %s TO %I', CASE object.object_type WHEN 'TABLE' THEN 'SELECT' ELSE 'EXECUTE' END,
			object.object_type, object.object_name, role);
	END LOOP;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA collab FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA collab FROM PUBLIC;
REVOKE ALL ON SCHEMA collab FROM PUBLIC;
GRANT USAGE ON TYPE collab.workspace_role TO PUBLIC;

DO $$
DECLARE
	object record;
BEGIN
	FOR object IN SELECT c.oid::regclass AS name, c.relkind FROM pg_class c
		WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind IN ('r', 'v')
	LOOP
		EXECUTE format('ALTER %s %s OWNER TO collab_owner', CASE object.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END,
			object.name);
	END LOOP;
	FOR object IN SELECT p.oid::regprocedure AS name FROM pg_proc p WHERE p.pronamespace = 'collab'::regnamespace LOOP
		EXECUTE format('ALTER FUNCTION %s OWNER TO collab_owner', object.name);
	END LOOP;
	ALTER TYPE collab.workspace_role OWNER TO collab_owner;
	ALTER SCHEMA collab OWNER TO collab_owner;
END
$$;
-- What pg_dump takes along: every table and every sequence, whole; but no mapping of a role that is gone, whose number
-- could be another role's elsewhere.
SELECT pg_catalog.pg_extension_config_dump('collab.epochs', '');
SELECT pg_catalog.pg_extension_config_dump('collab.aggregates', '');
SELECT pg_catalog.pg_extension_config_dump('collab.events', '');
SELECT pg_catalog.pg_extension_config_dump('collab.events_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('collab.users', '');
SELECT pg_catalog.pg_extension_config_dump('collab.users_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('collab.role_users',
	'WHERE EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.oid = role)');
SELECT pg_catalog.pg_extension_config_dump('collab.workspaces', '');
SELECT pg_catalog.pg_extension_config_dump('collab.members', '');
SELECT pg_catalog.pg_extension_config_dump('collab.boards', '');
SELECT pg_catalog.pg_extension_config_dump('collab.lists', '');
SELECT pg_catalog.pg_extension_config_dump('collab.tasks', '');
SELECT pg_catalog.pg_extension_config_dump('collab.task_assignees', '');
SELECT pg_catalog.pg_extension_config_dump('collab.labels', '');
SELECT pg_catalog.pg_extension_config_dump('collab.task_labels', '');
SELECT pg_catalog.pg_extension_config_dump('collab.checklists', '');
SELECT pg_catalog.pg_extension_config_dump('collab.checklist_items', '');
SELECT pg_catalog.pg_extension_config_dump('collab.comments', '');
-- What psql shows with \d+, \df+ and \dv+.

COMMENT ON SCHEMA collab IS 'Collaborative boards: the event log, the commands, the read model.';

COMMENT ON TYPE collab.workspace_role IS 'What a member may do in a workspace, in ascending order of rights.';

COMMENT ON TABLE collab.epochs IS 'Databases that this log was written in; transaction ids compare only within one epoch.';
COMMENT ON COLUMN collab.epochs.epoch IS 'Number, ascending with each restore into another database.';
COMMENT ON COLUMN collab.epochs.system_identifier IS 'Of the cluster, as pg_control_system() shows it.';
COMMENT ON COLUMN collab.epochs.database_oid IS 'Of the database within that cluster.';
COMMENT ON COLUMN collab.epochs.started_at IS 'Time of the first append in the epoch.';

COMMENT ON TABLE collab.aggregates IS 'One row per workspace and board: the lock a command takes, and the version counter.';
COMMENT ON COLUMN collab.aggregates.id IS 'The workspace or board.';
COMMENT ON COLUMN collab.aggregates.aggregate_type IS 'workspace or board.';
COMMENT ON COLUMN collab.aggregates.workspace_id IS 'The workspace whose members may act here; its own id for a workspace.';
COMMENT ON COLUMN collab.aggregates.version IS 'Version of the newest event; versions have no gaps.';
COMMENT ON COLUMN collab.aggregates.acl_version IS 'How many of its events changed who may do what.';
COMMENT ON COLUMN collab.aggregates.event_id IS 'The newest event.';
COMMENT ON COLUMN collab.aggregates.event_at IS 'created_at of the newest event.';

COMMENT ON TABLE collab.events IS 'The truth: every change, append-only. Written by commands alone; a restore may COPY into it.';
COMMENT ON COLUMN collab.events.id IS 'Unique; not the order of commits, see epoch and xid.';
COMMENT ON COLUMN collab.events.aggregate_id IS 'The workspace or board that changed.';
COMMENT ON COLUMN collab.events.aggregate_type IS 'workspace or board.';
COMMENT ON COLUMN collab.events.event_type IS 'TaskMoved and so on; TASK_MOVED and task.moved on the wire.';
COMMENT ON COLUMN collab.events.event_data IS 'What changed. "ranks" is how the log keeps the order and never leaves the database; "occurred_at" is the original time of something imported.';
COMMENT ON COLUMN collab.events.user_id IS 'Who did it.';
COMMENT ON COLUMN collab.events.version IS 'Position in the aggregate''s stream, from 1, without gaps.';
COMMENT ON COLUMN collab.events.created_at IS 'When it was appended.';
COMMENT ON COLUMN collab.events.command_id IS 'The client''s id of the command, on the first event that the command made here.';
COMMENT ON COLUMN collab.events.command_hash IS 'SHA-256 of the command''s type and payload: the same id with other content is refused.';
COMMENT ON COLUMN collab.events.acl_version IS 'State of rights it was committed under: the board''s changes of rights plus the workspace''s.';
COMMENT ON COLUMN collab.events.schema_version IS 'Version of event_data''s form for this event_type.';
COMMENT ON COLUMN collab.events.xid IS 'The transaction; with epoch and id the order that readers of the whole log go by.';
COMMENT ON COLUMN collab.events.epoch IS 'Which database''s transaction ids xid belongs to.';
COMMENT ON SEQUENCE collab.events_id_seq IS 'Ids of events.';
COMMENT ON TRIGGER events_refuse_change ON collab.events IS 'Refuses UPDATE, DELETE and TRUNCATE for everyone.';
COMMENT ON TRIGGER events_project ON collab.events IS 'Writes the read model in the same transaction; refuses inserts that no command made.';

COMMENT ON TABLE collab.users IS 'People, known by who vouches for them and as whom.';
COMMENT ON COLUMN collab.users.id IS 'The number used everywhere else.';
COMMENT ON COLUMN collab.users.issuer IS 'iss of the token; "trello" for placeholders of imported boards, who cannot log in.';
COMMENT ON COLUMN collab.users.subject IS 'sub of the token: the issuer''s own id of the person.';
COMMENT ON COLUMN collab.users.name IS 'Shown to others; kept current from the token.';
COMMENT ON COLUMN collab.users.handle IS 'Unique short name, made from the name; what @mentions use.';
COMMENT ON COLUMN collab.users.avatar IS 'Address of a picture, or null.';
COMMENT ON COLUMN collab.users.created_at IS 'First seen.';
COMMENT ON COLUMN collab.users.updated_at IS 'Name or avatar last changed.';
COMMENT ON COLUMN collab.users.deactivated_at IS 'Since then the user cannot act; null: can.';
COMMENT ON SEQUENCE collab.users_id_seq IS 'Ids of users.';

COMMENT ON TABLE collab.role_users IS 'Which database role may do what, and as which user. Written by grant_access and revoke_access.';
COMMENT ON COLUMN collab.role_users.role IS 'The login role, or the role it has SET.';
COMMENT ON COLUMN collab.role_users.level IS 'reader, person, application, bridge or admin.';
COMMENT ON COLUMN collab.role_users.user_id IS 'The user it acts as by default.';

COMMENT ON TABLE collab.workspaces IS 'Read model: workspaces.';
COMMENT ON COLUMN collab.workspaces.id IS 'The workspace.';
COMMENT ON COLUMN collab.workspaces.name IS 'Name, 1 to 100 characters.';
COMMENT ON COLUMN collab.workspaces.description IS 'Description, may be empty.';
COMMENT ON COLUMN collab.workspaces.owner_id IS 'The user who owns it.';
COMMENT ON COLUMN collab.workspaces.version IS 'Version of the newest event.';
COMMENT ON COLUMN collab.workspaces.created_at IS 'When it was created.';
COMMENT ON COLUMN collab.workspaces.updated_at IS 'When it last changed.';

COMMENT ON TABLE collab.members IS 'Read model: who belongs to a workspace, and as what.';
COMMENT ON COLUMN collab.members.workspace_id IS 'The workspace.';
COMMENT ON COLUMN collab.members.user_id IS 'The member.';
COMMENT ON COLUMN collab.members.role IS 'The member''s role.';
COMMENT ON COLUMN collab.members.created_at IS 'Member since.';

COMMENT ON TABLE collab.boards IS 'Read model: boards.';
COMMENT ON COLUMN collab.boards.id IS 'The board.';
COMMENT ON COLUMN collab.boards.workspace_id IS 'The workspace it belongs to.';
COMMENT ON COLUMN collab.boards.name IS 'Name, 1 to 100 characters.';
COMMENT ON COLUMN collab.boards.description IS 'Description, may be empty.';
COMMENT ON COLUMN collab.boards.owner_id IS 'The user who created it.';
COMMENT ON COLUMN collab.boards.visibility IS 'workspace: all members see it.';
COMMENT ON COLUMN collab.boards.settings IS 'conflict_policy and what else a board can choose.';
COMMENT ON COLUMN collab.boards.version IS 'Version of the newest event.';
COMMENT ON COLUMN collab.boards.created_at IS 'When it was created.';
COMMENT ON COLUMN collab.boards.updated_at IS 'When anything on it last changed.';

COMMENT ON TABLE collab.lists IS 'Read model: lists of boards.';
COMMENT ON COLUMN collab.lists.board_id IS 'The board.';
COMMENT ON COLUMN collab.lists.id IS 'The list.';
COMMENT ON COLUMN collab.lists.name IS 'Name, 1 to 100 characters.';
COMMENT ON COLUMN collab.lists.rank IS 'Order on the board; positions are counted from it.';
COMMENT ON COLUMN collab.lists.category IS 'todo, doing or done: the status of its tasks.';
COMMENT ON COLUMN collab.lists.wip_limit IS 'Most open tasks it takes; null: no limit.';
COMMENT ON COLUMN collab.lists.task_count IS 'Its tasks that are neither archived nor deleted.';
COMMENT ON COLUMN collab.lists.version IS 'Board version of the last change to the list itself.';
COMMENT ON COLUMN collab.lists.created_at IS 'When it was created.';
COMMENT ON COLUMN collab.lists.updated_at IS 'When it last changed itself.';
COMMENT ON COLUMN collab.lists.archived_at IS 'Archived since; null: not.';

COMMENT ON TABLE collab.tasks IS 'Read model: tasks. A deleted task keeps its row as a tombstone.';
COMMENT ON COLUMN collab.tasks.board_id IS 'The board.';
COMMENT ON COLUMN collab.tasks.id IS 'The task.';
COMMENT ON COLUMN collab.tasks.list_id IS 'The list it is in.';
COMMENT ON COLUMN collab.tasks.title IS 'Title, 1 to 500 characters.';
COMMENT ON COLUMN collab.tasks.description IS 'Markdown, to 64 KB.';
COMMENT ON COLUMN collab.tasks.rank IS 'Order in the list; positions are counted from it.';
COMMENT ON COLUMN collab.tasks.priority IS 'low, medium, high, urgent, or null.';
COMMENT ON COLUMN collab.tasks.start_date IS 'Start, or null.';
COMMENT ON COLUMN collab.tasks.due_date IS 'Due, or null.';
COMMENT ON COLUMN collab.tasks.completed_at IS 'Completed since; null: not completed.';
COMMENT ON COLUMN collab.tasks.config IS 'The users'' own data, an object to 64 KB.';
COMMENT ON COLUMN collab.tasks.comments_count IS 'Number of its comments.';
COMMENT ON COLUMN collab.tasks.version IS 'Board version of the last change to the task itself; conflicts go by it.';
COMMENT ON COLUMN collab.tasks.created_by IS 'Who created it.';
COMMENT ON COLUMN collab.tasks.created_at IS 'When it was created here.';
COMMENT ON COLUMN collab.tasks.updated_at IS 'When it last changed itself.';
COMMENT ON COLUMN collab.tasks.archived_at IS 'Archived since; null: not.';
COMMENT ON COLUMN collab.tasks.deleted_at IS 'Deleted since; null: not.';

COMMENT ON TABLE collab.task_assignees IS 'Read model: who a task is assigned to.';
COMMENT ON COLUMN collab.task_assignees.board_id IS 'The board.';
COMMENT ON COLUMN collab.task_assignees.task_id IS 'The task.';
COMMENT ON COLUMN collab.task_assignees.user_id IS 'The assignee.';
COMMENT ON COLUMN collab.task_assignees.ordinal IS 'Order, from 1; the first is assigned_to.';

COMMENT ON TABLE collab.labels IS 'Read model: labels of boards.';
COMMENT ON COLUMN collab.labels.board_id IS 'The board.';
COMMENT ON COLUMN collab.labels.id IS 'The label.';
COMMENT ON COLUMN collab.labels.name IS 'Name, may be empty.';
COMMENT ON COLUMN collab.labels.color IS 'Name of a colour, or none.';
COMMENT ON COLUMN collab.labels.created_at IS 'When it was created.';

COMMENT ON TABLE collab.task_labels IS 'Read model: the labels of tasks.';
COMMENT ON COLUMN collab.task_labels.board_id IS 'The board.';
COMMENT ON COLUMN collab.task_labels.task_id IS 'The task.';
COMMENT ON COLUMN collab.task_labels.label_id IS 'The label.';
COMMENT ON COLUMN collab.task_labels.ordinal IS 'Order, from 1.';

COMMENT ON TABLE collab.checklists IS 'Read model: checklists of tasks.';
COMMENT ON COLUMN collab.checklists.board_id IS 'The board.';
COMMENT ON COLUMN collab.checklists.id IS 'The checklist.';
COMMENT ON COLUMN collab.checklists.task_id IS 'The task.';
COMMENT ON COLUMN collab.checklists.name IS 'Name, 1 to 100 characters.';
COMMENT ON COLUMN collab.checklists.rank IS 'Order on the task.';
COMMENT ON COLUMN collab.checklists.created_at IS 'When it was created here.';

COMMENT ON TABLE collab.checklist_items IS 'Read model: items of checklists.';
COMMENT ON COLUMN collab.checklist_items.board_id IS 'The board.';
COMMENT ON COLUMN collab.checklist_items.id IS 'The item.';
COMMENT ON COLUMN collab.checklist_items.checklist_id IS 'The checklist.';
COMMENT ON COLUMN collab.checklist_items.text IS 'What is to be done, 1 to 500 characters.';
COMMENT ON COLUMN collab.checklist_items.rank IS 'Order in the checklist.';
COMMENT ON COLUMN collab.checklist_items.checked IS 'Whether it is done.';
COMMENT ON COLUMN collab.checklist_items.due_date IS 'Due, or null.';
COMMENT ON COLUMN collab.checklist_items.assigned_to IS 'Who does it, or null.';

COMMENT ON TABLE collab.comments IS 'Read model: comments on tasks.';
COMMENT ON COLUMN collab.comments.board_id IS 'The board.';
COMMENT ON COLUMN collab.comments.id IS 'The comment.';
COMMENT ON COLUMN collab.comments.task_id IS 'The task.';
COMMENT ON COLUMN collab.comments.user_id IS 'Who wrote it.';
COMMENT ON COLUMN collab.comments.text IS 'Markdown, to 16 KB.';
COMMENT ON COLUMN collab.comments.reply_to IS 'The comment it answers, or null.';
COMMENT ON COLUMN collab.comments.mentions IS 'The users it names with @handle.';
COMMENT ON COLUMN collab.comments.created_at IS 'When it was written here.';
COMMENT ON COLUMN collab.comments.occurred_at IS 'When it was first written, for an imported one; else created_at.';
COMMENT ON COLUMN collab.comments.edited_at IS 'When it was last edited, or null.';

COMMENT ON VIEW collab.visible_workspaces IS 'The workspaces of the session''s user, with the user''s role.';
COMMENT ON VIEW collab.visible_members IS 'The members of the workspaces of the session''s user.';
COMMENT ON VIEW collab.visible_boards IS 'The boards that the session''s user can see.';
COMMENT ON VIEW collab.visible_lists IS 'Their lists; position counts open and archived ones apart.';
COMMENT ON VIEW collab.visible_tasks IS 'Their tasks; position counts open and archived ones apart.';
COMMENT ON VIEW collab.visible_comments IS 'The comments on their tasks.';

COMMENT ON FUNCTION collab.current_user_id() IS 'The user this session acts as: collab.user_id where the role may set it, else the user the role was granted. Raises TB009 when there is none.';
COMMENT ON FUNCTION collab.execute(jsonb) IS 'Carries out one command, {"type", "id"?, "payload"}, as the session''s user. Returns the payload of ACK; raises TB001 to TB010. id is a uuid: sent again with the same content, the first result comes back and nothing is written.';
COMMENT ON FUNCTION collab.execute_batch(bigint[], uuid[], text[]) IS 'For bridges: carries out up to 60 commands of the users named, each under the command id given, in one transaction. One row of kind ack, conflict or error per command (body: that message''s payload, an ack''s without "events"), followed by its event rows (body: the message). A refused command leaves the others alone; any other error fails all.';
COMMENT ON FUNCTION collab.run_command(text, jsonb, uuid, int) IS 'What the typed functions call: leaves out null fields, adds version and id, executes.';
COMMENT ON FUNCTION collab.create_workspace(text, text, uuid) IS 'Creates a workspace that the session''s user owns; result.workspace_id is its id.';
COMMENT ON FUNCTION collab.add_member(uuid, bigint, collab.workspace_role, uuid) IS 'Adds a user to a workspace. Needs admin; only an owner gives admin or owner.';
COMMENT ON FUNCTION collab.create_board(uuid, text, text, uuid) IS 'Creates a board with the lists To do, In progress and Done; result.board_id is its id.';
COMMENT ON FUNCTION collab.import_trello(uuid, jsonb, uuid) IS 'Makes a board of a Trello board export. Returns the report: imported (counts), unmapped (what has no place here), notes. A malformed export changes nothing and says where it is wrong.';
COMMENT ON FUNCTION collab.create_list(uuid, text, int, text, int, uuid) IS 'Creates a list at a position from 0 (default: the end), with a category (todo, doing, done; default todo) and a limit of open tasks.';
COMMENT ON FUNCTION collab.move_list(uuid, int, uuid, int) IS 'Moves a list to a position from 0.';
COMMENT ON FUNCTION collab.create_task(uuid, uuid, text, text, int, text, text, text, text[], bigint[], jsonb, uuid) IS 'Creates a task at a position from 0 (default: the end). Dates are RFC 3339; labels are ids or names; assignees are members. result.task_id is its id.';
COMMENT ON FUNCTION collab.update_task(uuid, jsonb, uuid, int) IS 'Changes a task''s fields: title, description, priority, start_date, due_date, assigned_to, assignees, labels, status, config (a merge patch). version: refused with TB001 if the task changed since.';
COMMENT ON FUNCTION collab.move_task(uuid, uuid, int, uuid, uuid, uuid, int) IS 'Moves a task into a list: to a position from 0, before or after another task, or to the end. version: refused with TB001 if the task changed since.';
COMMENT ON FUNCTION collab.delete_task(uuid, uuid, int) IS 'Deletes a task. version: refused with TB001 if the task changed since.';
COMMENT ON FUNCTION collab.board_state(uuid, text) IS 'A board as one document, with its version and the mark to resume from. detail: full, or cards (without descriptions, config, custom fields and checklists).';
COMMENT ON FUNCTION collab.events_after(uuid, int, int) IS 'A board''s events after a version, oldest first, at most max_events (1 to 10000).';
COMMENT ON FUNCTION collab.my_workspaces() IS 'The workspaces of the session''s user, each with the boards he can see.';
COMMENT ON FUNCTION collab.upsert_user(text, text, text, text) IS 'The user of an issuer and subject; made at first sight, name and avatar kept current. No row for a deactivated user.';
COMMENT ON FUNCTION collab.put_user(text, text, text, text, text) IS 'What upsert_user and imports call.';
COMMENT ON FUNCTION collab.handle_from_name(text) IS 'A handle that is not taken, made from a name.';
COMMENT ON FUNCTION collab.room_state(bigint, uuid, text) IS 'For bridges: a board''s document for a user; code not_found when he may not see it.';
COMMENT ON FUNCTION collab.room_resume(bigint, uuid, int, text) IS 'For bridges: whether a client that saw a version, and its event mark, can go on from there.';
COMMENT ON FUNCTION collab.room_events(uuid, int, int) IS 'For bridges: an aggregate''s events after a version as messages of the wire.';
COMMENT ON FUNCTION collab.room_heads(uuid[]) IS 'For bridges: newest version, event mark and rights version of aggregates.';
COMMENT ON FUNCTION collab.room_readers(uuid) IS 'For bridges: the users who may see a board, and the rights version that says so.';
COMMENT ON FUNCTION collab.user_workspaces(bigint) IS 'For bridges: a user''s workspaces, each with the boards he can see, as JSON.';
COMMENT ON FUNCTION collab.role_in(bigint, uuid) IS 'A user''s role in a workspace; null: none.';
COMMENT ON FUNCTION collab.can_read_board(bigint, uuid) IS 'Whether a user may see a board.';
COMMENT ON FUNCTION collab.require_board(uuid) IS 'The board, when the session''s user may see it; raises TB002 otherwise.';
COMMENT ON FUNCTION collab.board_document(uuid, text) IS 'A board as JSON text, for anyone who calls it: the callers check rights.';
COMMENT ON FUNCTION collab.event_body(uuid, int, bigint, timestamptz, bigint, text, text, jsonb, uuid) IS 'An event as a message of the wire''s board dialect.';
COMMENT ON FUNCTION collab.event_mark(bigint, timestamptz) IS 'The mark a client resumes from: an event of this history and no other.';
COMMENT ON FUNCTION collab.json_merge_patch(jsonb, jsonb) IS 'JSON Merge Patch, RFC 7396.';
COMMENT ON FUNCTION collab.rebuild(uuid) IS 'Makes a board''s or workspace''s read model again from its events; returns the version it has then.';
COMMENT ON FUNCTION collab.rebuild_all() IS 'Rebuilds every board and workspace; returns how many. Each stays locked to the end of the transaction: on a busy server call collab.rebuild for one after the other.';
COMMENT ON FUNCTION collab.verify(uuid) IS 'Compares the read model with one rebuilt from the events: one row per board or workspace that differs, none when all is well. Changes nothing. Null: all.';
COMMENT ON FUNCTION collab.verify_aggregate(uuid) IS 'The first difference between one aggregate''s read model and its events, or null.';
COMMENT ON FUNCTION collab.grant_access(name, text, bigint) IS 'Gives a database role a level: reader (the read functions), person (commands too), both as the user given; application (may also SET collab.user_id); bridge; admin (rebuild, verify). Replaces what it had.';
COMMENT ON FUNCTION collab.revoke_access(name) IS 'Takes all of a database role''s rights on collab.';
COMMENT ON FUNCTION collab.access_objects(text) IS 'What a level of grant_access may call and read.';
COMMENT ON FUNCTION collab.events_guard() IS 'Trigger: refuses changes of events.';
COMMENT ON FUNCTION collab.events_project() IS 'Trigger: projects an event, or lets a restore''s COPY through.';
