-- The step from 0.1 to 0.2, first part: what 0.1 has and 0.2 has otherwise. The fragments from 31 on follow.
\echo Use "ALTER EXTENSION collab UPDATE TO '0.2'" to load this file. \quit

-- Views and functions are made anew, but for the triggers'; who may call them is granted again at the end.
DO $$
DECLARE
	object record;
BEGIN
	FOR object IN SELECT c.oid::regclass AS name FROM pg_catalog.pg_class c
		WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind = 'v'
	LOOP
		EXECUTE pg_catalog.format('DROP VIEW %s', object.name);
	END LOOP;
	FOR object IN SELECT p.oid::regprocedure AS name FROM pg_catalog.pg_proc p
		JOIN pg_catalog.pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
		WHERE p.pronamespace = 'collab'::regnamespace AND p.proname NOT IN ('events_guard', 'events_project')
	LOOP
		EXECUTE pg_catalog.format('DROP FUNCTION %s', object.name);
	END LOOP;
END
$$;

ALTER TABLE collab.workspaces
	ADD COLUMN personal boolean NOT NULL DEFAULT false,
	ADD COLUMN default_board_id uuid,
	ADD COLUMN entity_version int NOT NULL DEFAULT 1,
	ADD COLUMN deleted_at timestamptz;
ALTER TABLE collab.boards
	ADD COLUMN entity_version int NOT NULL DEFAULT 1,
	ADD COLUMN archived_at timestamptz,
	ADD COLUMN deleted_at timestamptz;
ALTER TABLE collab.tasks
	ADD COLUMN cover jsonb,
	ADD COLUMN custom_fields jsonb NOT NULL DEFAULT '{}',
	ADD COLUMN attachments_count int NOT NULL DEFAULT 0,
	ADD COLUMN search tsvector GENERATED ALWAYS AS (pg_catalog.to_tsvector('pg_catalog.simple', title || ' ' || description)) STORED;
ALTER TABLE collab.labels
	ADD COLUMN version int NOT NULL DEFAULT 1,
	ADD COLUMN deleted_at timestamptz;
ALTER TABLE collab.checklists
	ADD COLUMN version int NOT NULL DEFAULT 1,
	ADD COLUMN deleted_at timestamptz;
ALTER TABLE collab.checklist_items
	ADD COLUMN task_id uuid,
	ADD COLUMN version int NOT NULL DEFAULT 1,
	ADD COLUMN deleted_at timestamptz;
UPDATE collab.checklist_items AS i SET task_id = c.task_id FROM collab.checklists AS c
	WHERE c.board_id = i.board_id AND c.id = i.checklist_id;
ALTER TABLE collab.checklist_items ALTER COLUMN task_id SET NOT NULL;
ALTER TABLE collab.comments
	ADD COLUMN version int NOT NULL DEFAULT 1,
	ADD COLUMN deleted_at timestamptz,
	ADD COLUMN search tsvector GENERATED ALWAYS AS (pg_catalog.to_tsvector('pg_catalog.simple', text)) STORED;
ALTER TABLE collab.epochs
	ADD COLUMN timeline int;
ALTER TABLE collab.role_users
	DROP CONSTRAINT role_users_level_check,
	ADD CONSTRAINT role_users_level_check CHECK (level IN ('reader', 'person', 'application', 'bridge', 'consumer', 'admin'));
-- The rest of the read model: what came with 0.2. Everything from here on is what the step from 0.1 makes, too.

-- Deleted things keep their rows as tombstones, so that a resent command finds its board by their ids.
CREATE INDEX labels_id_idx ON collab.labels (id);
CREATE INDEX checklists_id_idx ON collab.checklists (id);
CREATE INDEX checklist_items_id_idx ON collab.checklist_items (id);
CREATE INDEX comments_id_idx ON collab.comments (id);
CREATE UNIQUE INDEX workspaces_personal_key ON collab.workspaces (owner_id) WHERE personal;

-- Who sees a private board besides the workspace's owners and admins.
CREATE TABLE collab.board_members (
	board_id uuid NOT NULL,
	user_id bigint NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (board_id, user_id)
);

CREATE TABLE collab.custom_fields (
	board_id uuid NOT NULL,
	id uuid NOT NULL,
	name text NOT NULL,
	kind text NOT NULL CHECK (kind IN ('text', 'number', 'date', 'choice', 'checkbox')),
	options jsonb NOT NULL,
	version int NOT NULL,
	created_at timestamptz NOT NULL,
	deleted_at timestamptz,
	PRIMARY KEY (board_id, id)
);
CREATE INDEX custom_fields_id_idx ON collab.custom_fields (id);

CREATE TABLE collab.task_dependencies (
	board_id uuid NOT NULL,
	task_id uuid NOT NULL,
	blocked_by uuid NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (board_id, task_id, blocked_by)
);
CREATE INDEX task_dependencies_blocked_by_idx ON collab.task_dependencies (board_id, blocked_by);

-- A link has a url; a file has content_type, size and sha256, its bytes are in collab.uploads.
CREATE TABLE collab.attachments (
	board_id uuid NOT NULL,
	id uuid NOT NULL,
	task_id uuid NOT NULL,
	user_id bigint NOT NULL,
	name text NOT NULL,
	url text,
	content_type text,
	size bigint,
	sha256 text,
	upload_id uuid,
	version int NOT NULL,
	created_at timestamptz NOT NULL,
	deleted_at timestamptz,
	PRIMARY KEY (board_id, id)
);
CREATE INDEX attachments_id_idx ON collab.attachments (id);
CREATE INDEX attachments_task_idx ON collab.attachments (board_id, task_id);

CREATE TABLE collab.invites (
	workspace_id uuid NOT NULL,
	id uuid NOT NULL,
	role collab.workspace_role NOT NULL,
	token_hash text COLLATE "C" NOT NULL,
	expires_at timestamptz,
	max_uses int CHECK (max_uses > 0),
	uses int NOT NULL DEFAULT 0,
	created_by bigint NOT NULL,
	created_at timestamptz NOT NULL,
	revoked_at timestamptz,
	PRIMARY KEY (workspace_id, id)
);
CREATE INDEX invites_id_idx ON collab.invites (id);
CREATE UNIQUE INDEX invites_token_key ON collab.invites (token_hash);
-- Functions: the frame's entry points, the readers, the bridge's readers. Each runs as its owner with a pinned
-- search_path; who may call which is in 70_access.sql.

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
-- Users: handles, names kept current, the personal workspace.

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

-- Every user has a workspace of his own, made with him. The command's id follows from the user's: it is made once.
CREATE FUNCTION collab.make_personal_workspace(user_id bigint) RETURNS jsonb
	LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.execute_as(user_id, jsonb_build_object('type', 'CREATE_WORKSPACE', 'id', md5('personal ' || user_id)::uuid,
		'payload', jsonb_build_object('name', 'Personal', 'personal', true)))
$$;
COMMENT ON FUNCTION collab.make_personal_workspace IS 'Makes a user''s personal workspace, once; for upsert_user.';

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
			IF put_user.issuer NOT IN ('trello', 'collab-import') THEN
				PERFORM collab.make_personal_workspace(found_id);
			END IF;
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
	IF issuer IN ('trello', 'collab-import') THEN
		RAISE EXCEPTION 'issuer "%" is kept for imported placeholders', issuer USING ERRCODE = 'TB004',
			HINT = 'Use the issuer of your identity provider.';
	END IF;
	known_id := collab.put_user(issuer, subject, name, picture, NULL);
	-- One who was deactivated when 0.1 became 0.2, and is back.
	IF NOT EXISTS (SELECT FROM collab.workspaces w WHERE w.owner_id = known_id AND w.personal)
			AND EXISTS (SELECT FROM collab.users u WHERE u.id = known_id AND u.deactivated_at IS NULL) THEN
		PERFORM collab.make_personal_workspace(known_id);
	END IF;
	RETURN QUERY SELECT u.id, u.name, u.handle, u.avatar FROM collab.users u
		WHERE u.id = known_id AND u.deactivated_at IS NULL;
END
$$;

-- Announced, so that bridges close the user's connections. It is a hint: the database refuses the user from the commit on.
CREATE FUNCTION collab.announce_user(user_id bigint, deactivated boolean) RETURNS void
	LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT pg_notify('collab:control', jsonb_build_object('user_id', user_id, 'deactivated', deactivated)::text)
$$;
COMMENT ON FUNCTION collab.announce_user IS 'Tells every bridge that a user was deactivated or reactivated.';

CREATE FUNCTION collab.set_deactivated(user_id bigint, deactivated boolean) RETURNS boolean
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	was_deactivated boolean;
BEGIN
	SELECT u.deactivated_at IS NOT NULL INTO was_deactivated FROM collab.users u WHERE u.id = set_deactivated.user_id FOR NO KEY UPDATE;
	IF was_deactivated IS NULL THEN
		RAISE EXCEPTION 'user % does not exist', coalesce(user_id::text, 'null') USING ERRCODE = 'TB002';
	END IF;
	IF was_deactivated = deactivated THEN
		RETURN false;
	END IF;
	UPDATE collab.users u SET deactivated_at = CASE WHEN deactivated THEN clock_timestamp() END, updated_at = clock_timestamp()
		WHERE u.id = set_deactivated.user_id;
	-- One who was deactivated when 0.1 became 0.2, and is back.
	IF NOT deactivated AND NOT EXISTS (SELECT FROM collab.workspaces w WHERE w.owner_id = set_deactivated.user_id AND w.personal)
			AND EXISTS (SELECT FROM collab.users u WHERE u.id = set_deactivated.user_id AND u.issuer NOT IN ('trello', 'collab-import')) THEN
		PERFORM collab.make_personal_workspace(user_id);
	END IF;
	PERFORM collab.announce_user(user_id, deactivated);
	RETURN true;
END
$$;
COMMENT ON FUNCTION collab.set_deactivated IS 'What deactivate_user and reactivate_user share.';

CREATE FUNCTION collab.deactivate_user(user_id bigint) RETURNS boolean
	LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.set_deactivated(user_id, true)
$$;
COMMENT ON FUNCTION collab.deactivate_user IS 'From now on the user can do and see nothing; memberships and assignments stay. False: was deactivated already.';

CREATE FUNCTION collab.reactivate_user(user_id bigint) RETURNS boolean
	LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.set_deactivated(user_id, false)
$$;
COMMENT ON FUNCTION collab.reactivate_user IS 'The user can act and see again, as before the deactivation. False: was not deactivated.';
-- What the database knows and tells nobody: keys that tokens follow from. Made at their first use, dumped with the rest.
CREATE TABLE collab.secrets (
	name text PRIMARY KEY,
	value bytea NOT NULL CHECK (pg_catalog.length(value) >= 32)
);
COMMENT ON TABLE collab.secrets IS 'Keys that tokens follow from; readable by the owner alone. Whoever has them can make any invite''s token.';
COMMENT ON COLUMN collab.secrets.name IS 'What it is for: invites.';
COMMENT ON COLUMN collab.secrets.value IS 'Random bytes.';
-- Presence: who is online, and on which board. Written by bridges through these functions, lost in a crash and made again
-- by what the bridges say next: unlogged but for the time each user was last seen, which outlives them.

CREATE UNLOGGED TABLE collab.bridges (
	id uuid PRIMARY KEY,
	name text NOT NULL,
	started_at timestamptz NOT NULL,
	seen_at timestamptz NOT NULL
);
COMMENT ON TABLE collab.bridges IS 'Bridges that serve this database. One not seen for a minute is dead: its rows count for nothing.';
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
COMMENT ON COLUMN collab.connections.last_seen IS 'When the bridge last said that it is alive; a minute later it counts for nothing.';

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
	SELECT clock_timestamp() - interval '60 seconds'
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

-- Connections first: who is just joining a board holds that row, and is seen by the statement after it.
CREATE FUNCTION collab.forget_bridges(bridge_ids uuid[]) RETURNS void
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	left_boards uuid[];
BEGIN
	WITH removed AS (DELETE FROM collab.connections c WHERE c.bridge_id = ANY (bridge_ids) RETURNING c.user_id, c.last_seen)
		INSERT INTO collab.last_seen AS l (user_id, seen_at)
			SELECT r.user_id, max(r.last_seen) FROM removed r GROUP BY r.user_id ORDER BY r.user_id
			ON CONFLICT (user_id) DO UPDATE SET seen_at = excluded.seen_at WHERE l.seen_at < excluded.seen_at;
	WITH removed AS (DELETE FROM collab.room_members r WHERE r.bridge_id = ANY (bridge_ids) RETURNING r.board_id)
		SELECT array_agg(board_id) INTO left_boards FROM removed;
	DELETE FROM collab.bridges b WHERE b.id = ANY (bridge_ids);
	PERFORM collab.announce_presence(left_boards);
END
$$;
COMMENT ON FUNCTION collab.forget_bridges IS 'Removes bridges with their connections, and tells the boards they had joined.';

-- Whose row is being written is alive: those are skipped, and nobody waits. A bridge that was removed and still said something
-- before it said that it is alive has connections and no row.
CREATE FUNCTION collab.bridge_alive(bridge_id uuid, name text) RETURNS void
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
COMMENT ON FUNCTION collab.bridge_alive IS 'For bridges, every 20 seconds or so: this bridge is alive; those not seen for a minute are removed.';

CREATE FUNCTION collab.bridge_gone(bridge_id uuid) RETURNS void
	LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.forget_bridges(ARRAY[bridge_id])
$$;
COMMENT ON FUNCTION collab.bridge_gone IS 'For bridges: this one ends, and its connections with it.';

CREATE FUNCTION collab.connection_opened(bridge_id uuid, connection_id uuid, user_id bigint) RETURNS void
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM collab.users u WHERE u.id = connection_opened.user_id AND u.deactivated_at IS NULL) THEN
		RAISE EXCEPTION 'user % does not exist or is deactivated', coalesce(user_id::text, 'null') USING ERRCODE = 'TB009';
	END IF;
	INSERT INTO collab.connections AS c (bridge_id, connection_id, user_id, connected_at, last_seen)
		VALUES (connection_opened.bridge_id, connection_opened.connection_id, connection_opened.user_id, clock_timestamp(), clock_timestamp())
		ON CONFLICT ON CONSTRAINT connections_pkey DO UPDATE SET user_id = excluded.user_id, last_seen = excluded.last_seen;
	PERFORM collab.note_last_seen(ARRAY[connection_opened.user_id], clock_timestamp(), interval '0');
END
$$;
COMMENT ON FUNCTION collab.connection_opened IS 'For bridges: a user has connected. Said again, it is known already.';

CREATE FUNCTION collab.connection_closed(bridge_id uuid, connection_id uuid) RETURNS void
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	left_boards uuid[];
	closed_user bigint;
BEGIN
	DELETE FROM collab.connections c WHERE c.bridge_id = connection_closed.bridge_id AND c.connection_id = connection_closed.connection_id
		RETURNING c.user_id INTO closed_user;
	IF closed_user IS NOT NULL THEN
		PERFORM collab.note_last_seen(ARRAY[closed_user], clock_timestamp(), interval '0');
	END IF;
	WITH removed AS (DELETE FROM collab.room_members r WHERE r.bridge_id = connection_closed.bridge_id
			AND r.connection_id = connection_closed.connection_id RETURNING r.board_id)
		SELECT array_agg(board_id) INTO left_boards FROM removed;
	PERFORM collab.announce_presence(left_boards);
END
$$;
COMMENT ON FUNCTION collab.connection_closed IS 'For bridges: a connection has ended, and left the boards it had joined.';

CREATE FUNCTION collab.connection_seen(bridge_id uuid, connection_ids uuid[]) RETURNS SETOF uuid
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
COMMENT ON FUNCTION collab.connection_seen IS 'For bridges, every 20 seconds or so: these connections are alive. Returns those it does not know (after a crash): open them and join their boards again.';

CREATE FUNCTION collab.room_joined(bridge_id uuid, connection_id uuid, board_id uuid) RETURNS boolean
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	joining_user bigint;
BEGIN
	SELECT c.user_id INTO joining_user FROM collab.connections c
		WHERE c.bridge_id = room_joined.bridge_id AND c.connection_id = room_joined.connection_id FOR KEY SHARE;
	IF joining_user IS NULL THEN
		RETURN false;
	END IF;
	IF board_id IS NULL OR NOT collab.can_read_board(joining_user, board_id) THEN
		RAISE EXCEPTION 'board not found or access denied' USING ERRCODE = 'TB002';
	END IF;
	INSERT INTO collab.room_members (board_id, bridge_id, connection_id, joined_at)
		VALUES (room_joined.board_id, room_joined.bridge_id, room_joined.connection_id, clock_timestamp())
		ON CONFLICT DO NOTHING;
	IF FOUND THEN
		PERFORM collab.announce_presence(ARRAY[room_joined.board_id]);
	END IF;
	RETURN true;
END
$$;
COMMENT ON FUNCTION collab.room_joined IS 'For bridges: a connection has joined a board. False: the connection is not known, open it again.';

CREATE FUNCTION collab.room_left(bridge_id uuid, connection_id uuid, board_id uuid) RETURNS void
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	DELETE FROM collab.room_members r WHERE r.board_id = room_left.board_id AND r.bridge_id = room_left.bridge_id
		AND r.connection_id = room_left.connection_id;
	IF FOUND THEN
		PERFORM collab.announce_presence(ARRAY[room_left.board_id]);
	END IF;
END
$$;
COMMENT ON FUNCTION collab.room_left IS 'For bridges: a connection has left a board.';

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
-- Files: uploaded first, then attached to a task by their uploader. Operational: no event makes the bytes, a rebuild leaves
-- them alone; the event of the attachment says what they are.

CREATE TABLE collab.uploads (
	id uuid PRIMARY KEY,
	user_id bigint NOT NULL,
	name text NOT NULL,
	content_type text NOT NULL,
	size bigint NOT NULL,
	sha256 text COLLATE "C" NOT NULL,
	content bytea NOT NULL,
	created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	attached_at timestamptz
);
-- Most files are compressed already.
ALTER TABLE collab.uploads ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE INDEX uploads_unattached_idx ON collab.uploads (user_id) WHERE attached_at IS NULL;
CREATE INDEX attachments_upload_idx ON collab.attachments (upload_id) WHERE upload_id IS NOT NULL;
COMMENT ON TABLE collab.uploads IS 'The bytes of uploaded files. Operational: written by collab.upload, deleted by collab.clean_uploads.';
COMMENT ON COLUMN collab.uploads.id IS 'What ADD_ATTACHMENT names.';
COMMENT ON COLUMN collab.uploads.user_id IS 'Who uploaded it: the only one who can attach it.';
COMMENT ON COLUMN collab.uploads.name IS 'Name of the file as it was uploaded.';
COMMENT ON COLUMN collab.uploads.content_type IS 'Its type, one of those allowed; the bytes begin as it says.';
COMMENT ON COLUMN collab.uploads.size IS 'Bytes.';
COMMENT ON COLUMN collab.uploads.sha256 IS 'SHA-256 of the bytes, hexadecimal.';
COMMENT ON COLUMN collab.uploads.content IS 'The bytes.';
COMMENT ON COLUMN collab.uploads.created_at IS 'When it was uploaded.';
COMMENT ON COLUMN collab.uploads.attached_at IS 'When it was attached to a task; null: not yet, and deleted after a day.';

CREATE FUNCTION collab.put_upload(user_id bigint, id uuid, name text, content bytea, content_type text) RETURNS uuid
	LANGUAGE c VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_put_upload';
COMMENT ON FUNCTION collab.put_upload IS 'Keeps a file for a user, under an id or a random one; what the other functions of uploads call.';

CREATE FUNCTION collab.upload(name text, content bytea, content_type text) RETURNS uuid
	LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.put_upload(collab.current_user_id(), NULL, name, content, content_type)
$$;
COMMENT ON FUNCTION collab.upload IS 'Uploads a file for the session''s user; the id is for ADD_ATTACHMENT.';

CREATE FUNCTION collab.user_upload(user_id bigint, name text, content bytea, content_type text) RETURNS uuid
	LANGUAGE sql VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.put_upload(user_id, NULL, name, content, content_type)
$$;
COMMENT ON FUNCTION collab.user_upload IS 'For bridges: uploads a file for a user.';

-- Sent again under the same command id it names the same upload, so that the command is the same, too.
CREATE FUNCTION collab.attach_file(task_id uuid, name text, content bytea, content_type text, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('ADD_ATTACHMENT', jsonb_build_object('task_id', task_id, 'name', name, 'upload_id',
		collab.put_upload(actor.id,
			left(encode(sha256(convert_to(actor.id || ' attach_file ' || command_id, 'UTF8')), 'hex'), 32)::uuid,
			name, content, content_type)), command_id, NULL)
	FROM (SELECT collab.current_user_id()) AS actor (id)
$$;
COMMENT ON FUNCTION collab.attach_file IS 'Uploads a file and attaches it to a task.';

CREATE FUNCTION collab.user_attachment_content(user_id bigint, attachment_id uuid)
	RETURNS TABLE (name text, content_type text, size bigint, sha256 text, content bytea)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN QUERY
		SELECT a.name, u.content_type, u.size, u.sha256, u.content
		FROM collab.attachments a JOIN collab.uploads u ON u.id = a.upload_id
			JOIN collab.tasks t ON t.board_id = a.board_id AND t.id = a.task_id
		WHERE a.id = user_attachment_content.attachment_id AND a.deleted_at IS NULL AND t.deleted_at IS NULL
			AND collab.can_read_board(user_attachment_content.user_id, a.board_id);
	IF NOT FOUND THEN
		RAISE EXCEPTION 'file not found or access denied' USING ERRCODE = 'TB002',
			HINT = 'An attachment that is a link has no content here.';
	END IF;
END
$$;
COMMENT ON FUNCTION collab.user_attachment_content IS 'For bridges: the file that a user finds attached; code TB002 when there is none for him to see.';

CREATE FUNCTION collab.attachment_content(attachment_id uuid)
	RETURNS TABLE (name text, content_type text, size bigint, sha256 text, content bytea)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT * FROM collab.user_attachment_content(collab.current_user_id(), attachment_id)
$$;
COMMENT ON FUNCTION collab.attachment_content IS 'The file that is attached; raises TB002 for one that is removed, is a link, or is not the session''s user''s to see.';

-- What nobody attached; what was attached and removed long ago; what was attached on a board that is purged since.
CREATE FUNCTION collab.clean_uploads(older_than interval DEFAULT '1 day', removed_for interval DEFAULT '30 days')
	RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	cleaned bigint;
BEGIN
	IF older_than IS NULL OR older_than < '0' OR removed_for IS NULL OR removed_for < '0' THEN
		RAISE EXCEPTION 'older_than and removed_for must be intervals that are not negative' USING ERRCODE = 'TB004';
	END IF;
	DELETE FROM collab.uploads u
		WHERE u.attached_at IS NULL AND u.created_at < clock_timestamp() - older_than
			OR u.attached_at < clock_timestamp() - removed_for AND NOT EXISTS (SELECT FROM collab.attachments a
				WHERE a.upload_id = u.id AND (a.deleted_at IS NULL OR a.deleted_at >= clock_timestamp() - removed_for));
	GET DIAGNOSTICS cleaned = ROW_COUNT;
	RETURN cleaned;
END
$$;
COMMENT ON FUNCTION collab.clean_uploads IS 'Deletes files that nobody attached for older_than, and those whose attachment has been gone for removed_for; returns how many.';
-- Reading workspaces.

CREATE FUNCTION collab.workspace_document(workspace_id uuid) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT jsonb_build_object('id', w.id, 'name', w.name, 'description', w.description, 'owner_id', w.owner_id, 'personal', w.personal,
		'default_board_id', w.default_board_id, 'members', (
			SELECT coalesce(jsonb_agg(jsonb_build_object('user_id', p.user_id, 'username', p.username, 'handle', p.handle, 'avatar', p.avatar,
				'role', p.role, 'online', p.online,
				'last_seen', to_char(p.last_seen AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) ORDER BY p.username, p.user_id), '[]')
			FROM collab.workspace_people(w.id) p),
		'version', w.version)
	FROM collab.workspaces w WHERE w.id = workspace_document.workspace_id AND w.deleted_at IS NULL
$$;
COMMENT ON FUNCTION collab.workspace_document IS 'A workspace with its members, whoever asks; for what checks that.';

CREATE FUNCTION collab.workspace_state(workspace_id uuid) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.workspace_document(collab.require_workspace(workspace_state.workspace_id))
$$;
COMMENT ON FUNCTION collab.workspace_state IS 'A workspace as one document, with its members and who of them is online.';

CREATE FUNCTION collab.workspace_invites(workspace_id uuid)
	RETURNS TABLE (id uuid, role collab.workspace_role, expires_at timestamptz, max_uses int, uses int, created_by bigint,
		created_at timestamptz, revoked_at timestamptz)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	own_role collab.workspace_role := collab.role_in(collab.current_user_id(), collab.require_workspace(workspace_id));
BEGIN
	IF own_role < 'admin' THEN
		RAISE EXCEPTION 'seeing invites needs the role admin, yours is %', own_role USING ERRCODE = 'TB003';
	END IF;
	RETURN QUERY SELECT i.id, i.role, i.expires_at, i.max_uses, i.uses, i.created_by, i.created_at, i.revoked_at
		FROM collab.invites i WHERE i.workspace_id = workspace_invites.workspace_id ORDER BY i.created_at DESC, i.id;
END
$$;
COMMENT ON FUNCTION collab.workspace_invites IS 'A workspace''s invites, the newest first, for its admins and owners; never a token.';
-- Notifications: who was told what. Operational: made when an event happens (proj_notification.c) or a date comes near
-- (collab.due_soon), never by a rebuild.

-- In the order of their weight: of several reasons that one event gives a person, the first counts.
CREATE TYPE collab.notification_type AS ENUM ('mentioned', 'assigned', 'commented', 'completed', 'due_soon', 'role_changed',
	'added_to_workspace');
COMMENT ON TYPE collab.notification_type IS 'Why somebody is told, the weightiest reason first.';

CREATE SEQUENCE collab.notifications_id_seq;
COMMENT ON SEQUENCE collab.notifications_id_seq IS 'Ids of notifications.';

CREATE TABLE collab.notifications (
	id bigint PRIMARY KEY DEFAULT pg_catalog.nextval('collab.notifications_id_seq'),
	user_id bigint NOT NULL,
	type collab.notification_type NOT NULL,
	workspace_id uuid NOT NULL,
	board_id uuid,
	task_id uuid,
	comment_id uuid,
	actor_id bigint,
	cause text COLLATE "C" NOT NULL,
	text text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	delivered_at timestamptz,
	read_at timestamptz,
	UNIQUE (user_id, cause)
);
ALTER SEQUENCE collab.notifications_id_seq OWNED BY collab.notifications.id;
CREATE INDEX notifications_user_idx ON collab.notifications (user_id, id);
CREATE INDEX notifications_unread_idx ON collab.notifications (user_id, id) WHERE read_at IS NULL;
CREATE INDEX notifications_undelivered_idx ON collab.notifications (user_id, id) WHERE delivered_at IS NULL;
COMMENT ON TABLE collab.notifications IS 'What people were told: one row per person and cause. Operational: no rebuild makes it again.';
COMMENT ON COLUMN collab.notifications.id IS 'Counts up: the newest has the highest.';
COMMENT ON COLUMN collab.notifications.user_id IS 'The addressee.';
COMMENT ON COLUMN collab.notifications.type IS 'Why.';
COMMENT ON COLUMN collab.notifications.workspace_id IS 'Where; announced on its channel.';
COMMENT ON COLUMN collab.notifications.board_id IS 'The board, where it is about one.';
COMMENT ON COLUMN collab.notifications.task_id IS 'The task, where it is about one.';
COMMENT ON COLUMN collab.notifications.comment_id IS 'The comment, where it is about one.';
COMMENT ON COLUMN collab.notifications.actor_id IS 'Who did it; null: a date came near.';
COMMENT ON COLUMN collab.notifications.cause IS 'What it follows from: the event, or the due date of a task or checklist item.';
COMMENT ON COLUMN collab.notifications.text IS 'A sentence for people.';
COMMENT ON COLUMN collab.notifications.created_at IS 'When it was made.';
COMMENT ON COLUMN collab.notifications.delivered_at IS 'When a bridge handed it to one of the addressee''s connections.';
COMMENT ON COLUMN collab.notifications.read_at IS 'When the addressee marked it as read.';

CREATE TABLE collab.notification_preferences (
	user_id bigint NOT NULL,
	type collab.notification_type NOT NULL,
	enabled boolean NOT NULL,
	PRIMARY KEY (user_id, type)
);
COMMENT ON TABLE collab.notification_preferences IS 'Which notifications people want; without a row they do.';
COMMENT ON COLUMN collab.notification_preferences.user_id IS 'The user.';
COMMENT ON COLUMN collab.notification_preferences.type IS 'The type.';
COMMENT ON COLUMN collab.notification_preferences.enabled IS 'Whether the user wants it.';

CREATE INDEX tasks_due_soon_idx ON collab.tasks (due_date) WHERE completed_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL;
CREATE INDEX checklist_items_due_idx ON collab.checklist_items (due_date) WHERE NOT checked AND deleted_at IS NULL;
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
-- One task, with everything on it.

CREATE FUNCTION collab.task_document(task_id uuid, detail text) RETURNS text
	LANGUAGE c STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_task_document';
COMMENT ON FUNCTION collab.task_document IS 'A task as JSON text, for anyone who calls it: the callers check rights. Null when there is no such task.';

CREATE FUNCTION collab.time_text(value timestamptz) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'collab_time_text';
COMMENT ON FUNCTION collab.time_text IS 'A time as documents show it: RFC 3339, UTC.';

CREATE FUNCTION collab.require_task(task_id uuid) RETURNS uuid
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	found_board uuid := (SELECT t.board_id FROM collab.tasks t WHERE t.id = require_task.task_id AND t.deleted_at IS NULL);
BEGIN
	IF found_board IS NULL OR NOT collab.can_read_board(collab.current_user_id(), found_board) THEN
		RAISE EXCEPTION 'task not found or access denied' USING ERRCODE = 'TB002';
	END IF;
	RETURN found_board;
END
$$;
COMMENT ON FUNCTION collab.require_task IS 'The board of a task, when the session''s user may see it; raises TB002 otherwise.';

-- The newest 50 before a comment, or of all, newest first.
CREATE FUNCTION collab.task_comments(board_id uuid, task_id uuid, comments_before uuid) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('id', page.id, 'task_id', page.task_id, 'user_id', page.user_id, 'username', u.name,
		'text', page.text, 'reply_to', page.reply_to, 'mentions', page.mentions, 'created_at', collab.time_text(page.created_at),
		'occurred_at', collab.time_text(page.occurred_at), 'edited_at', collab.time_text(page.edited_at), 'version', page.version)
		ORDER BY page.occurred_at DESC, page.created_at DESC, page.id DESC), '[]')
	FROM (SELECT c.* FROM collab.comments c
		WHERE c.board_id = task_comments.board_id AND c.task_id = task_comments.task_id AND c.deleted_at IS NULL
			AND (task_comments.comments_before IS NULL OR (c.occurred_at, c.created_at, c.id) < (SELECT b.occurred_at, b.created_at, b.id
				FROM collab.comments b WHERE b.board_id = c.board_id AND b.task_id = c.task_id AND b.id = task_comments.comments_before))
		ORDER BY c.occurred_at DESC, c.created_at DESC, c.id DESC LIMIT 50) AS page
		LEFT JOIN collab.users u ON u.id = page.user_id
$$;
COMMENT ON FUNCTION collab.task_comments IS 'A page of a task''s comments, newest first; for task_state.';

-- What blocks a task, or with is_blocker what it blocks.
CREATE FUNCTION collab.task_neighbours(board_id uuid, task_id uuid, is_blocker boolean) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'title', t.title, 'list_id', t.list_id, 'status', l.category,
		'completed_at', collab.time_text(t.completed_at), 'archived_at', collab.time_text(t.archived_at)) ORDER BY d.created_at, t.id), '[]')
	FROM collab.task_dependencies d
		JOIN collab.tasks t ON t.board_id = d.board_id AND t.id = CASE WHEN is_blocker THEN d.task_id ELSE d.blocked_by END
		JOIN collab.lists l ON l.board_id = t.board_id AND l.id = t.list_id
	WHERE d.board_id = task_neighbours.board_id AND t.deleted_at IS NULL
		AND CASE WHEN is_blocker THEN d.blocked_by ELSE d.task_id END = task_neighbours.task_id
$$;
COMMENT ON FUNCTION collab.task_neighbours IS 'The tasks that block a task, or that it blocks; for task_state.';

CREATE FUNCTION collab.task_state(task_id uuid, comments_before uuid DEFAULT NULL) RETURNS jsonb
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	board uuid := collab.require_task(task_id);
	comments jsonb := collab.task_comments(board, task_id, comments_before);
BEGIN
	IF comments_before IS NOT NULL AND NOT EXISTS (SELECT FROM collab.comments c
			WHERE c.board_id = board AND c.task_id = task_state.task_id AND c.id = comments_before) THEN
		RAISE EXCEPTION 'comments_before must name a comment of the task' USING ERRCODE = 'TB004';
	END IF;
	RETURN (SELECT jsonb_build_object('task', collab.task_document(task_state.task_id, 'full')::jsonb, 'comments', comments,
		'more_comments', CASE WHEN jsonb_array_length(comments) < 50 THEN false
			ELSE jsonb_array_length(collab.task_comments(board, task_state.task_id, (comments->-1->>'id')::uuid)) > 0 END,
		'attachments', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'name', f.name, 'url', f.url, 'content_type', f.content_type,
			'size', f.size, 'user_id', f.user_id, 'username', u.name, 'created_at', collab.time_text(f.created_at), 'version', f.version)
			ORDER BY f.created_at, f.id), '[]')
			FROM collab.attachments f LEFT JOIN collab.users u ON u.id = f.user_id
			WHERE f.board_id = board AND f.task_id = task_state.task_id AND f.deleted_at IS NULL),
		'blocked_by', collab.task_neighbours(board, task_state.task_id, false),
		'blocking', collab.task_neighbours(board, task_state.task_id, true),
		'version', a.version, 'event', collab.event_mark(a.event_id, a.event_at))
		FROM collab.aggregates a WHERE a.id = board);
END
$$;
COMMENT ON FUNCTION collab.task_state IS 'A task, archived or not, with its newest 50 comments (the ones before comments_before), attachments, what blocks it and what it blocks.';
-- Finding tasks: by words, by filters, one's own.
--
-- A search is put together from fixed pieces of SQL; what the user gave comes in as parameters only.

COMMENT ON COLUMN collab.comments.search IS 'Words of the text, for collab.search.';

CREATE INDEX tasks_search_idx ON collab.tasks USING gin (search) WHERE deleted_at IS NULL;
CREATE INDEX comments_search_idx ON collab.comments USING gin (search) WHERE deleted_at IS NULL;
CREATE INDEX tasks_due_idx ON collab.tasks (board_id, due_date) WHERE due_date IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX task_labels_label_idx ON collab.task_labels (board_id, label_id);
CREATE INDEX tasks_fields_idx ON collab.tasks USING gin (custom_fields jsonb_path_ops) WHERE custom_fields <> '{}';
CREATE INDEX checklist_items_assigned_idx ON collab.checklist_items (assigned_to) WHERE assigned_to IS NOT NULL;

CREATE FUNCTION collab.search_words(query text) RETURNS tsquery[]
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(array_agg((format('''%s'':*', replace(replace(word, '\', '\\'), '''', '''''')))::tsquery), '{}')
	FROM unnest(tsvector_to_array(to_tsvector('simple', query))) AS word
$$;
COMMENT ON FUNCTION collab.search_words IS 'The words of a search, each as the beginning of a word.';

-- A value of a filter, checked; raises TB004 naming the filter.
CREATE FUNCTION collab.check_filter(name text, is_valid boolean, wanted text) RETURNS void
	LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF is_valid IS NOT TRUE THEN
		RAISE EXCEPTION 'filter "%" must be %', name, wanted USING ERRCODE = 'TB004';
	END IF;
END
$$;
COMMENT ON FUNCTION collab.check_filter IS 'Raises TB004 for a filter''s malformed value.';

CREATE FUNCTION collab.is_uuid(value jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT jsonb_typeof(value) = 'string' AND value #>> '{}' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
$$;
COMMENT ON FUNCTION collab.is_uuid IS 'Whether a JSON value is a uuid in its usual form.';

CREATE FUNCTION collab.is_user(value jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT value = '"me"' OR (jsonb_typeof(value) = 'number' AND value #>> '{}' ~ '^[1-9][0-9]{0,15}$')
$$;
COMMENT ON FUNCTION collab.is_user IS 'Whether a JSON value is a user''s id, or "me".';

-- A time as the filters take it: RFC 3339, or a date alone; null for anything else.
CREATE FUNCTION collab.filter_time(value jsonb) RETURNS timestamptz
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'collab_filter_time';
COMMENT ON FUNCTION collab.filter_time IS 'A JSON string as a time, a date alone as its midnight in UTC; null for anything else.';

CREATE FUNCTION collab.check_filters(filters jsonb) RETURNS void
	LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	name text;
	value jsonb;
BEGIN
	IF filters IS NULL OR jsonb_typeof(filters) <> 'object' THEN
		RAISE EXCEPTION 'filters must be an object' USING ERRCODE = 'TB004';
	END IF;
	IF length(filters::text) > 16384 THEN
		RAISE EXCEPTION 'filters must have at most 16384 bytes' USING ERRCODE = 'TB004';
	END IF;
	FOR name, value IN SELECT f.key, f.value FROM jsonb_each(filters) AS f LOOP
		CASE name
			WHEN 'assignee' THEN
				PERFORM collab.check_filter(name, value IN ('"none"') OR collab.is_user(value), 'a user''s id, "me" or "none"');
			WHEN 'created_by' THEN
				PERFORM collab.check_filter(name, collab.is_user(value), 'a user''s id or "me"');
			WHEN 'label' THEN
				PERFORM collab.check_filter(name, jsonb_typeof(value) = 'string' AND length(value #>> '{}') BETWEEN 1 AND 100, 'a label''s name or id');
			WHEN 'list_id' THEN
				PERFORM collab.check_filter(name, collab.is_uuid(value), 'a list''s id');
			WHEN 'priority' THEN
				PERFORM collab.check_filter(name, value IN ('"low"', '"medium"', '"high"', '"urgent"', '"none"'), 'low, medium, high, urgent or none');
			WHEN 'status' THEN
				PERFORM collab.check_filter(name, value IN ('"todo"', '"doing"', '"done"'), 'todo, doing or done');
			WHEN 'completed', 'archived' THEN
				PERFORM collab.check_filter(name, jsonb_typeof(value) = 'boolean', 'true or false');
			WHEN 'due' THEN
				PERFORM collab.check_filter(name, CASE jsonb_typeof(value)
					WHEN 'string' THEN value IN ('"overdue"', '"today"', '"week"', '"none"')
					WHEN 'object' THEN value <> '{}' AND value - ARRAY['before', 'after'] = '{}'
						AND (NOT value ? 'before' OR collab.filter_time(value->'before') IS NOT NULL)
						AND (NOT value ? 'after' OR collab.filter_time(value->'after') IS NOT NULL) END,
					'overdue, today, week, none, or an object with before and after as times');
			WHEN 'custom_fields' THEN
				PERFORM collab.check_filter(name, jsonb_typeof(value) = 'object'
					AND NOT EXISTS (SELECT FROM jsonb_each(CASE jsonb_typeof(value) WHEN 'object' THEN value END) AS f
						WHERE NOT collab.is_uuid(to_jsonb(f.key)) OR jsonb_typeof(f.value) NOT IN ('string', 'number', 'boolean')),
					'an object of field ids with a text, number or boolean each');
			ELSE
				RAISE EXCEPTION 'unknown filter "%"', name USING ERRCODE = 'TB004',
					HINT = 'There are assignee, label, priority, list_id, status, due, completed, archived, created_by and custom_fields.';
		END CASE;
	END LOOP;
END
$$;
COMMENT ON FUNCTION collab.check_filters IS 'Raises TB004 for an unknown filter or a malformed value, naming it.';

-- $1 boards, $2 words, $3 all of them as one query, $4 filters, $5 the actor, $6 how many, $7 $8 $9 the last result's
-- rank, time and id, or nulls
CREATE FUNCTION collab.search_statement(has_words boolean, filters jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE WHEN has_words THEN
			'WITH hits AS MATERIALIZED (SELECT h.board_id, h.id FROM ('
			'SELECT w.n, t.board_id, t.id FROM unnest($2) WITH ORDINALITY AS w (word, n) JOIN collab.tasks t ON t.search @@ w.word'
			' WHERE t.board_id = ANY ($1) AND t.deleted_at IS NULL'
			' UNION SELECT w.n, c.board_id, c.task_id FROM unnest($2) WITH ORDINALITY AS w (word, n) JOIN collab.comments c ON c.search @@ w.word'
			' WHERE c.board_id = ANY ($1) AND c.deleted_at IS NULL) AS h GROUP BY h.board_id, h.id HAVING count(*) = cardinality($2))'
			' SELECT f.* FROM (SELECT t.board_id, t.id, t.created_at,'
			' ts_rank(t.search, $3) + ts_rank(to_tsvector(''simple'', t.title), $3) AS rank'
			' FROM hits h JOIN collab.tasks t ON t.board_id = h.board_id AND t.id = h.id'
		ELSE
			' SELECT f.* FROM (SELECT t.board_id, t.id, t.created_at, 0::real AS rank FROM collab.tasks t'
		END
		|| ' JOIN collab.lists l ON l.board_id = t.board_id AND l.id = t.list_id'
		|| ' WHERE t.board_id = ANY ($1) AND t.deleted_at IS NULL'
		|| CASE WHEN filters->'archived' = 'true' THEN ' AND (t.archived_at IS NOT NULL OR l.archived_at IS NOT NULL)'
			ELSE ' AND t.archived_at IS NULL AND l.archived_at IS NULL' END
		|| CASE WHEN filters->'assignee' = '"none"' THEN
				' AND NOT EXISTS (SELECT FROM collab.task_assignees a WHERE a.board_id = t.board_id AND a.task_id = t.id)'
			WHEN filters ? 'assignee' THEN
				' AND EXISTS (SELECT FROM collab.task_assignees a WHERE a.board_id = t.board_id AND a.task_id = t.id'
				' AND a.user_id = CASE $4->>''assignee'' WHEN ''me'' THEN $5 ELSE ($4->>''assignee'')::bigint END)'
			ELSE '' END
		|| CASE WHEN filters ? 'created_by' THEN
				' AND t.created_by = CASE $4->>''created_by'' WHEN ''me'' THEN $5 ELSE ($4->>''created_by'')::bigint END' ELSE '' END
		|| CASE WHEN filters ? 'label' THEN
				' AND EXISTS (SELECT FROM collab.task_labels tl JOIN collab.labels n ON n.board_id = tl.board_id AND n.id = tl.label_id'
				' WHERE tl.board_id = t.board_id AND tl.task_id = t.id AND n.deleted_at IS NULL AND '
				|| CASE WHEN collab.is_uuid(filters->'label') THEN 'n.id = ($4->>''label'')::uuid)' ELSE 'n.name = $4->>''label'')' END
			ELSE '' END
		|| CASE WHEN filters ? 'list_id' THEN ' AND t.list_id = ($4->>''list_id'')::uuid' ELSE '' END
		|| CASE WHEN filters->'priority' = '"none"' THEN ' AND t.priority IS NULL'
			WHEN filters ? 'priority' THEN ' AND t.priority = $4->>''priority''' ELSE '' END
		|| CASE WHEN filters ? 'status' THEN ' AND l.category = $4->>''status''' ELSE '' END
		|| CASE WHEN filters ? 'completed' THEN ' AND (t.completed_at IS NOT NULL) = ($4->>''completed'')::boolean' ELSE '' END
		|| CASE filters->>'due'
			WHEN 'overdue' THEN ' AND t.due_date < now() AND t.completed_at IS NULL'
			WHEN 'today' THEN ' AND t.due_date >= date_trunc(''day'', now(), ''UTC'') AND t.due_date < date_trunc(''day'', now(), ''UTC'') + interval ''1 day'''
			WHEN 'week' THEN ' AND t.due_date >= date_trunc(''day'', now(), ''UTC'') AND t.due_date < date_trunc(''day'', now(), ''UTC'') + interval ''7 days'''
			WHEN 'none' THEN ' AND t.due_date IS NULL'
			ELSE CASE WHEN filters->'due' ? 'before' THEN ' AND t.due_date < collab.filter_time($4->''due''->''before'')' ELSE '' END
				|| CASE WHEN filters->'due' ? 'after' THEN ' AND t.due_date >= collab.filter_time($4->''due''->''after'')' ELSE '' END
			END
		|| CASE WHEN filters ? 'custom_fields' AND filters->'custom_fields' <> '{}' THEN
				' AND t.custom_fields <> ''{}'' AND t.custom_fields @> ($4->''custom_fields'') AND NOT EXISTS (SELECT FROM collab.custom_fields d'
				' WHERE d.board_id = t.board_id AND d.deleted_at IS NOT NULL AND $4->''custom_fields'' ? d.id::text)'
			ELSE '' END
		|| ') AS f WHERE $7 IS NULL OR (f.rank, f.created_at, f.id) < ($7, $8, $9)'
		|| ' ORDER BY f.rank DESC, f.created_at DESC, f.id DESC LIMIT $6'
$$;
COMMENT ON FUNCTION collab.search_statement IS 'The SQL of a search, of fixed pieces: which of them depends on the filters, what is in them comes as parameters.';

CREATE FUNCTION collab.search_result(task_id uuid, words tsquery) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.task_document(t.id, 'cards')::jsonb || jsonb_build_object('board_name', b.name, 'list_name', l.name, 'headline',
		CASE WHEN words IS NULL THEN NULL ELSE ts_headline('simple',
			CASE WHEN t.search @@ words THEN t.title || CASE t.description WHEN '' THEN '' ELSE ' – ' || t.description END
			ELSE (SELECT c.text FROM collab.comments c WHERE c.board_id = t.board_id AND c.task_id = t.id AND c.deleted_at IS NULL
				AND c.search @@ words ORDER BY c.occurred_at DESC, c.id DESC LIMIT 1) END,
			words, 'StartSel=**, StopSel=**, MinWords=5, MaxWords=25') END)
	FROM collab.tasks t JOIN collab.boards b ON b.id = t.board_id JOIN collab.lists l ON l.board_id = t.board_id AND l.id = t.list_id
	WHERE t.id = search_result.task_id
$$;
COMMENT ON FUNCTION collab.search_result IS 'A task as search and my_tasks show it; for those.';

CREATE FUNCTION collab.search(query text DEFAULT NULL, board_id uuid DEFAULT NULL, workspace_id uuid DEFAULT NULL, filters jsonb DEFAULT '{}',
		max_results int DEFAULT 50, after text DEFAULT NULL) RETURNS jsonb
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET extra_float_digits = 1 AS $$
DECLARE
	actor bigint := collab.current_user_id();
	has_words boolean := coalesce(query, '') ~ '\S';
	words tsquery[];
	any_word tsquery;
	mark text[] := regexp_match(after, '^([0-9.e+-]{1,20})_(-?[0-9]{1,18})_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$');
	boards uuid[];
	hit record;
	results jsonb := '[]';
	next text;
BEGIN
	PERFORM collab.check_filters(filters);
	IF length(query) > 500 THEN
		RAISE EXCEPTION 'query must have at most 500 characters' USING ERRCODE = 'TB004';
	END IF;
	words := collab.search_words(coalesce(query, ''));
	any_word := nullif(array_to_string(words::text[], ' | '), '')::tsquery;
	PERFORM collab.require_page('max_results', max_results, 200);
	-- below that a rank is no real any more
	IF after IS NOT NULL AND (CASE WHEN mark[1] ~ '^[0-9]{1,2}(\.[0-9]+)?(e-[0-3]?[0-9])?$'
			THEN mark[1]::numeric > 0 AND mark[1]::numeric < 1e-37 ELSE true END) THEN
		RAISE EXCEPTION 'after must be what the search before gave as next' USING ERRCODE = 'TB004';
	END IF;
	IF board_id IS NOT NULL THEN
		PERFORM collab.require_board(board_id);
	END IF;
	IF workspace_id IS NOT NULL AND collab.role_in(actor, workspace_id) IS NULL THEN
		RAISE EXCEPTION 'workspace not found or access denied' USING ERRCODE = 'TB002';
	END IF;
	boards := ARRAY(SELECT r.board_id FROM collab.board_readers r JOIN collab.boards b ON b.id = r.board_id
		WHERE r.user_id = actor AND (search.board_id IS NULL OR r.board_id = search.board_id)
			AND (search.workspace_id IS NULL OR r.workspace_id = search.workspace_id)
			AND (b.archived_at IS NULL OR r.board_id = search.board_id));
	IF NOT has_words OR any_word IS NOT NULL THEN
		FOR hit IN EXECUTE collab.search_statement(has_words, filters) USING boards, words, any_word, filters, actor, max_results + 1,
			mark[1]::real, timestamptz '2000-01-01 00:00:00+00' + mark[2]::bigint * interval '1 microsecond', mark[3]::uuid
		LOOP
			IF jsonb_array_length(results) = max_results THEN
				RETURN jsonb_build_object('results', results, 'next', next);
			END IF;
			results := results || collab.search_result(hit.id, any_word);
			next := hit.rank || '_' || (extract(epoch FROM hit.created_at - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint || '_' || hit.id;
		END LOOP;
	END IF;
	RETURN jsonb_build_object('results', results, 'next', NULL);
END
$$;
COMMENT ON FUNCTION collab.search IS 'Tasks of the boards that the session''s user sees: with all the words of query in title, description or comments (each as the beginning of a word), and all the filters. Best first, then newest. result.next is the next page''s after.';

CREATE FUNCTION collab.my_tasks(include_completed boolean DEFAULT false) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	WITH mine AS (
		SELECT a.board_id, a.task_id AS id FROM collab.task_assignees a WHERE a.user_id = (SELECT collab.current_user_id())
		UNION
		SELECT i.board_id, i.task_id FROM collab.checklist_items i
			JOIN collab.checklists c ON c.board_id = i.board_id AND c.id = i.checklist_id AND c.deleted_at IS NULL
		WHERE i.assigned_to = (SELECT collab.current_user_id()) AND i.deleted_at IS NULL AND (include_completed OR NOT i.checked)
	), found AS (
		SELECT t.board_id, t.id, t.due_date, t.created_at, (SELECT jsonb_agg(jsonb_build_object('id', i.id, 'checklist_id', i.checklist_id,
				'text', i.text, 'checked', i.checked, 'due_date', collab.time_text(i.due_date)) ORDER BY i.due_date, i.rank, i.id)
			FROM collab.checklist_items i JOIN collab.checklists c ON c.board_id = i.board_id AND c.id = i.checklist_id AND c.deleted_at IS NULL
			WHERE i.board_id = t.board_id AND i.task_id = t.id AND i.assigned_to = (SELECT collab.current_user_id()) AND i.deleted_at IS NULL
				AND (include_completed OR NOT i.checked)) AS items
		FROM mine m JOIN collab.tasks t ON t.board_id = m.board_id AND t.id = m.id
			JOIN collab.lists l ON l.board_id = t.board_id AND l.id = t.list_id
			JOIN collab.board_readers r ON r.board_id = t.board_id AND r.user_id = (SELECT collab.current_user_id())
			JOIN collab.boards b ON b.id = t.board_id
		WHERE t.deleted_at IS NULL AND t.archived_at IS NULL AND l.archived_at IS NULL AND b.archived_at IS NULL
			AND (include_completed OR t.completed_at IS NULL)
	)
	SELECT coalesce(jsonb_agg(collab.search_result(f.id, NULL) - 'headline' || jsonb_build_object('my_items', coalesce(f.items, '[]'))
		ORDER BY least(f.due_date, (SELECT min((i->>'due_date')::timestamptz) FROM jsonb_array_elements(f.items) AS i)) NULLS LAST,
			f.created_at, f.id), '[]')
	FROM found f
$$;
COMMENT ON FUNCTION collab.my_tasks IS 'What is assigned to the session''s user on all boards, tasks and checklist items (my_items), soonest due first.';
-- What the typed functions of commands (made from commands.def) call: a parameter left at null is left out.

CREATE FUNCTION collab.run_command(type text, payload jsonb, command_id uuid, version int) RETURNS jsonb
	LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.execute(jsonb_build_object('type', type, 'payload', (
			SELECT coalesce(jsonb_object_agg(field.key, field.value), '{}')
			FROM jsonb_each(payload || jsonb_build_object('version', version)) AS field
			WHERE field.value <> 'null'))
		|| CASE WHEN command_id IS NULL THEN '{}' ELSE jsonb_build_object('id', command_id) END)
$$;
COMMENT ON FUNCTION collab.run_command IS 'Runs a command whose fields are given as an object; nulls are left out.';
-- Made from command/commands.def by schema/commands.awk: one typed function per command. Each builds the message and hands
-- it to collab.execute, so there is one frame; each returns the ACK's payload.

CREATE FUNCTION collab.create_workspace(name text, description text DEFAULT NULL, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('CREATE_WORKSPACE', jsonb_build_object('name', name, 'description', description), command_id, NULL)
$$;
COMMENT ON FUNCTION collab.create_workspace IS 'Creates a workspace, owned by the actor, with its default board "Tasks".';

CREATE FUNCTION collab.update_workspace(workspace_id uuid, updates jsonb, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('UPDATE_WORKSPACE', jsonb_build_object('workspace_id', workspace_id, 'updates', updates), command_id, version)
$$;
COMMENT ON FUNCTION collab.update_workspace IS 'Changes a workspace''s name or description.';

CREATE FUNCTION collab.delete_workspace(workspace_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('DELETE_WORKSPACE', jsonb_build_object('workspace_id', workspace_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.delete_workspace IS 'Deletes a workspace with its boards: nobody sees them any more.';

CREATE FUNCTION collab.transfer_workspace(workspace_id uuid, user_id bigint, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('TRANSFER_WORKSPACE', jsonb_build_object('workspace_id', workspace_id, 'user_id', user_id), command_id, NULL)
$$;
COMMENT ON FUNCTION collab.transfer_workspace IS 'Makes another member the workspace''s owner; the actor becomes an admin.';

CREATE FUNCTION collab.add_member(workspace_id uuid, user_id bigint, role collab.workspace_role DEFAULT NULL, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('ADD_MEMBER', jsonb_build_object('workspace_id', workspace_id, 'user_id', user_id, 'role', role), command_id, NULL)
$$;
COMMENT ON FUNCTION collab.add_member IS 'Adds a user to a workspace, as a member unless a role is given. Only an owner gives a role at or above his own.';

CREATE FUNCTION collab.change_role(workspace_id uuid, user_id bigint, role collab.workspace_role, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('CHANGE_ROLE', jsonb_build_object('workspace_id', workspace_id, 'user_id', user_id, 'role', role), command_id, NULL)
$$;
COMMENT ON FUNCTION collab.change_role IS 'Changes a member''s role. Only an owner changes one at or above his own; the last owner stays one.';

CREATE FUNCTION collab.remove_member(workspace_id uuid, user_id bigint, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('REMOVE_MEMBER', jsonb_build_object('workspace_id', workspace_id, 'user_id', user_id), command_id, NULL)
$$;
COMMENT ON FUNCTION collab.remove_member IS 'Takes a member out of a workspace; his assignments stay until somebody changes them.';

CREATE FUNCTION collab.leave_membership(workspace_id uuid, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('LEAVE_MEMBERSHIP', jsonb_build_object('workspace_id', workspace_id), command_id, NULL)
$$;
COMMENT ON FUNCTION collab.leave_membership IS 'Leaves a workspace. The last owner cannot.';

CREATE FUNCTION collab.create_invite(workspace_id uuid, role collab.workspace_role DEFAULT NULL, expires_in int DEFAULT NULL, max_uses int DEFAULT NULL, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('CREATE_INVITE', jsonb_build_object('workspace_id', workspace_id, 'role', role, 'expires_in', expires_in, 'max_uses', max_uses), command_id, NULL)
$$;
COMMENT ON FUNCTION collab.create_invite IS 'Makes an invite, for a member unless a role is given; result.token is the secret for its link. expires_in is in seconds.';

CREATE FUNCTION collab.revoke_invite(invite_id uuid, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('REVOKE_INVITE', jsonb_build_object('invite_id', invite_id), command_id, NULL)
$$;
COMMENT ON FUNCTION collab.revoke_invite IS 'Revokes an invite: nobody joins by it any more.';

CREATE FUNCTION collab.join_by_invite(token text, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('JOIN_BY_INVITE', jsonb_build_object('token', token), command_id, NULL)
$$;
COMMENT ON FUNCTION collab.join_by_invite IS 'Joins the workspace of an invite, with its role.';

CREATE FUNCTION collab.create_board(workspace_id uuid, name text, description text DEFAULT NULL, settings jsonb DEFAULT NULL, visibility text DEFAULT NULL, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('CREATE_BOARD', jsonb_build_object('workspace_id', workspace_id, 'name', name, 'description', description, 'settings', settings, 'visibility', visibility), command_id, NULL)
$$;
COMMENT ON FUNCTION collab.create_board IS 'Creates a board with the lists To do, In progress and Done.';

CREATE FUNCTION collab.update_board(board_id uuid, updates jsonb, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('UPDATE_BOARD', jsonb_build_object('board_id', board_id, 'updates', updates), command_id, version)
$$;
COMMENT ON FUNCTION collab.update_board IS 'Changes a board''s name, description, visibility or settings; settings is a merge patch (RFC 7396).';

CREATE FUNCTION collab.archive_board(board_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('ARCHIVE_BOARD', jsonb_build_object('board_id', board_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.archive_board IS 'Archives a board: it can be read, restored and deleted, and nothing else.';

CREATE FUNCTION collab.restore_board(board_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('RESTORE_BOARD', jsonb_build_object('board_id', board_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.restore_board IS 'Takes a board out of the archive.';

CREATE FUNCTION collab.delete_board(board_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('DELETE_BOARD', jsonb_build_object('board_id', board_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.delete_board IS 'Deletes a board: nobody sees it any more; its events stay until they are purged.';

CREATE FUNCTION collab.duplicate_board(board_id uuid, name text, with_tasks boolean DEFAULT NULL, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('DUPLICATE_BOARD', jsonb_build_object('board_id', board_id, 'name', name, 'with_tasks', with_tasks), command_id, NULL)
$$;
COMMENT ON FUNCTION collab.duplicate_board IS 'Makes a new board with the lists, labels, custom fields and settings of another, and its open tasks if asked.';

CREATE FUNCTION collab.add_board_member(board_id uuid, user_id bigint, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('ADD_BOARD_MEMBER', jsonb_build_object('board_id', board_id, 'user_id', user_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.add_board_member IS 'Lets a member of the workspace see a private board.';

CREATE FUNCTION collab.remove_board_member(board_id uuid, user_id bigint, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('REMOVE_BOARD_MEMBER', jsonb_build_object('board_id', board_id, 'user_id', user_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.remove_board_member IS 'Takes a member off a private board; one who has tasks there must be unassigned first.';

CREATE FUNCTION collab.import_board(workspace_id uuid, format text, document jsonb, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('IMPORT_BOARD', jsonb_build_object('workspace_id', workspace_id, 'format', format, 'document', document), command_id, NULL)
$$;
COMMENT ON FUNCTION collab.import_board IS 'Makes a board of a Trello export or of a document of collab.export_board; result tells what could not be taken.';

CREATE FUNCTION collab.undo(board_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('UNDO', jsonb_build_object('board_id', board_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.undo IS 'Takes back the actor''s last change of the board, unless somebody changed the same thing since.';

CREATE FUNCTION collab.create_list(board_id uuid, name text, "position" int DEFAULT NULL, category text DEFAULT NULL, wip_limit int DEFAULT NULL, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('CREATE_LIST', jsonb_build_object('board_id', board_id, 'name', name, 'position', "position", 'category', category, 'wip_limit', wip_limit), command_id, version)
$$;
COMMENT ON FUNCTION collab.create_list IS 'Creates a list, at the end unless a position is given.';

CREATE FUNCTION collab.update_list(list_id uuid, updates jsonb, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('UPDATE_LIST', jsonb_build_object('list_id', list_id, 'updates', updates), command_id, version)
$$;
COMMENT ON FUNCTION collab.update_list IS 'Changes a list''s name, category or WIP limit.';

CREATE FUNCTION collab.move_list(list_id uuid, new_position int, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('MOVE_LIST', jsonb_build_object('list_id', list_id, 'new_position', new_position), command_id, version)
$$;
COMMENT ON FUNCTION collab.move_list IS 'Moves a list to an index among the board''s open lists.';

CREATE FUNCTION collab.archive_list(list_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('ARCHIVE_LIST', jsonb_build_object('list_id', list_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.archive_list IS 'Archives a list; its tasks are not shown, and come back with it.';

CREATE FUNCTION collab.restore_list(list_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('RESTORE_LIST', jsonb_build_object('list_id', list_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.restore_list IS 'Takes a list out of the archive, to the end of the board.';

CREATE FUNCTION collab.create_task(board_id uuid DEFAULT NULL, list_id uuid DEFAULT NULL, title text DEFAULT NULL, description text DEFAULT NULL, "position" int DEFAULT NULL, priority text DEFAULT NULL, start_date timestamptz DEFAULT NULL, due_date timestamptz DEFAULT NULL, labels text[] DEFAULT NULL, assignees bigint[] DEFAULT NULL, config jsonb DEFAULT NULL, workspace_id uuid DEFAULT NULL, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('CREATE_TASK', jsonb_build_object('board_id', board_id, 'list_id', list_id, 'title', title, 'description', description, 'position', "position", 'priority', priority, 'start_date', start_date, 'due_date', due_date, 'labels', to_jsonb(labels), 'assignees', to_jsonb(assignees), 'config', config, 'workspace_id', workspace_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.create_task IS 'Creates a task: in the list; without one in the board''s first; without a board in the workspace''s default board; without a workspace in the actor''s personal one.';

CREATE FUNCTION collab.update_task(task_id uuid, updates jsonb, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('UPDATE_TASK', jsonb_build_object('task_id', task_id, 'updates', updates), command_id, version)
$$;
COMMENT ON FUNCTION collab.update_task IS 'Changes any fields of a task; status moves it to the first allowed list of that category.';

CREATE FUNCTION collab.move_task(task_id uuid, to_list_id uuid, new_position int DEFAULT NULL, before_task_id uuid DEFAULT NULL, after_task_id uuid DEFAULT NULL, from_list_id uuid DEFAULT NULL, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('MOVE_TASK', jsonb_build_object('task_id', task_id, 'to_list_id', to_list_id, 'new_position', new_position, 'before_task_id', before_task_id, 'after_task_id', after_task_id, 'from_list_id', from_list_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.move_task IS 'Moves a task to a list, at an index or beside another task; at the end by default.';

CREATE FUNCTION collab.complete_task(task_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('COMPLETE_TASK', jsonb_build_object('task_id', task_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.complete_task IS 'Completes a task and moves it to the first allowed list of the category done, if there is one.';

CREATE FUNCTION collab.reopen_task(task_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('REOPEN_TASK', jsonb_build_object('task_id', task_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.reopen_task IS 'Opens a completed task again and moves it out of a list of the category done.';

CREATE FUNCTION collab.archive_task(task_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('ARCHIVE_TASK', jsonb_build_object('task_id', task_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.archive_task IS 'Archives a task.';

CREATE FUNCTION collab.restore_task(task_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('RESTORE_TASK', jsonb_build_object('task_id', task_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.restore_task IS 'Takes a task out of the archive, to the end of its list.';

CREATE FUNCTION collab.delete_task(task_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('DELETE_TASK', jsonb_build_object('task_id', task_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.delete_task IS 'Deletes a task.';

CREATE FUNCTION collab.assign_task(task_id uuid, user_id bigint, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('ASSIGN_TASK', jsonb_build_object('task_id', task_id, 'user_id', user_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.assign_task IS 'Assigns a member to a task, besides those who are.';

CREATE FUNCTION collab.unassign_task(task_id uuid, user_id bigint, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('UNASSIGN_TASK', jsonb_build_object('task_id', task_id, 'user_id', user_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.unassign_task IS 'Takes an assignee off a task.';

CREATE FUNCTION collab.add_dependency(task_id uuid, blocked_by uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('ADD_DEPENDENCY', jsonb_build_object('task_id', task_id, 'blocked_by', blocked_by), command_id, version)
$$;
COMMENT ON FUNCTION collab.add_dependency IS 'Says that a task is blocked by another of the board; a cycle is refused.';

CREATE FUNCTION collab.remove_dependency(task_id uuid, blocked_by uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('REMOVE_DEPENDENCY', jsonb_build_object('task_id', task_id, 'blocked_by', blocked_by), command_id, version)
$$;
COMMENT ON FUNCTION collab.remove_dependency IS 'Says that a task is no longer blocked by another.';

CREATE FUNCTION collab.create_label(board_id uuid, name text, color text, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('CREATE_LABEL', jsonb_build_object('board_id', board_id, 'name', name, 'color', color), command_id, version)
$$;
COMMENT ON FUNCTION collab.create_label IS 'Creates a label; names are unique on a board.';

CREATE FUNCTION collab.update_label(label_id uuid, updates jsonb, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('UPDATE_LABEL', jsonb_build_object('label_id', label_id, 'updates', updates), command_id, version)
$$;
COMMENT ON FUNCTION collab.update_label IS 'Changes a label''s name or color.';

CREATE FUNCTION collab.delete_label(label_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('DELETE_LABEL', jsonb_build_object('label_id', label_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.delete_label IS 'Deletes a label and takes it off every task.';

CREATE FUNCTION collab.define_custom_field(board_id uuid, name text, kind text, options text[] DEFAULT NULL, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('DEFINE_CUSTOM_FIELD', jsonb_build_object('board_id', board_id, 'name', name, 'kind', kind, 'options', to_jsonb(options)), command_id, version)
$$;
COMMENT ON FUNCTION collab.define_custom_field IS 'Defines a field for the board''s tasks: text, number, date, checkbox, or choice with its options.';

CREATE FUNCTION collab.update_custom_field(field_id uuid, updates jsonb, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('UPDATE_CUSTOM_FIELD', jsonb_build_object('field_id', field_id, 'updates', updates), command_id, version)
$$;
COMMENT ON FUNCTION collab.update_custom_field IS 'Changes a custom field''s name or options; an option that a task has cannot go.';

CREATE FUNCTION collab.delete_custom_field(field_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('DELETE_CUSTOM_FIELD', jsonb_build_object('field_id', field_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.delete_custom_field IS 'Deletes a custom field with its values.';

CREATE FUNCTION collab.set_custom_field(task_id uuid, field_id uuid, value jsonb DEFAULT NULL, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('SET_CUSTOM_FIELD', jsonb_build_object('task_id', task_id, 'field_id', field_id, 'value', value), command_id, version)
$$;
COMMENT ON FUNCTION collab.set_custom_field IS 'Sets a task''s value of a custom field; null clears it.';

CREATE FUNCTION collab.create_checklist(task_id uuid, name text, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('CREATE_CHECKLIST', jsonb_build_object('task_id', task_id, 'name', name), command_id, version)
$$;
COMMENT ON FUNCTION collab.create_checklist IS 'Creates a checklist on a task.';

CREATE FUNCTION collab.update_checklist(checklist_id uuid, updates jsonb, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('UPDATE_CHECKLIST', jsonb_build_object('checklist_id', checklist_id, 'updates', updates), command_id, version)
$$;
COMMENT ON FUNCTION collab.update_checklist IS 'Changes a checklist''s name or its position on the task.';

CREATE FUNCTION collab.delete_checklist(checklist_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('DELETE_CHECKLIST', jsonb_build_object('checklist_id', checklist_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.delete_checklist IS 'Deletes a checklist with its items.';

CREATE FUNCTION collab.add_checklist_item(checklist_id uuid, text text, "position" int DEFAULT NULL, due_date timestamptz DEFAULT NULL, assigned_to bigint DEFAULT NULL, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('ADD_CHECKLIST_ITEM', jsonb_build_object('checklist_id', checklist_id, 'text', text, 'position', "position", 'due_date', due_date, 'assigned_to', assigned_to), command_id, version)
$$;
COMMENT ON FUNCTION collab.add_checklist_item IS 'Adds an item to a checklist, at the end unless a position is given.';

CREATE FUNCTION collab.update_checklist_item(item_id uuid, updates jsonb, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('UPDATE_CHECKLIST_ITEM', jsonb_build_object('item_id', item_id, 'updates', updates), command_id, version)
$$;
COMMENT ON FUNCTION collab.update_checklist_item IS 'Changes an item''s text, due date or assignee.';

CREATE FUNCTION collab.check_item(item_id uuid, checked boolean, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('CHECK_ITEM', jsonb_build_object('item_id', item_id, 'checked', checked), command_id, version)
$$;
COMMENT ON FUNCTION collab.check_item IS 'Checks or unchecks an item.';

CREATE FUNCTION collab.move_checklist_item(item_id uuid, checklist_id uuid DEFAULT NULL, new_position int DEFAULT NULL, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('MOVE_CHECKLIST_ITEM', jsonb_build_object('item_id', item_id, 'checklist_id', checklist_id, 'new_position', new_position), command_id, version)
$$;
COMMENT ON FUNCTION collab.move_checklist_item IS 'Moves an item inside its checklist, or to another of the same task.';

CREATE FUNCTION collab.delete_checklist_item(item_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('DELETE_CHECKLIST_ITEM', jsonb_build_object('item_id', item_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.delete_checklist_item IS 'Deletes an item.';

CREATE FUNCTION collab.add_comment(task_id uuid, text text, reply_to uuid DEFAULT NULL, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('ADD_COMMENT', jsonb_build_object('task_id', task_id, 'text', text, 'reply_to', reply_to), command_id, version)
$$;
COMMENT ON FUNCTION collab.add_comment IS 'Comments on a task, or answers a comment; an @handle of somebody who sees the board is a mention.';

CREATE FUNCTION collab.update_comment(comment_id uuid, text text, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('UPDATE_COMMENT', jsonb_build_object('comment_id', comment_id, 'text', text), command_id, version)
$$;
COMMENT ON FUNCTION collab.update_comment IS 'Changes one''s own comment.';

CREATE FUNCTION collab.delete_comment(comment_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('DELETE_COMMENT', jsonb_build_object('comment_id', comment_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.delete_comment IS 'Deletes one''s own comment; admins and owners delete anybody''s.';

CREATE FUNCTION collab.add_attachment(task_id uuid, name text, url text DEFAULT NULL, upload_id uuid DEFAULT NULL, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('ADD_ATTACHMENT', jsonb_build_object('task_id', task_id, 'name', name, 'url', url, 'upload_id', upload_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.add_attachment IS 'Attaches a link, or a file that the actor uploaded before (collab.upload), to a task.';

CREATE FUNCTION collab.remove_attachment(attachment_id uuid, command_id uuid DEFAULT NULL, version int DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('REMOVE_ATTACHMENT', jsonb_build_object('attachment_id', attachment_id), command_id, version)
$$;
COMMENT ON FUNCTION collab.remove_attachment IS 'Takes an attachment off its task.';

CREATE FUNCTION collab.mark_read(ids bigint[] DEFAULT NULL, before bigint DEFAULT NULL, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('MARK_READ', jsonb_build_object('ids', to_jsonb(ids), 'before', before), command_id, NULL)
$$;
COMMENT ON FUNCTION collab.mark_read IS 'Marks the actor''s notifications as read: those with the ids, or all up to an id.';

CREATE FUNCTION collab.set_preferences(preferences jsonb, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('SET_PREFERENCES', jsonb_build_object('preferences', preferences), command_id, NULL)
$$;
COMMENT ON FUNCTION collab.set_preferences IS 'Sets which types of notification the actor gets: a type and true or false each.';
-- What happened, in sentences for people.

-- A sentence for every event type. A variant says what happened more exactly (activity_variant); without one it is ''.
-- {word} stands for a name: activity_name knows the words.
CREATE FUNCTION collab.activity_sentences() RETURNS TABLE (event_type text, variant text, sentence text)
	LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
	VALUES
		('WorkspaceCreated', '', '{actor} created the workspace {workspace}'),
		('WorkspaceUpdated', '', '{actor} changed {changes} of the workspace {workspace}'),
		('WorkspaceUpdated', 'renamed', '{actor} renamed the workspace {old_name} to {new_name}'),
		('WorkspaceDeleted', '', '{actor} deleted the workspace {workspace}'),
		('WorkspaceTransferred', '', '{actor} made {member} the owner of the workspace {workspace}'),
		('MemberAdded', '', '{actor} added {member} to the workspace {workspace} as {role}'),
		('MemberAdded', 'self', '{actor} joined the workspace {workspace} as {role}'),
		('RoleChanged', '', '{actor} gave {member} the role {role} in the workspace {workspace}'),
		('MemberRemoved', '', '{actor} removed {member} from the workspace {workspace}'),
		('MemberRemoved', 'self', '{actor} left the workspace {workspace}'),
		('InviteCreated', '', '{actor} made an invite to the workspace {workspace}'),
		('InviteRevoked', '', '{actor} revoked an invite to the workspace {workspace}'),
		('BoardCreated', '', '{actor} created the board {board}'),
		('BoardUpdated', '', '{actor} changed {changes} of the board {board}'),
		('BoardUpdated', 'renamed', '{actor} renamed the board {old_name} to {new_name}'),
		('BoardArchived', '', '{actor} archived the board {board}'),
		('BoardRestored', '', '{actor} took the board {board} out of the archive'),
		('BoardDeleted', '', '{actor} deleted the board {board}'),
		('BoardImported', '', '{actor} imported the board {board}'),
		('BoardMemberAdded', '', '{actor} added {member} to the board {board}'),
		('BoardMemberRemoved', '', '{actor} removed {member} from the board {board}'),
		('LabelCreated', '', '{actor} created the label {label}'),
		('LabelUpdated', '', '{actor} changed {changes} of the label {label}'),
		('LabelUpdated', 'renamed', '{actor} renamed the label {old_name} to {new_name}'),
		('LabelDeleted', '', '{actor} deleted the label {label}'),
		('CustomFieldDefined', '', '{actor} defined the field {field}'),
		('CustomFieldUpdated', '', '{actor} changed {changes} of the field {field}'),
		('CustomFieldUpdated', 'renamed', '{actor} renamed the field {old_name} to {new_name}'),
		('CustomFieldDeleted', '', '{actor} deleted the field {field}'),
		('ListCreated', '', '{actor} created the list {list}'),
		('ListUpdated', '', '{actor} changed {changes} of the list {list}'),
		('ListUpdated', 'renamed', '{actor} renamed the list {old_name} to {new_name}'),
		('ListMoved', '', '{actor} moved the list {list}'),
		('ListArchived', '', '{actor} archived the list {list}'),
		('ListRestored', '', '{actor} took the list {list} out of the archive'),
		('TaskCreated', '', '{actor} created {task} in {list}'),
		('TaskUpdated', '', '{actor} changed {changes} of {task}'),
		('TaskUpdated', 'renamed', '{actor} renamed {old_name} to {new_name}'),
		('TaskUpdated', 'moved', '{actor} changed {changes} of {task} and moved it from {from_list} to {to_list}'),
		('TaskMoved', '', '{actor} moved {task} from {from_list} to {to_list}'),
		('TaskMoved', 'inside', '{actor} moved {task} within {to_list}'),
		('TaskCompleted', '', '{actor} completed {task}'),
		('TaskReopened', '', '{actor} reopened {task}'),
		('TaskArchived', '', '{actor} archived {task}'),
		('TaskRestored', '', '{actor} took {task} out of the archive'),
		('TaskDeleted', '', '{actor} deleted {task}'),
		('TaskAssigned', '', '{actor} assigned {task} to {member}'),
		('TaskAssigned', 'self', '{actor} took on {task}'),
		('TaskUnassigned', '', '{actor} took {member} off {task}'),
		('TaskUnassigned', 'self', '{actor} left {task}'),
		('DependencyAdded', '', '{actor} marked {task} as blocked by {blocker}'),
		('DependencyRemoved', '', '{actor} marked {task} as no longer blocked by {blocker}'),
		('CustomFieldSet', '', '{actor} set {field} of {task} to {value}'),
		('CustomFieldSet', 'cleared', '{actor} cleared {field} of {task}'),
		('ChecklistCreated', '', '{actor} added the checklist {checklist} to {task}'),
		('ChecklistUpdated', '', '{actor} changed {changes} of the checklist {checklist} on {task}'),
		('ChecklistUpdated', 'renamed', '{actor} renamed the checklist {old_name} to {new_name} on {task}'),
		('ChecklistDeleted', '', '{actor} deleted the checklist {checklist} from {task}'),
		('ChecklistItemAdded', '', '{actor} added {item} to the checklist {checklist} on {task}'),
		('ChecklistItemUpdated', '', '{actor} changed {changes} of {item} on {task}'),
		('ChecklistItemChecked', '', '{actor} checked {item} on {task}'),
		('ChecklistItemChecked', 'unchecked', '{actor} unchecked {item} on {task}'),
		('ChecklistItemMoved', '', '{actor} moved {item} in the checklist {checklist} on {task}'),
		('ChecklistItemDeleted', '', '{actor} deleted {item} from {task}'),
		('CommentAdded', '', '{actor} commented on {task}: {text}'),
		('CommentUpdated', '', '{actor} changed a comment on {task}'),
		('CommentDeleted', '', '{actor} deleted a comment on {task}'),
		('AttachmentAdded', '', '{actor} attached {attachment} to {task}'),
		('AttachmentRemoved', '', '{actor} removed {attachment} from {task}')
$$;
COMMENT ON FUNCTION collab.activity_sentences IS 'The sentence of each event type, and of variants of some.';

CREATE FUNCTION collab.activity_variant(event_type text, user_id bigint, event jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE
		WHEN event_type IN ('MemberAdded', 'MemberRemoved', 'TaskAssigned', 'TaskUnassigned')
			AND coalesce(event->>'assignee_id', event->>'member_id') = user_id::text THEN 'self'
		WHEN event_type = 'TaskMoved' AND event->>'from_list_id' = event->>'to_list_id' THEN 'inside'
		WHEN event_type = 'TaskUpdated' AND event->>'from_list_id' <> event->>'to_list_id' THEN 'moved'
		WHEN event_type LIKE '%Updated' AND (SELECT array_agg(u.key) FROM jsonb_each(CASE jsonb_typeof(event->'updates')
				WHEN 'object' THEN event->'updates' END) AS u) IN (ARRAY['name'], ARRAY['title'])
			AND event->'before' ?| ARRAY['name', 'title'] THEN 'renamed'
		WHEN event_type = 'CustomFieldSet' AND coalesce(event->'value', 'null') = 'null' THEN 'cleared'
		WHEN event_type = 'ChecklistItemChecked' AND event->'checked' = 'false' THEN 'unchecked'
		ELSE '' END
$$;
COMMENT ON FUNCTION collab.activity_variant IS 'Which of an event type''s sentences fits an event.';

-- What an UPDATE_ command changed: "the title and the due date".
CREATE FUNCTION collab.activity_changes(updates jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
	WITH nouns AS (
		SELECT w.noun, row_number() OVER (ORDER BY min(w.n)) AS n, count(*) OVER () AS total
		FROM jsonb_object_keys(CASE jsonb_typeof(updates) WHEN 'object' THEN updates ELSE '{}' END) AS u (key)
			JOIN (VALUES (1, 'name', 'the name'), (2, 'title', 'the title'), (3, 'text', 'the text'), (4, 'description', 'the description'),
				(5, 'assigned_to', 'the assignees'), (6, 'assignees', 'the assignees'), (7, 'priority', 'the priority'),
				(8, 'start_date', 'the start date'), (9, 'due_date', 'the due date'), (10, 'labels', 'the labels'), (11, 'status', 'the status'),
				(12, 'color', 'the color'), (13, 'category', 'the category'), (14, 'wip_limit', 'the limit'), (15, 'visibility', 'the visibility'),
				(16, 'settings', 'the settings'), (17, 'options', 'the options'), (18, 'cover', 'the cover'), (19, 'config', 'the data'),
				(20, 'position', 'the position'), (21, 'default_board_id', 'the default board')) AS w (n, key, noun) ON w.key = u.key
		GROUP BY w.noun
	)
	SELECT coalesce(string_agg(CASE WHEN n = 1 THEN '' WHEN n = total THEN ' and ' ELSE ', ' END || noun, '' ORDER BY n), 'something') FROM nouns
$$;
COMMENT ON FUNCTION collab.activity_changes IS 'The fields that an event''s updates name, in words.';

-- A name that a sentence needs: as the event tells it, else as it is now; what is deleted keeps its name in its row, but for what a comment said.
CREATE FUNCTION collab.activity_name(word text, aggregate_id uuid, user_id bigint, event jsonb) RETURNS text
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE word
		WHEN 'actor' THEN coalesce((SELECT u.name FROM collab.users u WHERE u.id = activity_name.user_id), 'Somebody')
		WHEN 'member' THEN coalesce((SELECT u.name FROM collab.users u
			WHERE u.id = coalesce(event->>'assignee_id', event->>'member_id', event->>'owner_id')::bigint), event->'member'->>'username', 'somebody')
		WHEN 'role' THEN coalesce(event->>'role', 'member')
		WHEN 'changes' THEN collab.activity_changes(event->'updates')
		WHEN 'value' THEN CASE event->'value' WHEN 'true' THEN 'yes' WHEN 'false' THEN 'no' ELSE '"' || left(event->>'value', 100) || '"' END
		ELSE '"' || coalesce(left(CASE word
			WHEN 'workspace' THEN coalesce((SELECT w.name FROM collab.workspaces w WHERE w.id = activity_name.aggregate_id), event->'workspace'->>'name')
			WHEN 'board' THEN coalesce(event->'board'->>'name', (SELECT b.name FROM collab.boards b WHERE b.id = activity_name.aggregate_id))
			WHEN 'label' THEN coalesce(event->'label'->>'name', (SELECT l.name FROM collab.labels l
				WHERE l.board_id = activity_name.aggregate_id AND l.id = (event->>'label_id')::uuid))
			WHEN 'field' THEN coalesce(event->'field'->>'name', (SELECT f.name FROM collab.custom_fields f
				WHERE f.board_id = activity_name.aggregate_id AND f.id = (event->>'field_id')::uuid))
			WHEN 'task' THEN coalesce(event->'task'->>'title', (SELECT t.title FROM collab.tasks t
				WHERE t.board_id = activity_name.aggregate_id AND t.id = coalesce(event->>'task_id', event->'comment'->>'task_id')::uuid))
			WHEN 'blocker' THEN (SELECT t.title FROM collab.tasks t
				WHERE t.board_id = activity_name.aggregate_id AND t.id = (event->>'blocked_by')::uuid)
			WHEN 'checklist' THEN coalesce(event->'checklist'->>'name', (SELECT c.name FROM collab.checklists c
				WHERE c.board_id = activity_name.aggregate_id AND c.id = coalesce(event->>'to_checklist_id', event->>'checklist_id')::uuid))
			WHEN 'item' THEN coalesce(event->'item'->>'text', (SELECT i.text FROM collab.checklist_items i
				WHERE i.board_id = activity_name.aggregate_id AND i.id = (event->>'item_id')::uuid))
			WHEN 'attachment' THEN coalesce(event->'attachment'->>'name', (SELECT a.name FROM collab.attachments a
				WHERE a.board_id = activity_name.aggregate_id AND a.id = (event->>'attachment_id')::uuid))
			WHEN 'text' THEN (SELECT regexp_replace(event->'comment'->>'text', '\s+', ' ', 'g')
				WHERE NOT EXISTS (SELECT FROM collab.comments c WHERE c.board_id = activity_name.aggregate_id
					AND c.id = (event->'comment'->>'id')::uuid AND c.deleted_at IS NOT NULL))
			WHEN 'old_name' THEN coalesce(event->'before'->>'title', event->'before'->>'name')
			WHEN 'new_name' THEN coalesce(event->'updates'->>'title', event->'updates'->>'name')
			ELSE coalesce(event->'list'->>'name', (SELECT l.name FROM collab.lists l WHERE l.board_id = activity_name.aggregate_id
				AND l.id = coalesce(event->>CASE word WHEN 'from_list' THEN 'from_list_id' WHEN 'to_list' THEN 'to_list_id' ELSE 'list_id' END,
					event->'task'->>'list_id')::uuid))
			END, 200), '…') || '"'
		END
$$;
COMMENT ON FUNCTION collab.activity_name IS 'What stands for a {word} of a sentence: a name in quotes, never an id.';

CREATE FUNCTION collab.activity_sentence(event_type text, aggregate_id uuid, user_id bigint, event jsonb) RETURNS text
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT string_agg(coalesce(piece.match[1], collab.activity_name(piece.match[2], activity_sentence.aggregate_id, activity_sentence.user_id,
			event)), '' ORDER BY piece.n) || CASE WHEN event ? 'undo_of' THEN ' (undo)' ELSE '' END
	FROM (SELECT x.sentence FROM collab.activity_sentences() AS x WHERE x.event_type = activity_sentence.event_type
			AND x.variant IN ('', collab.activity_variant(activity_sentence.event_type, activity_sentence.user_id, event))
			ORDER BY x.variant DESC LIMIT 1) AS s,
		regexp_matches(s.sentence, '([^{]+)|\{([a-z_]+)\}', 'g') WITH ORDINALITY AS piece (match, n)
$$;
COMMENT ON FUNCTION collab.activity_sentence IS 'An event as a sentence: Ann moved "Fix the door" from "To do" to "Done".';

CREATE FUNCTION collab.check_entries(max_entries int) RETURNS void
	LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM collab.require_page('max_entries', max_entries, 500);
END
$$;
COMMENT ON FUNCTION collab.check_entries IS 'Raises TB004 when it is not a number of entries that a page may have.';

CREATE TYPE collab.activity_entry AS (version int, created_at timestamptz, user_id bigint, username text, task_id uuid, sentence text);
ALTER TYPE collab.activity_entry OWNER TO collab_owner;
COMMENT ON TYPE collab.activity_entry IS 'A row of collab.activity.';

-- The names are looked up for a page's events only: they are chosen first. created_at is when it happened: for what was
-- imported, where it came from.
CREATE FUNCTION collab.activity(board_id uuid, task_id uuid DEFAULT NULL, before_version int DEFAULT NULL, max_entries int DEFAULT 50)
	RETURNS SETOF collab.activity_entry
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM collab.require_board(board_id), collab.check_entries(max_entries);
	RETURN QUERY
		SELECT e.version, e.happened_at, e.user_id, u.name, e.task, collab.activity_sentence(e.event_type, activity.board_id, e.user_id, e.event_data)
		FROM (SELECT x.*, coalesce((x.event_data->>'occurred_at')::timestamptz, x.created_at) AS happened_at,
				coalesce(x.event_data->>'task_id', x.event_data->'task'->>'id', x.event_data->'comment'->>'task_id')::uuid AS task
			FROM collab.events x
			WHERE x.aggregate_id = activity.board_id AND (before_version IS NULL OR x.version < before_version)
				AND (activity.task_id IS NULL OR activity.task_id::text IN
					(x.event_data->>'task_id', x.event_data->'task'->>'id', x.event_data->'comment'->>'task_id'))
			ORDER BY x.version DESC LIMIT max_entries) AS e
			LEFT JOIN collab.users u ON u.id = e.user_id
		ORDER BY e.version DESC;
END
$$;
COMMENT ON FUNCTION collab.activity IS 'What happened on a board, or to one of its tasks, in sentences, newest first; the entries before before_version.';

-- before is the id of the last entry of the page before: ids grow with time, and are an order over all boards.
CREATE FUNCTION collab.user_activity(user_id bigint, before bigint DEFAULT NULL, max_entries int DEFAULT 50)
	RETURNS TABLE (id bigint, board_id uuid, board_name text, version int, created_at timestamptz, username text, task_id uuid, sentence text)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	actor bigint := collab.current_user_id();
BEGIN
	PERFORM collab.check_entries(max_entries);
	RETURN QUERY
		SELECT e.id, e.aggregate_id, b.name, e.version, coalesce((e.event_data->>'occurred_at')::timestamptz, e.created_at), u.name,
			coalesce(e.event_data->>'task_id', e.event_data->'task'->>'id', e.event_data->'comment'->>'task_id')::uuid,
			collab.activity_sentence(e.event_type, e.aggregate_id, e.user_id, e.event_data)
		FROM (SELECT x.* FROM collab.events x
			WHERE x.user_id = user_activity.user_id AND (before IS NULL OR x.id < before)
				AND x.aggregate_id IN (SELECT r.board_id FROM collab.board_readers r WHERE r.user_id = actor)
			ORDER BY x.id DESC LIMIT max_entries) AS e
			JOIN collab.boards b ON b.id = e.aggregate_id LEFT JOIN collab.users u ON u.id = e.user_id
		ORDER BY e.id DESC;
END
$$;
COMMENT ON FUNCTION collab.user_activity IS 'What a user did on the boards that the session''s user sees, in sentences, newest first; the entries before an id.';
-- What a board's events say about its flow. The definitions are in docs/analytics.md. Days are of UTC; a time is when it
-- really was: for what was imported, its original time (occurred_at).

-- Every change of where a task is: its state from `at` on, until `until` (null: still).
CREATE FUNCTION collab.task_states(board_id uuid)
	RETURNS TABLE (task_id uuid, created timestamptz, at timestamptz, until timestamptz, list_id uuid, completed timestamptz, presence text)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	WITH moments AS (
		SELECT e.version, coalesce(e.event_data->>'task_id', e.event_data->'task'->>'id')::uuid AS task_id,
			coalesce((e.event_data->>'occurred_at')::timestamptz, e.created_at) AS at,
			coalesce(e.event_data->>'to_list_id', e.event_data->'task'->>'list_id')::uuid AS list_id,
			CASE e.event_type
				WHEN 'TaskUpdated' THEN e.event_data->'updates' ? 'completed_at'
				WHEN 'TaskArchived' THEN false WHEN 'TaskRestored' THEN e.event_data ? 'completed_at' WHEN 'TaskDeleted' THEN false
				ELSE true END AS says_completed,
			coalesce(e.event_data->'task'->>'completed_at', e.event_data->'updates'->>'completed_at', e.event_data->>'completed_at')::timestamptz AS completed,
			CASE e.event_type WHEN 'TaskCreated' THEN 'open' WHEN 'TaskRestored' THEN 'open' WHEN 'TaskArchived' THEN 'archived'
				WHEN 'TaskDeleted' THEN 'deleted' END AS presence
		FROM collab.events e
		WHERE e.aggregate_id = task_states.board_id AND e.event_type IN ('TaskCreated', 'TaskMoved', 'TaskCompleted', 'TaskReopened',
			'TaskArchived', 'TaskRestored', 'TaskDeleted')
			OR e.aggregate_id = task_states.board_id AND e.event_type = 'TaskUpdated'
				AND (e.event_data ? 'to_list_id' OR e.event_data->'updates' ? 'completed_at')
	), groups AS (
		SELECT m.*, min(m.at) OVER task AS created, max(m.at) OVER task AS since, count(m.list_id) OVER task AS lists,
			count(*) FILTER (WHERE m.says_completed) OVER task AS completions, count(m.presence) OVER task AS presences
		FROM moments m WINDOW task AS (PARTITION BY m.task_id ORDER BY m.version)
	)
	SELECT g.task_id, first_value(g.created) OVER task, g.since, lead(g.since) OVER task,
		first_value(g.list_id) OVER (PARTITION BY g.task_id, g.lists ORDER BY g.version),
		first_value(g.completed) OVER (PARTITION BY g.task_id, g.completions ORDER BY g.version),
		first_value(g.presence) OVER (PARTITION BY g.task_id, g.presences ORDER BY g.version)
	FROM groups g WINDOW task AS (PARTITION BY g.task_id ORDER BY g.version)
$$;
COMMENT ON FUNCTION collab.task_states IS 'Each task''s states by its events: in which list, since when completed, open or archived or deleted, from when until when.';

-- One row per task that is not deleted.
CREATE FUNCTION collab.task_flow(board_id uuid)
	RETURNS TABLE (task_id uuid, created timestamptz, started timestamptz, completed timestamptz)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT s.task_id, min(s.created), min(s.at) FILTER (WHERE l.category = 'doing'), max(s.completed) FILTER (WHERE s.until IS NULL)
	FROM collab.task_states(task_flow.board_id) AS s
		LEFT JOIN collab.lists l ON l.board_id = task_flow.board_id AND l.id = s.list_id
	GROUP BY s.task_id HAVING bool_and(s.presence <> 'deleted')
$$;
COMMENT ON FUNCTION collab.task_flow IS 'When each task was created, first came to a list of the category doing, and was completed (null: it is open).';

-- The days of a report: up to a day (today), from a day (30 days of them). Checks that the actor sees the board.
CREATE FUNCTION collab.report_days(board_id uuid, from_day date, to_day date) RETURNS daterange
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	last_day date := coalesce(to_day, (now() AT TIME ZONE 'UTC')::date);
	first_day date := coalesce(from_day, greatest(last_day, '0001-01-30') - 29);
BEGIN
	PERFORM collab.require_board(board_id);
	IF first_day < '0001-01-01' OR last_day > '9999-12-31' THEN
		RAISE EXCEPTION 'from_day and to_day must be in the years 1 to 9999' USING ERRCODE = 'TB004';
	END IF;
	IF first_day > last_day OR last_day - first_day > 1100 THEN
		RAISE EXCEPTION 'from_day must not be after to_day, nor more than 1100 days before it' USING ERRCODE = 'TB004';
	END IF;
	RETURN daterange(first_day, last_day, '[]');
END
$$;
COMMENT ON FUNCTION collab.report_days IS 'The days of a report, checked; raises TB002 when the session''s user does not see the board.';

CREATE FUNCTION collab.day_start(day date) RETURNS timestamptz
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT day::timestamp AT TIME ZONE 'UTC'
$$;
COMMENT ON FUNCTION collab.day_start IS 'Midnight of a day, UTC.';

CREATE FUNCTION collab.throughput(board_id uuid, unit text DEFAULT 'day', from_day date DEFAULT NULL, to_day date DEFAULT NULL)
	RETURNS TABLE (period date, completed int)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	days daterange := collab.report_days(board_id, from_day, to_day);
BEGIN
	IF unit IS NULL OR unit NOT IN ('day', 'week') THEN
		RAISE EXCEPTION 'unit must be day or week' USING ERRCODE = 'TB004';
	END IF;
	RETURN QUERY
		SELECT p.day::date, count(f.task_id)::int
		FROM generate_series(date_trunc(unit, lower(days)::timestamp), upper(days)::timestamp - interval '1 day',
				('1 ' || unit)::interval) AS p (day)
			LEFT JOIN collab.task_flow(throughput.board_id) AS f
				ON f.completed >= greatest(collab.day_start(p.day::date), collab.day_start(lower(days)))
				AND f.completed < least(collab.day_start((p.day + ('1 ' || unit)::interval)::date), collab.day_start(upper(days)))
		GROUP BY p.day ORDER BY p.day;
END
$$;
COMMENT ON FUNCTION collab.throughput IS 'How many tasks were completed each day or week.';

CREATE FUNCTION collab.flow_times(board_id uuid, from_day date DEFAULT NULL, to_day date DEFAULT NULL)
	RETURNS TABLE (measure text, tasks int, p50 interval, p85 interval, p95 interval)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	days daterange := collab.report_days(board_id, from_day, to_day);
BEGIN
	RETURN QUERY
		WITH durations AS (
			SELECT m.measure, m.duration FROM collab.task_flow(flow_times.board_id) AS f,
				LATERAL (VALUES ('lead_time', f.completed - f.created), ('cycle_time', f.completed - f.started)) AS m (measure, duration)
			WHERE f.completed >= collab.day_start(lower(days)) AND f.completed < collab.day_start(upper(days)) AND m.duration >= '0'
		)
		SELECT n.measure, count(d.duration)::int, percentile_cont(0.5) WITHIN GROUP (ORDER BY d.duration),
			percentile_cont(0.85) WITHIN GROUP (ORDER BY d.duration), percentile_cont(0.95) WITHIN GROUP (ORDER BY d.duration)
		FROM (VALUES (1, 'lead_time'), (2, 'cycle_time')) AS n (n, measure) LEFT JOIN durations d ON d.measure = n.measure
		GROUP BY n.n, n.measure ORDER BY n.n;
END
$$;
COMMENT ON FUNCTION collab.flow_times IS 'Lead time and cycle time of the tasks completed in the period: how long half, 85 and 95 of 100 took at most.';

CREATE FUNCTION collab.cumulative_flow(board_id uuid, by_list boolean DEFAULT false, from_day date DEFAULT NULL, to_day date DEFAULT NULL)
	RETURNS TABLE (day date, category text, list_id uuid, list_name text, tasks int)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	days daterange := collab.report_days(board_id, from_day, to_day);
BEGIN
	RETURN QUERY
		WITH states AS MATERIALIZED (
			SELECT * FROM collab.task_states(cumulative_flow.board_id) AS s WHERE s.presence = 'open'
		), lists AS (
			SELECT l.id, l.name, l.category, row_number() OVER (ORDER BY l.rank, l.id) AS n FROM collab.lists l WHERE l.board_id = cumulative_flow.board_id
		), bands AS (
			SELECT c.n, c.category, NULL::uuid AS id, NULL::text AS name FROM (VALUES (1, 'todo'), (2, 'doing'), (3, 'done')) AS c (n, category)
			WHERE NOT by_list
			UNION ALL SELECT l.n, l.category, l.id, l.name FROM lists l WHERE by_list
		), counted AS (
			SELECT d.day, CASE WHEN by_list THEN l.id END AS id,
				CASE WHEN l.category = 'done' AND NOT by_list AND s.completed >= collab.day_start(d.day::date + 1) THEN 'todo' ELSE l.category END AS category,
				count(*) AS tasks
			FROM generate_series(lower(days)::timestamp, upper(days)::timestamp - interval '1 day', '1 day') AS d (day)
				JOIN states s ON s.at < collab.day_start(d.day::date + 1) AND (s.until IS NULL OR s.until >= collab.day_start(d.day::date + 1))
				JOIN lists l ON l.id = s.list_id
			GROUP BY 1, 2, 3
		)
		SELECT d.day::date, b.category, b.id, b.name, coalesce(c.tasks, 0)::int
		FROM generate_series(lower(days)::timestamp, upper(days)::timestamp - interval '1 day', '1 day') AS d (day) CROSS JOIN bands b
			LEFT JOIN counted c ON c.day = d.day AND c.id IS NOT DISTINCT FROM b.id AND c.category = b.category
		ORDER BY d.day, b.n;
END
$$;
COMMENT ON FUNCTION collab.cumulative_flow IS 'How many tasks were in each category, or each list, at the end of each day.';

CREATE FUNCTION collab.burndown(board_id uuid, from_day date DEFAULT NULL, to_day date DEFAULT NULL)
	RETURNS TABLE (day date, open_tasks int, remaining int)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	days daterange := collab.report_days(board_id, from_day, to_day);
BEGIN
	RETURN QUERY
		SELECT d.day::date, count(s.task_id)::int, (count(s.task_id) FILTER (WHERE s.created < collab.day_start(lower(days))))::int
		FROM generate_series(lower(days)::timestamp, upper(days)::timestamp - interval '1 day', '1 day') AS d (day)
			LEFT JOIN (SELECT * FROM collab.task_states(burndown.board_id) AS x WHERE x.presence = 'open') AS s
				ON s.at < collab.day_start(d.day::date + 1) AND (s.until IS NULL OR s.until >= collab.day_start(d.day::date + 1))
				AND (s.completed IS NULL OR s.completed >= collab.day_start(d.day::date + 1))
		GROUP BY d.day ORDER BY d.day;
END
$$;
COMMENT ON FUNCTION collab.burndown IS 'How many tasks were open at the end of each day; remaining: of those that were there when the period began.';

CREATE FUNCTION collab.workload(board_id uuid, from_day date DEFAULT NULL, to_day date DEFAULT NULL)
	RETURNS TABLE (user_id bigint, username text, open_tasks int, overdue int, completed int)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	days daterange := collab.report_days(board_id, from_day, to_day);
BEGIN
	RETURN QUERY
		WITH people AS (
			SELECT r.user_id FROM collab.board_readers r WHERE r.board_id = workload.board_id
			UNION SELECT a.user_id FROM collab.task_assignees a JOIN collab.tasks t ON t.board_id = a.board_id AND t.id = a.task_id
			WHERE a.board_id = workload.board_id AND t.deleted_at IS NULL
		), assigned AS (
			SELECT a.user_id, t.due_date, t.completed_at, t.archived_at IS NULL AND l.archived_at IS NULL AS is_shown
			FROM collab.task_assignees a JOIN collab.tasks t ON t.board_id = a.board_id AND t.id = a.task_id
				JOIN collab.lists l ON l.board_id = t.board_id AND l.id = t.list_id
			WHERE a.board_id = workload.board_id AND t.deleted_at IS NULL
		)
		SELECT p.user_id, u.name, (count(*) FILTER (WHERE a.is_shown AND a.completed_at IS NULL))::int,
			(count(*) FILTER (WHERE a.is_shown AND a.completed_at IS NULL AND a.due_date < now()))::int,
			(count(*) FILTER (WHERE a.completed_at >= collab.day_start(lower(days)) AND a.completed_at < collab.day_start(upper(days))))::int
		FROM people p JOIN collab.users u ON u.id = p.user_id LEFT JOIN assigned a ON a.user_id = p.user_id
		GROUP BY p.user_id, u.name ORDER BY 3 DESC, p.user_id;
END
$$;
COMMENT ON FUNCTION collab.workload IS 'What each person of the board has: tasks that are open, overdue, and completed in the period.';
-- Reading notifications, and the scheduler's and the bridge's part.

CREATE FUNCTION collab.due_soon(within interval DEFAULT '1 day') RETURNS int
	LANGUAGE c VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'collab_due_soon';
COMMENT ON FUNCTION collab.due_soon IS 'Tells the assignees of open tasks and checklist items that are due within an interval from now, each once for a due date; returns how many were told. For a scheduler, as often as it likes.';

CREATE FUNCTION collab.preferences_of(user_id bigint) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT jsonb_object_agg(t.type, coalesce(p.enabled, true))
	FROM unnest(enum_range(NULL::collab.notification_type)) AS t (type)
		LEFT JOIN collab.notification_preferences p ON p.user_id = preferences_of.user_id AND p.type = t.type
$$;
COMMENT ON FUNCTION collab.preferences_of IS 'Which types of notification a user wants. Internal.';

CREATE FUNCTION collab.notification_preferences() RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.preferences_of(collab.current_user_id())
$$;
COMMENT ON FUNCTION collab.notification_preferences IS 'Which types of notification the session''s user wants: every type, with true or false.';

CREATE FUNCTION collab.unread_count(user_id bigint) RETURNS int
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT count(*)::int FROM collab.notifications n WHERE n.user_id = unread_count.user_id AND n.read_at IS NULL
$$;
COMMENT ON FUNCTION collab.unread_count IS 'For bridges: how many of a user''s notifications are not read.';

-- Undelivered ones come oldest first, as they are to be delivered; otherwise the newest come first, those before an id.
CREATE FUNCTION collab.user_notifications(user_id bigint, undelivered boolean DEFAULT false, before bigint DEFAULT NULL,
		max int DEFAULT 50)
	RETURNS TABLE (id bigint, body text)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT n.id, json_build_object('id', n.id, 'type', n.type, 'workspace_id', n.workspace_id, 'board_id', n.board_id,
		'task_id', n.task_id, 'comment_id', n.comment_id, 'actor_id', n.actor_id, 'text', n.text,
		'created_at', collab.time_text(n.created_at), 'delivered_at', collab.time_text(n.delivered_at),
		'read_at', collab.time_text(n.read_at))::text
	FROM (
		(SELECT * FROM collab.notifications o WHERE user_notifications.undelivered AND o.user_id = user_notifications.user_id
			AND o.delivered_at IS NULL ORDER BY o.id LIMIT user_notifications.max)
		UNION ALL
		(SELECT * FROM collab.notifications o WHERE NOT user_notifications.undelivered AND o.user_id = user_notifications.user_id
			AND o.id < coalesce(user_notifications.before, 9223372036854775807) ORDER BY o.id DESC LIMIT user_notifications.max)
	) AS n
	ORDER BY CASE WHEN user_notifications.undelivered THEN n.id ELSE -n.id END
$$;
COMMENT ON FUNCTION collab.user_notifications IS 'For bridges: a user''s notifications as JSON: the undelivered ones, oldest first, or a page of all, newest first.';

CREATE FUNCTION collab.mark_delivered(user_id bigint, ids bigint[]) RETURNS int
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	marked int;
BEGIN
	UPDATE collab.notifications n SET delivered_at = clock_timestamp()
		WHERE n.id IN (SELECT o.id FROM collab.notifications o WHERE o.user_id = mark_delivered.user_id
			AND o.id = ANY (mark_delivered.ids) AND o.delivered_at IS NULL ORDER BY o.id FOR NO KEY UPDATE);
	GET DIAGNOSTICS marked = ROW_COUNT;
	RETURN marked;
END
$$;
COMMENT ON FUNCTION collab.mark_delivered IS 'For bridges: notes that notifications reached their user; returns how many were not marked yet.';

CREATE FUNCTION collab.notifications(before bigint DEFAULT NULL, max int DEFAULT 50) RETURNS jsonb
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	reader bigint := collab.current_user_id();
BEGIN
	PERFORM collab.require_page('max', max, 500);
	RETURN (SELECT jsonb_build_object('notifications',
			coalesce(jsonb_agg(page.body::jsonb ORDER BY page.id DESC) FILTER (WHERE page.number <= max), '[]'),
			'has_more', count(*) > max, 'unread_count', collab.unread_count(reader))
		FROM (SELECT n.id, n.body, row_number() OVER (ORDER BY n.id DESC) AS number
			FROM collab.user_notifications(reader, false, notifications.before, max + 1) AS n) AS page);
END
$$;
COMMENT ON FUNCTION collab.notifications IS 'The notifications of the session''s user, newest first, those before an id if one is given, and how many are not read.';
-- Import and export. docs/export.md and docs/import-trello.md describe the formats.

CREATE FUNCTION collab.import_trello(workspace_id uuid, export jsonb, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('IMPORT_BOARD',
		jsonb_build_object('workspace_id', workspace_id, 'format', 'trello', 'document', export), command_id,
		NULL)->'result'
$$;
COMMENT ON FUNCTION collab.import_trello IS 'Makes a board of a Trello export; returns a report of what was taken and what could not be.';

-- A document of ours says what it is; an export of Trello does not.
CREATE FUNCTION collab.import_board(workspace_id uuid, document jsonb, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('IMPORT_BOARD', jsonb_build_object('workspace_id', workspace_id,
		'format', CASE WHEN jsonb_typeof(document) = 'object' AND document ? 'format' THEN 'collab' ELSE 'trello' END,
		'document', document), command_id, NULL)
$$;
COMMENT ON FUNCTION collab.import_board(uuid, jsonb, uuid) IS 'Makes a board of a document of collab.export_board or of a Trello export, whichever it is; returns the ACK with the report as result.';

-- scope: all; open (what is not archived, without comments, authors and files: for a copy); none (no tasks either).
-- Everything is named by its place in the document: the same board gives the same document, whatever its ids are.
-- Nothing is known of how many rows a WITH query has: a nested loop over two of them would take minutes, and the cost that it is given here would wake the JIT compiler.
CREATE FUNCTION collab.export_document(board_id uuid, scope text, with_files boolean, with_identities boolean) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET jit = off AS $$
	WITH board AS (
		SELECT b.* FROM collab.boards b WHERE b.id = export_document.board_id AND b.deleted_at IS NULL
	), lists AS (
		SELECT l.*, row_number() OVER (ORDER BY l.rank, l.id) AS n FROM collab.lists l
		WHERE l.board_id = export_document.board_id AND (scope = 'all' OR l.archived_at IS NULL)
	), labels AS (
		SELECT l.*, row_number() OVER (ORDER BY l.created_at, l.name, l.color, l.id) AS n FROM collab.labels l
		WHERE l.board_id = export_document.board_id AND l.deleted_at IS NULL
	), fields AS (
		SELECT f.*, row_number() OVER (ORDER BY f.created_at, f.name, f.kind, f.id) AS n FROM collab.custom_fields f
		WHERE f.board_id = export_document.board_id AND f.deleted_at IS NULL
	), tasks AS (
		SELECT t.*, l.n AS list_n, row_number() OVER (ORDER BY l.n, t.rank, t.id) AS n
		FROM collab.tasks t JOIN lists l ON l.id = t.list_id
		WHERE t.board_id = export_document.board_id AND t.deleted_at IS NULL AND scope <> 'none'
			AND (scope = 'all' OR t.archived_at IS NULL)
	), comments AS (
		SELECT c.*, row_number() OVER (ORDER BY t.n, c.occurred_at, c.id) AS n
		FROM collab.comments c JOIN tasks t ON t.id = c.task_id
		WHERE c.board_id = export_document.board_id AND c.deleted_at IS NULL AND scope = 'all'
	), attachments AS (
		SELECT a.*, row_number() OVER (ORDER BY t.n, a.created_at, a.version, a.id) AS n
		FROM collab.attachments a JOIN tasks t ON t.id = a.task_id
		WHERE a.board_id = export_document.board_id AND a.deleted_at IS NULL
			AND (a.url IS NOT NULL OR with_files AND EXISTS (SELECT FROM collab.uploads u WHERE u.id = a.upload_id))
	), checklists AS (
		SELECT c.* FROM collab.checklists c JOIN tasks t ON t.id = c.task_id
		WHERE c.board_id = export_document.board_id AND c.deleted_at IS NULL
	), items AS (
		SELECT i.* FROM collab.checklist_items i JOIN checklists c ON c.id = i.checklist_id
		WHERE i.board_id = export_document.board_id AND i.deleted_at IS NULL
	), assignees AS (
		SELECT a.task_id, a.user_id, a.ordinal FROM collab.task_assignees a JOIN tasks t ON t.id = a.task_id
		WHERE a.board_id = export_document.board_id
	), members AS (
		SELECT m.user_id FROM collab.board_members m JOIN board b ON b.id = m.board_id
		WHERE b.visibility = 'private' AND scope = 'all'
	), people AS (
		SELECT p.*, row_number() OVER (ORDER BY p.issuer COLLATE "C", p.subject COLLATE "C", p.id) AS n
		FROM (SELECT u.id, u.name, u.handle,
				CASE WHEN NOT with_identities THEN 'handle' WHEN is_elsewhere THEN u.subject::jsonb->>0 ELSE u.issuer END AS issuer,
				CASE WHEN NOT with_identities THEN u.handle WHEN is_elsewhere THEN u.subject::jsonb->>1 ELSE u.subject END AS subject
			FROM collab.users u
				CROSS JOIN LATERAL (SELECT u.issuer = 'collab-import' AND left(u.subject, 1) = '[') AS placeholder (is_elsewhere)
			WHERE u.id IN (SELECT a.user_id FROM assignees a UNION ALL SELECT i.assigned_to FROM items i
				UNION ALL SELECT m.user_id FROM members m
				UNION ALL SELECT t.created_by FROM tasks t WHERE scope = 'all'
				UNION ALL SELECT a.user_id FROM attachments a WHERE scope = 'all'
				UNION ALL SELECT c.user_id FROM comments c
				UNION ALL SELECT mention FROM comments c, unnest(c.mentions) AS mention)) AS p
	), checklist_items AS (
		SELECT i.checklist_id, jsonb_agg(jsonb_build_object('text', i.text, 'checked', i.checked,
			'due_date', collab.time_text(i.due_date), 'assigned_to', 'person' || p.n) ORDER BY i.rank, i.id) AS document
		FROM items i LEFT JOIN people p ON p.id = i.assigned_to GROUP BY i.checklist_id
	), task_checklists AS (
		SELECT c.task_id, jsonb_agg(jsonb_build_object('name', c.name, 'items', coalesce(i.document, '[]'))
			ORDER BY c.rank, c.id) AS document
		FROM checklists c LEFT JOIN checklist_items i ON i.checklist_id = c.id GROUP BY c.task_id
	), task_comments AS (
		SELECT c.task_id, jsonb_agg(jsonb_build_object('ref', 'comment' || c.n, 'author', 'person' || p.n, 'text', c.text,
			'reply_to', 'comment' || r.n, 'mentions', (SELECT coalesce(jsonb_agg('person' || m.n ORDER BY mention.ordinality), '[]')
				FROM unnest(c.mentions) WITH ORDINALITY AS mention (user_id, ordinality) JOIN people m ON m.id = mention.user_id),
			'created_at', collab.time_text(c.occurred_at), 'edited_at', collab.time_text(c.edited_at)) ORDER BY c.n) AS document
		FROM comments c JOIN people p ON p.id = c.user_id LEFT JOIN comments r ON r.id = c.reply_to GROUP BY c.task_id
	), task_attachments AS (
		SELECT a.task_id, jsonb_agg(jsonb_build_object('ref', 'attachment' || a.n, 'name', a.name)
			|| CASE WHEN a.url IS NOT NULL THEN jsonb_build_object('url', a.url)
				ELSE jsonb_build_object('content_type', a.content_type, 'content', (
					SELECT translate(encode(u.content, 'base64'), E'\n', '') FROM collab.uploads u WHERE u.id = a.upload_id)) END
			|| CASE WHEN scope = 'all' THEN jsonb_build_object('created_at', collab.time_text(a.created_at),
				'created_by', 'person' || p.n) ELSE '{}' END ORDER BY a.n) AS document
		FROM attachments a LEFT JOIN people p ON p.id = a.user_id GROUP BY a.task_id
	), task_assignees AS (
		SELECT a.task_id, jsonb_agg('person' || p.n ORDER BY a.ordinal) AS document
		FROM assignees a JOIN people p ON p.id = a.user_id GROUP BY a.task_id
	), task_labels AS (
		SELECT tl.task_id, jsonb_agg('label' || l.n ORDER BY tl.ordinal) AS document
		FROM collab.task_labels tl JOIN labels l ON l.id = tl.label_id
		WHERE tl.board_id = export_document.board_id GROUP BY tl.task_id
	), task_blockers AS (
		SELECT d.task_id, jsonb_agg('task' || b.n ORDER BY b.n) AS document
		FROM collab.task_dependencies d JOIN tasks b ON b.id = d.blocked_by
		WHERE d.board_id = export_document.board_id GROUP BY d.task_id
	), task_values AS (
		SELECT t.id AS task_id, jsonb_object_agg('field' || f.n, v.value) AS document
		FROM tasks t CROSS JOIN LATERAL jsonb_each(t.custom_fields) AS v JOIN fields f ON f.id = v.key::uuid GROUP BY t.id
	), task_covers AS (
		SELECT t.id AS task_id, CASE WHEN t.cover ? 'attachment_id' THEN jsonb_build_object('attachment', 'attachment' || a.n)
			ELSE t.cover END AS document
		FROM tasks t LEFT JOIN attachments a ON a.id = (t.cover->>'attachment_id')::uuid
		WHERE NOT t.cover ? 'attachment_id' OR a.id IS NOT NULL
	), transitions AS (
		SELECT jsonb_object_agg('list' || l.n, (SELECT coalesce(jsonb_agg('list' || target.n ORDER BY named.ordinality), '[]')
				FROM jsonb_array_elements_text(way.value) WITH ORDINALITY AS named (id, ordinality)
					JOIN lists target ON target.id = named.id::uuid)) AS document
		FROM board b CROSS JOIN LATERAL jsonb_each(b.settings->'workflow'->'transitions') AS way
			JOIN lists l ON l.id = way.key::uuid
	)
	SELECT jsonb_build_object('format', 'collab', 'format_version', 1,
		'board', jsonb_build_object('name', b.name, 'description', b.description, 'visibility', b.visibility,
			'settings', b.settings || CASE WHEN jsonb_typeof(b.settings->'workflow') = 'object' THEN jsonb_build_object('workflow',
				jsonb_build_object('transitions', coalesce((SELECT t.document FROM transitions t), '{}'))) ELSE '{}' END,
			'members', (SELECT coalesce(jsonb_agg('person' || p.n ORDER BY p.n), '[]')
				FROM members m JOIN people p ON p.id = m.user_id)),
		'people', (SELECT coalesce(jsonb_agg(jsonb_build_object('ref', 'person' || p.n, 'issuer', p.issuer, 'subject', p.subject,
			'handle', p.handle, 'name', p.name) ORDER BY p.n), '[]') FROM people p),
		'labels', (SELECT coalesce(jsonb_agg(jsonb_build_object('ref', 'label' || l.n, 'name', l.name,
			'color', CASE WHEN l.color ~ '^(#[0-9a-f]{6}|red|orange|yellow|lime|green|teal|sky|blue|purple|pink|gray|black)$'
				THEN l.color ELSE 'gray' END, 'created_at', collab.time_text(l.created_at)) ORDER BY l.n), '[]') FROM labels l),
		'custom_fields', (SELECT coalesce(jsonb_agg(jsonb_build_object('ref', 'field' || f.n, 'name', f.name, 'kind', f.kind,
			'options', f.options, 'created_at', collab.time_text(f.created_at)) ORDER BY f.n), '[]') FROM fields f),
		'lists', (SELECT coalesce(jsonb_agg(jsonb_build_object('ref', 'list' || l.n, 'name', l.name, 'category', l.category,
			'wip_limit', l.wip_limit, 'created_at', collab.time_text(l.created_at),
			'archived_at', collab.time_text(l.archived_at)) ORDER BY l.n), '[]') FROM lists l),
		'tasks', (SELECT coalesce(jsonb_agg(jsonb_build_object('ref', 'task' || t.n, 'list', 'list' || t.list_n, 'title', t.title,
			'description', t.description, 'priority', t.priority, 'start_date', collab.time_text(t.start_date),
			'due_date', collab.time_text(t.due_date), 'completed_at', collab.time_text(t.completed_at),
			'archived_at', collab.time_text(t.archived_at), 'cover', cover.document, 'config', t.config,
			'custom_fields', coalesce(v.document, '{}'), 'labels', coalesce(label.document, '[]'),
			'assignees', coalesce(assignee.document, '[]'), 'blocked_by', coalesce(blocker.document, '[]'),
			'checklists', coalesce(checklist.document, '[]'), 'attachments', coalesce(attachment.document, '[]'))
			|| CASE WHEN scope = 'all' THEN jsonb_build_object('comments', coalesce(comment.document, '[]'),
				'created_at', collab.time_text(t.created_at), 'created_by', 'person' || p.n) ELSE '{}' END
			ORDER BY t.n), '[]')
			FROM tasks t LEFT JOIN people p ON p.id = t.created_by
				LEFT JOIN task_covers cover ON cover.task_id = t.id
				LEFT JOIN task_values v ON v.task_id = t.id
				LEFT JOIN task_labels label ON label.task_id = t.id
				LEFT JOIN task_assignees assignee ON assignee.task_id = t.id
				LEFT JOIN task_blockers blocker ON blocker.task_id = t.id
				LEFT JOIN task_checklists checklist ON checklist.task_id = t.id
				LEFT JOIN task_attachments attachment ON attachment.task_id = t.id
				LEFT JOIN task_comments comment ON comment.task_id = t.id))
	FROM board b
$$;
COMMENT ON FUNCTION collab.export_document IS 'A board as a document (with_identities: people with issuer and subject, else by their handle alone): all of it, or what a copy takes (scope open; none: without its tasks). Does not check who asks.';

CREATE FUNCTION collab.export_board(board_id uuid, with_files boolean DEFAULT true) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.export_document(r.board_id, 'all', coalesce(with_files, true), r.role >= 'admin')
	FROM collab.board_readers r
	WHERE r.board_id = collab.require_board(export_board.board_id) AND r.user_id = collab.current_user_id()
$$;
COMMENT ON FUNCTION collab.export_board IS 'The board as a document that IMPORT_BOARD makes an equal board of (docs/export.md); with_files: the bytes of files, too, in base64.';
-- Tasks as CSV, for spreadsheets.

-- A cell as RFC 4180 writes it. A spreadsheet takes a text that begins with = + - @ or a tab or carriage return for a
-- formula: such a text gets an apostrophe before it, which spreadsheets read as "text" and do not show.
CREATE FUNCTION collab.csv_cell(value text) RETURNS text
	LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE WHEN safe ~ E'[",;\t\r\n]' OR safe <> btrim(safe) THEN '"' || replace(safe, '"', '""') || '"' ELSE safe END
	FROM (SELECT CASE WHEN value ~ E'^[-=+@\t\r]' THEN '''' || value ELSE coalesce(value, '') END) AS cell (safe)
$$;
COMMENT ON FUNCTION collab.csv_cell IS 'A text as a cell of CSV (RFC 4180), and no formula for a spreadsheet.';

CREATE FUNCTION collab.export_tasks_csv(board_id uuid) RETURNS text
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
	WITH visible AS (
		SELECT collab.require_board(export_tasks_csv.board_id) AS id
	), fields AS (
		SELECT f.id, f.name, f.kind, row_number() OVER (ORDER BY f.created_at, f.name, f.kind, f.id) AS n
		FROM collab.custom_fields f JOIN visible v ON v.id = f.board_id WHERE f.deleted_at IS NULL
	), lines AS (
		SELECT row_number() OVER (ORDER BY t.archived_at IS NOT NULL OR l.archived_at IS NOT NULL, l.rank, l.id, t.rank, t.id) AS n,
			concat_ws(',', collab.csv_cell(l.name), collab.csv_cell(t.title), l.category, coalesce(t.priority, ''),
			collab.csv_cell((SELECT string_agg(coalesce(nullif(label.name, ''), label.color), ', ' ORDER BY tl.ordinal) FROM collab.task_labels tl
				JOIN collab.labels label ON label.board_id = tl.board_id AND label.id = tl.label_id
				WHERE tl.board_id = t.board_id AND tl.task_id = t.id AND label.deleted_at IS NULL)),
			collab.csv_cell((SELECT string_agg(u.name, ', ' ORDER BY a.ordinal) FROM collab.task_assignees a
				JOIN collab.users u ON u.id = a.user_id WHERE a.board_id = t.board_id AND a.task_id = t.id)),
			coalesce(collab.time_text(t.start_date), ''), coalesce(collab.time_text(t.due_date), ''),
			coalesce(collab.time_text(t.completed_at), ''), CASE WHEN t.archived_at IS NULL AND l.archived_at IS NULL THEN 'false' ELSE 'true' END,
			collab.time_text(t.created_at), collab.csv_cell((SELECT u.name FROM collab.users u WHERE u.id = t.created_by)),
			collab.csv_cell(t.description))
			|| coalesce((SELECT string_agg(',' || CASE f.kind WHEN 'number' THEN coalesce(t.custom_fields->>f.id::text, '')
				ELSE collab.csv_cell(t.custom_fields->>f.id::text) END, '' ORDER BY f.n) FROM fields f), '') AS line
		FROM collab.tasks t JOIN visible v ON v.id = t.board_id
			JOIN collab.lists l ON l.board_id = t.board_id AND l.id = t.list_id
		WHERE t.deleted_at IS NULL
	)
	SELECT 'list,title,status,priority,labels,assignees,start_date,due_date,completed_at,archived,created_at,created_by,description'
		|| coalesce((SELECT string_agg(',' || collab.csv_cell(f.name), '' ORDER BY f.n) FROM fields f), '') || E'\r\n'
		|| coalesce((SELECT string_agg(l.line || E'\r\n', '' ORDER BY l.n) FROM lines l), '')
$$;
COMMENT ON FUNCTION collab.export_tasks_csv IS 'The board''s tasks as CSV (RFC 4180) with a header: open ones in their order, then the archived ones; custom fields are columns.';
-- What the session's user can see, as plain rows. Security barriers: no condition of the caller's runs before the
-- filter does.

CREATE VIEW collab.visible_workspaces WITH (security_barrier) AS
	SELECT w.id, w.name, w.description, m.role, w.owner_id, w.personal, w.default_board_id, w.version, w.created_at, w.updated_at
	FROM collab.workspaces w JOIN collab.members m ON m.workspace_id = w.id
	WHERE m.user_id = (SELECT collab.current_user_id());

CREATE VIEW collab.visible_members WITH (security_barrier) AS
	SELECT m.workspace_id, m.user_id, u.name AS username, u.handle, u.avatar, m.role, m.created_at
	FROM collab.members m JOIN collab.users u ON u.id = m.user_id
	WHERE EXISTS (SELECT FROM collab.members me
		WHERE me.workspace_id = m.workspace_id AND me.user_id = (SELECT collab.current_user_id()));

CREATE VIEW collab.visible_boards WITH (security_barrier) AS
	SELECT b.id, b.workspace_id, b.name, b.description, b.owner_id, b.visibility, b.settings, b.version, b.created_at,
		b.updated_at, b.archived_at
	FROM collab.boards b JOIN collab.board_readers m ON m.board_id = b.id
	WHERE m.user_id = (SELECT collab.current_user_id());

CREATE VIEW collab.visible_lists WITH (security_barrier) AS
	SELECT l.board_id, l.id, l.name,
		(row_number() OVER (PARTITION BY l.board_id, l.archived_at IS NULL ORDER BY l.rank, l.id) - 1)::int AS "position",
		l.category, l.wip_limit, l.task_count, l.version, l.created_at, l.updated_at, l.archived_at
	FROM collab.lists l JOIN collab.board_readers m ON m.board_id = l.board_id
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
		t.config, t.custom_fields, t.cover, t.comments_count, t.attachments_count, t.version, t.created_by, t.created_at, t.updated_at, t.archived_at
	FROM collab.tasks t JOIN collab.lists l ON l.board_id = t.board_id AND l.id = t.list_id
		JOIN collab.board_readers m ON m.board_id = t.board_id
	WHERE t.deleted_at IS NULL AND m.user_id = (SELECT collab.current_user_id());

CREATE VIEW collab.visible_comments WITH (security_barrier) AS
	SELECT c.board_id, c.task_id, c.id, c.user_id, u.name AS username, c.text, c.reply_to, c.mentions, c.created_at,
		c.occurred_at, c.edited_at
	FROM collab.comments c JOIN collab.users u ON u.id = c.user_id
		JOIN collab.tasks t ON t.board_id = c.board_id AND t.id = c.task_id
		JOIN collab.board_readers m ON m.board_id = c.board_id
	WHERE t.deleted_at IS NULL AND c.deleted_at IS NULL AND m.user_id = (SELECT collab.current_user_id());
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
-- Boards: who is on them, and what is in their archive.

CREATE VIEW collab.visible_board_members WITH (security_barrier) AS
	SELECT bm.board_id, bm.user_id, u.name AS username, u.handle, u.avatar, bm.created_at
	FROM collab.board_members bm JOIN collab.users u ON u.id = bm.user_id
		JOIN collab.board_readers me ON me.board_id = bm.board_id
	WHERE me.user_id = (SELECT collab.current_user_id());
COMMENT ON VIEW collab.visible_board_members IS 'The members of the boards that the session''s user can see: of a private board they, owners and admins see it.';

-- A task of an archived list is there with its list, not for itself, unless it was archived itself.
CREATE FUNCTION collab.archived(board_id uuid) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	WITH document AS MATERIALIZED (
		SELECT collab.board_document(collab.require_board(archived.board_id), 'full', true)::jsonb AS board
	), lists AS (
		SELECT list.value, list.ordinality FROM document, jsonb_array_elements(board->'lists') WITH ORDINALITY AS list
	)
	SELECT jsonb_build_object(
		'lists', (SELECT coalesce(jsonb_agg((l.value - 'tasks' - 'position') || jsonb_build_object('task_count',
				(SELECT count(*) FROM jsonb_array_elements(l.value->'tasks') AS t WHERE NOT t ? 'archived_at'))
				ORDER BY (l.value->>'archived_at')::timestamptz DESC, l.ordinality), '[]')
			FROM lists l WHERE l.value ? 'archived_at'),
		'tasks', (SELECT coalesce(jsonb_agg(t.value - 'position' ORDER BY (t.value->>'archived_at')::timestamptz DESC, t.value->>'id'), '[]')
			FROM lists l, jsonb_array_elements(l.value->'tasks') AS t WHERE t.value ? 'archived_at'))
$$;
COMMENT ON FUNCTION collab.archived IS 'A board''s archive: its archived lists, each with how many tasks come back with it, and its archived tasks; the newest first.';
-- What boards define for their tasks, with the ids that commands take, for the session's user.

CREATE VIEW collab.visible_labels WITH (security_barrier) AS
	SELECT l.board_id, l.id, l.name, l.color, l.version, l.created_at,
		(SELECT count(*) FROM collab.task_labels tl JOIN collab.tasks t ON t.board_id = tl.board_id AND t.id = tl.task_id
			WHERE tl.board_id = l.board_id AND tl.label_id = l.id AND t.archived_at IS NULL AND t.deleted_at IS NULL)::int
			AS open_tasks
	FROM collab.labels l JOIN collab.board_readers m ON m.board_id = l.board_id
	WHERE l.deleted_at IS NULL AND m.user_id = (SELECT collab.current_user_id());
COMMENT ON VIEW collab.visible_labels IS 'The labels of the boards that the session''s user can see, and how many open tasks have each.';

CREATE VIEW collab.visible_custom_fields WITH (security_barrier) AS
	SELECT f.board_id, f.id, f.name, f.kind,
		ARRAY(SELECT o.name FROM jsonb_array_elements_text(f.options) WITH ORDINALITY AS o (name, number) ORDER BY o.number)
			AS options,
		f.version, f.created_at
	FROM collab.custom_fields f JOIN collab.board_readers m ON m.board_id = f.board_id
	WHERE f.deleted_at IS NULL AND m.user_id = (SELECT collab.current_user_id());
COMMENT ON VIEW collab.visible_custom_fields IS 'The custom fields of the boards that the session''s user can see; options are those of a choice.';

CREATE VIEW collab.visible_dependencies WITH (security_barrier) AS
	SELECT d.board_id, d.task_id, d.blocked_by, t.title, b.title AS blocked_by_title,
		b.completed_at IS NULL AND b.archived_at IS NULL AND l.archived_at IS NULL AS is_open, d.created_at
	FROM collab.task_dependencies d
		JOIN collab.tasks t ON t.board_id = d.board_id AND t.id = d.task_id AND t.deleted_at IS NULL
		JOIN collab.tasks b ON b.board_id = d.board_id AND b.id = d.blocked_by AND b.deleted_at IS NULL
		JOIN collab.lists l ON l.board_id = b.board_id AND l.id = b.list_id
		JOIN collab.board_readers m ON m.board_id = d.board_id
	WHERE m.user_id = (SELECT collab.current_user_id());
COMMENT ON VIEW collab.visible_dependencies IS 'Which tasks wait for which others, on the boards that the session''s user can see; is_open: the other one is neither completed nor archived.';
-- What hangs on tasks that the session's user can see, as plain rows. Security barriers, as in 60_views.sql.

CREATE VIEW collab.visible_checklists WITH (security_barrier) AS
	SELECT c.board_id, c.task_id, c.id, c.name,
		(row_number() OVER (PARTITION BY c.board_id, c.task_id ORDER BY c.rank, c.id) - 1)::int AS "position",
		c.version, c.created_at
	FROM collab.checklists c JOIN collab.tasks t ON t.board_id = c.board_id AND t.id = c.task_id
		JOIN collab.board_readers m ON m.board_id = c.board_id
	WHERE t.deleted_at IS NULL AND c.deleted_at IS NULL AND m.user_id = (SELECT collab.current_user_id());
COMMENT ON VIEW collab.visible_checklists IS 'Checklists of the tasks that the session''s user can see.';

CREATE VIEW collab.visible_checklist_items WITH (security_barrier) AS
	SELECT i.board_id, i.task_id, i.checklist_id, i.id, i.text, i.checked, i.due_date, i.assigned_to,
		(row_number() OVER (PARTITION BY i.board_id, i.checklist_id ORDER BY i.rank, i.id) - 1)::int AS "position", i.version
	FROM collab.checklist_items i JOIN collab.tasks t ON t.board_id = i.board_id AND t.id = i.task_id
		JOIN collab.board_readers m ON m.board_id = i.board_id
	WHERE t.deleted_at IS NULL AND i.deleted_at IS NULL AND m.user_id = (SELECT collab.current_user_id());
COMMENT ON VIEW collab.visible_checklist_items IS 'Items of the checklists that the session''s user can see.';

CREATE VIEW collab.visible_attachments WITH (security_barrier) AS
	SELECT a.board_id, a.task_id, a.id, a.user_id, a.name, a.url, a.content_type, a.size, a.sha256, a.version, a.created_at
	FROM collab.attachments a JOIN collab.tasks t ON t.board_id = a.board_id AND t.id = a.task_id
		JOIN collab.board_readers m ON m.board_id = a.board_id
	WHERE t.deleted_at IS NULL AND a.deleted_at IS NULL AND m.user_id = (SELECT collab.current_user_id());
COMMENT ON VIEW collab.visible_attachments IS 'Attachments of the tasks that the session''s user can see; collab.attachment_content has the bytes of files.';
-- Who owns what, and who may call what. Nothing is granted to PUBLIC; no role has rights on tables.

-- Each level's functions and views; the typed functions of commands need not be named. grant_access grants a level's and those below it, revoke_access takes all.
CREATE FUNCTION collab.access_objects(level text) RETURNS TABLE (object_type text, object_name text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	WITH named (needed, name) AS (VALUES
		-- one a line, in the order of the alphabet
		('bridge', 'bridge_alive'),
		('bridge', 'bridge_gone'),
		('bridge', 'connection_closed'),
		('bridge', 'connection_opened'),
		('bridge', 'connection_seen'),
		('bridge', 'execute_batch'),
		('bridge', 'mark_delivered'),
		('bridge', 'room_events'),
		('bridge', 'room_heads'),
		('bridge', 'room_joined'),
		('bridge', 'room_left'),
		('bridge', 'room_readers'),
		('bridge', 'room_resume'),
		('bridge', 'room_state'),
		('bridge', 'unread_count'),
		('bridge', 'upsert_user'),
		('bridge', 'user_attachment_content'),
		('bridge', 'user_notifications'),
		('bridge', 'user_upload'),
		('bridge', 'user_workspaces'),
		('admin', 'admin_boards'),
		('admin', 'admin_connections'),
		('admin', 'admin_feeds'),
		('admin', 'admin_purges'),
		('admin', 'admin_rooms'),
		('admin', 'admin_slow_commands'),
		('admin', 'clean_slow_commands'),
		('admin', 'clean_uploads'),
		('admin', 'deactivate_user'),
		('admin', 'due_soon'),
		('admin', 'feed_horizon'),
		('admin', 'feed_mark'),
		('admin', 'live_connections'),
		('admin', 'live_room_members'),
		('admin', 'purge'),
		('admin', 'purge_deleted'),
		('admin', 'reactivate_user'),
		('admin', 'rebuild'),
		('admin', 'rebuild_all'),
		('admin', 'verify'),
		('admin', 'verify_aggregate'),
		('consumer', 'ack'),
		('consumer', 'fetch'),
		('consumer', 'subscribe'),
		('consumer', 'unsubscribe'),
		('person', 'attach_file'),
		('person', 'execute'),
		('person', 'import_trello'),
		('person', 'run_command'),
		('person', 'upload'),
		('reader', 'activity'),
		('reader', 'archived'),
		('reader', 'attachment_content'),
		('reader', 'board_at'),
		('reader', 'board_presence'),
		('reader', 'board_state'),
		('reader', 'burndown'),
		('reader', 'commands'),
		('reader', 'cumulative_flow'),
		('reader', 'current_user_id'),
		('reader', 'events_after'),
		('reader', 'find_events'),
		('reader', 'export_board'),
		('reader', 'export_tasks_csv'),
		('reader', 'flow_times'),
		('reader', 'my_tasks'),
		('reader', 'my_workspaces'),
		('reader', 'notification_preferences'),
		('reader', 'notifications'),
		('reader', 'search'),
		('reader', 'task_state'),
		('reader', 'throughput'),
		('reader', 'user_activity'),
		('reader', 'visible_attachments'),
		('reader', 'visible_board_members'),
		('reader', 'visible_boards'),
		('reader', 'visible_checklist_items'),
		('reader', 'visible_checklists'),
		('reader', 'visible_comments'),
		('reader', 'visible_custom_fields'),
		('reader', 'visible_dependencies'),
		('reader', 'visible_labels'),
		('reader', 'visible_lists'),
		('reader', 'visible_members'),
		('reader', 'visible_tasks'),
		('reader', 'visible_workspaces'),
		('reader', 'workload'),
		('reader', 'workspace_invites'),
		('reader', 'workspace_presence'),
		('reader', 'workspace_state')
	), rights (needed, object_type, object_name) AS (
		SELECT coalesce(n.needed, 'person'), 'FUNCTION', p.oid::regprocedure::text
		FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
			LEFT JOIN named n ON n.name = p.proname
			LEFT JOIN collab.commands() c ON lower(c.command) = p.proname
		WHERE p.pronamespace = 'collab'::regnamespace AND (n.name IS NOT NULL OR c.command IS NOT NULL)
		UNION ALL
		SELECT n.needed, 'TABLE', c.oid::regclass::text
		FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
			JOIN named n ON n.name = c.relname
		WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind = 'v'
	)
	SELECT r.object_type, r.object_name FROM rights r
	WHERE r.needed = ANY (CASE access_objects.level
		WHEN 'reader' THEN ARRAY['reader']
		WHEN 'person' THEN ARRAY['reader', 'person']
		WHEN 'application' THEN ARRAY['reader', 'person']
		WHEN 'bridge' THEN ARRAY['bridge']
		WHEN 'consumer' THEN ARRAY['consumer']
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
	IF level IS NULL OR level NOT IN ('reader', 'person', 'application', 'bridge', 'consumer', 'admin') THEN
		RAISE EXCEPTION 'level must be one of reader, person, application, bridge, consumer, admin' USING ERRCODE = 'TB004';
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
GRANT USAGE ON TYPE collab.notification_type TO PUBLIC;

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
	ALTER TYPE collab.notification_type OWNER TO collab_owner;
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
SELECT pg_catalog.pg_extension_config_dump('collab.board_members', '');
SELECT pg_catalog.pg_extension_config_dump('collab.custom_fields', '');
SELECT pg_catalog.pg_extension_config_dump('collab.task_dependencies', '');
SELECT pg_catalog.pg_extension_config_dump('collab.attachments', '');
SELECT pg_catalog.pg_extension_config_dump('collab.invites', '');
SELECT pg_catalog.pg_extension_config_dump('collab.secrets', '');
SELECT pg_catalog.pg_extension_config_dump('collab.last_seen', '');
SELECT pg_catalog.pg_extension_config_dump('collab.uploads', '');
SELECT pg_catalog.pg_extension_config_dump('collab.purges', '');
SELECT pg_catalog.pg_extension_config_dump('collab.purges_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('collab.feed_positions', '');
SELECT pg_catalog.pg_extension_config_dump('collab.notifications', '');
SELECT pg_catalog.pg_extension_config_dump('collab.notifications_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('collab.notification_preferences', '');
-- What psql shows with \d+, \df+ and \dv+.

COMMENT ON SCHEMA collab IS 'Collaborative boards: the event log, the commands, the read model.';

COMMENT ON TYPE collab.workspace_role IS 'What a member may do in a workspace, in ascending order of rights.';

COMMENT ON TABLE collab.epochs IS 'Databases that this log was written in; transaction ids compare only within one epoch.';
COMMENT ON COLUMN collab.epochs.epoch IS 'Number, ascending with each restore into another database.';
COMMENT ON COLUMN collab.epochs.system_identifier IS 'Of the cluster, as pg_control_system() shows it.';
COMMENT ON COLUMN collab.epochs.database_oid IS 'Of the database within that cluster.';
COMMENT ON COLUMN collab.epochs.timeline IS 'Timeline of the cluster''s WAL: a promotion begins another.';
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
COMMENT ON COLUMN collab.events.xid IS 'Transaction that appended it, or a later one: never below that of the event before it in its log. With epoch and id the order of the feed.';
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
COMMENT ON FUNCTION collab.board_state IS 'A board as one document, with its version and the mark to resume from. detail: full, or cards (without descriptions, config, custom fields and checklists). archived: with the archived lists and tasks.';
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
COMMENT ON FUNCTION collab.board_document IS 'A board as JSON text, for anyone who calls it: the callers check rights.';
COMMENT ON FUNCTION collab.board_state_document IS 'What board_state returns, for anyone who calls it: the callers check rights.';
COMMENT ON FUNCTION collab.event_body(uuid, int, bigint, timestamptz, bigint, text, text, int, jsonb, uuid) IS 'An event as a message of the wire''s board dialect.';
COMMENT ON FUNCTION collab.event_mark(bigint, timestamptz) IS 'The mark a client resumes from: an event of this history and no other.';
COMMENT ON FUNCTION collab.json_merge_patch(jsonb, jsonb) IS 'JSON Merge Patch, RFC 7396.';
COMMENT ON FUNCTION collab.rebuild(uuid) IS 'Makes a board''s or workspace''s read model again from its events; returns the version it has then.';
COMMENT ON FUNCTION collab.rebuild_all() IS 'Rebuilds every board and workspace; returns how many. Each stays locked to the end of the transaction: on a busy server call collab.rebuild for one after the other.';
COMMENT ON FUNCTION collab.verify(uuid) IS 'Compares the read model with one rebuilt from the events: one row per board or workspace that differs, none when all is well. Changes nothing. Null: all.';
COMMENT ON FUNCTION collab.verify_aggregate(uuid) IS 'The first difference between one aggregate''s read model and its events, or null.';
COMMENT ON FUNCTION collab.grant_access(name, text, bigint) IS 'Gives a database role a level: reader (the read functions), person (commands too), both as the user given; application (may also SET collab.user_id); bridge; consumer (of the feed); admin (person, rebuild, verify, purge, the admin views). Replaces what it had.';
COMMENT ON FUNCTION collab.revoke_access(name) IS 'Takes all of a database role''s rights on collab.';
COMMENT ON FUNCTION collab.access_objects(text) IS 'What a level of grant_access may call and read.';
COMMENT ON FUNCTION collab.events_guard() IS 'Trigger: refuses changes of events.';
COMMENT ON FUNCTION collab.events_project() IS 'Trigger: projects an event, or lets a restore''s COPY through.';

COMMENT ON FUNCTION collab.event_payload IS 'event_data as the wire shows it: in the newest form of its type, without what is the log''s own.';
COMMENT ON FUNCTION collab.commands IS 'Every command: what it changes, the least role that may give it, what it does.';
COMMENT ON FUNCTION collab.execute_as IS 'A command as another user; for the extension''s own functions.';
COMMENT ON VIEW collab.board_readers IS 'Who sees which board, and as what. Internal.';
COMMENT ON COLUMN collab.workspaces.personal IS 'Made with its owner, for his own tasks; it cannot be deleted or transferred.';
COMMENT ON COLUMN collab.workspaces.default_board_id IS 'Where a task goes that names only the workspace; null in workspaces of 0.1.';
COMMENT ON COLUMN collab.workspaces.entity_version IS 'Version of the workspace''s last change of its own fields.';
COMMENT ON COLUMN collab.workspaces.deleted_at IS 'Since when it is deleted.';
COMMENT ON COLUMN collab.boards.entity_version IS 'Version of the board''s last change of its own fields.';
COMMENT ON COLUMN collab.boards.archived_at IS 'Since when it is archived.';
COMMENT ON COLUMN collab.boards.deleted_at IS 'Since when it is deleted.';
COMMENT ON COLUMN collab.tasks.cover IS 'What the card shows on top: {"color"}, {"attachment_id"} or {"url"}.';
COMMENT ON COLUMN collab.tasks.custom_fields IS 'Values by the custom field''s id.';
COMMENT ON COLUMN collab.tasks.attachments_count IS 'Attachments on it.';
COMMENT ON COLUMN collab.tasks.search IS 'Words of title and description.';
COMMENT ON COLUMN collab.labels.version IS 'Board''s version that last changed it.';
COMMENT ON COLUMN collab.labels.deleted_at IS 'Since when it is deleted; the row stays, so that a resent command finds its board.';
COMMENT ON COLUMN collab.checklists.version IS 'Board''s version that last changed it.';
COMMENT ON COLUMN collab.checklists.deleted_at IS 'Since when it is deleted; the row stays, so that a resent command finds its board.';
COMMENT ON COLUMN collab.checklist_items.version IS 'Board''s version that last changed it.';
COMMENT ON COLUMN collab.checklist_items.deleted_at IS 'Since when it is deleted; the row stays, so that a resent command finds its board.';
COMMENT ON COLUMN collab.comments.version IS 'Board''s version that last changed it.';
COMMENT ON COLUMN collab.comments.deleted_at IS 'Since when it is deleted; the row stays, so that a resent command finds its board.';
COMMENT ON COLUMN collab.checklist_items.task_id IS 'The task its checklist is on.';
COMMENT ON TABLE collab.board_members IS 'Read model: who sees a private board besides owners and admins.';
COMMENT ON COLUMN collab.board_members.board_id IS 'The board.';
COMMENT ON COLUMN collab.board_members.user_id IS 'The member.';
COMMENT ON COLUMN collab.board_members.created_at IS 'Since when.';
COMMENT ON TABLE collab.custom_fields IS 'Read model: fields that a board defines for its tasks.';
COMMENT ON COLUMN collab.custom_fields.board_id IS 'The board.';
COMMENT ON COLUMN collab.custom_fields.id IS 'The field.';
COMMENT ON COLUMN collab.custom_fields.name IS 'Name.';
COMMENT ON COLUMN collab.custom_fields.kind IS 'text, number, date, choice or checkbox.';
COMMENT ON COLUMN collab.custom_fields.options IS 'Of a choice: the names to choose from.';
COMMENT ON COLUMN collab.custom_fields.version IS 'Board''s version that last changed it.';
COMMENT ON COLUMN collab.custom_fields.created_at IS 'When it was defined: their order.';
COMMENT ON COLUMN collab.custom_fields.deleted_at IS 'Since when it is deleted.';
COMMENT ON TABLE collab.task_dependencies IS 'Read model: which task is blocked by which.';
COMMENT ON COLUMN collab.task_dependencies.board_id IS 'The board.';
COMMENT ON COLUMN collab.task_dependencies.task_id IS 'The blocked task.';
COMMENT ON COLUMN collab.task_dependencies.blocked_by IS 'The task to be completed first.';
COMMENT ON COLUMN collab.task_dependencies.created_at IS 'Since when.';
COMMENT ON TABLE collab.attachments IS 'Read model: links and files on tasks.';
COMMENT ON COLUMN collab.attachments.board_id IS 'The board.';
COMMENT ON COLUMN collab.attachments.id IS 'The attachment.';
COMMENT ON COLUMN collab.attachments.task_id IS 'The task.';
COMMENT ON COLUMN collab.attachments.user_id IS 'Who attached it.';
COMMENT ON COLUMN collab.attachments.name IS 'Name shown.';
COMMENT ON COLUMN collab.attachments.url IS 'Of a link: its address.';
COMMENT ON COLUMN collab.attachments.content_type IS 'Of a file: its type.';
COMMENT ON COLUMN collab.attachments.size IS 'Of a file: bytes.';
COMMENT ON COLUMN collab.attachments.sha256 IS 'Of a file: its SHA-256, hexadecimal.';
COMMENT ON COLUMN collab.attachments.upload_id IS 'Of a file: where its bytes are.';
COMMENT ON COLUMN collab.attachments.version IS 'Board''s version that last changed it.';
COMMENT ON COLUMN collab.attachments.created_at IS 'When it was attached.';
COMMENT ON COLUMN collab.attachments.deleted_at IS 'Since when it is removed.';
COMMENT ON TABLE collab.invites IS 'Read model: invites to workspaces.';
COMMENT ON COLUMN collab.invites.workspace_id IS 'The workspace.';
COMMENT ON COLUMN collab.invites.id IS 'The invite.';
COMMENT ON COLUMN collab.invites.role IS 'The role that it gives.';
COMMENT ON COLUMN collab.invites.token_hash IS 'SHA-256 of its token, hexadecimal; the token itself is nowhere.';
COMMENT ON COLUMN collab.invites.expires_at IS 'Until when it can be used; null: always.';
COMMENT ON COLUMN collab.invites.max_uses IS 'How often it can be used; null: any number of times.';
COMMENT ON COLUMN collab.invites.uses IS 'How often it was.';
COMMENT ON COLUMN collab.invites.created_by IS 'Who made it.';
COMMENT ON COLUMN collab.invites.created_at IS 'When it was made.';
COMMENT ON COLUMN collab.invites.revoked_at IS 'Since when it is revoked.';
-- The step from 0.1 to 0.2, last part: what the log of 0.1 means in 0.2, and who may call what.

SELECT pg_catalog.count(collab.rebuild_all());

-- One who is deactivated gets his own when he comes back (collab.upsert_user).
SELECT pg_catalog.count(collab.make_personal_workspace(u.id)) FROM collab.users AS u
	WHERE u.issuer NOT IN ('trello', 'collab-import') AND u.deactivated_at IS NULL;

SELECT pg_catalog.count(collab.grant_access(r.rolname, u.level, u.user_id))
	FROM collab.role_users AS u JOIN pg_catalog.pg_roles AS r ON r.oid = u.role;

-- What is granted while an extension's script runs counts as the extension's own, and pg_dump leaves it out: the grants
-- just made are the administrator's, as those of grant_access are.
DO $$
BEGIN
	UPDATE pg_catalog.pg_init_privs AS p SET initprivs = ARRAY(SELECT item FROM pg_catalog.unnest(p.initprivs) AS item
			WHERE NOT EXISTS (SELECT FROM pg_catalog.aclexplode(ARRAY[item]) AS a JOIN collab.role_users AS u ON u.role = a.grantee))
		WHERE EXISTS (SELECT FROM pg_catalog.aclexplode(p.initprivs) AS a JOIN collab.role_users AS u ON u.role = a.grantee)
			AND (p.classoid, p.objoid) IN (SELECT 'pg_catalog.pg_class'::regclass, c.oid FROM pg_catalog.pg_class AS c
					WHERE c.relnamespace = 'collab'::regnamespace
				UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, f.oid FROM pg_catalog.pg_proc AS f WHERE f.pronamespace = 'collab'::regnamespace
				UNION ALL SELECT 'pg_catalog.pg_namespace'::regclass, 'collab'::regnamespace::oid);
	-- PostgreSQL 17 and later also write down that the role stands there.
	DELETE FROM pg_catalog.pg_shdepend AS d USING collab.role_users AS u
		WHERE d.deptype = 'i' AND d.refclassid = 'pg_catalog.pg_authid'::regclass AND d.refobjid = u.role
			AND d.dbid = (SELECT b.oid FROM pg_catalog.pg_database AS b WHERE b.datname = pg_catalog.current_database());
END
$$;
