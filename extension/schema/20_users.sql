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
	role_name name PRIMARY KEY,
	level text NOT NULL CHECK (level IN ('reader', 'person', 'application', 'bridge', 'admin')),
	user_id bigint REFERENCES collab.users (id)
);

-- A handle is made from the name: lower case, ASCII letters, digits, dot, underscore, hyphen; a number makes it unique.
CREATE FUNCTION collab.handle_from_name(name text) RETURNS text
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	base text := left(trim(BOTH '-' FROM regexp_replace(regexp_replace(lower(normalize(name, NFKD)), '[\u0300-\u036f]', '', 'g'), '[^a-z0-9._]+', '-', 'g')), 40);
	number int := 1;
BEGIN
	base := coalesce(nullif(ltrim(regexp_replace(base, '[^a-z0-9._-]', '', 'g'), '._-'), ''), 'user');
	IF NOT EXISTS (SELECT 1 FROM collab.users u WHERE u.handle = base) THEN
		RETURN base;
	END IF;
	LOOP
		number := number + 1;
		EXIT WHEN NOT EXISTS (SELECT 1 FROM collab.users u WHERE u.handle = base || '-' || number);
	END LOOP;
	RETURN base || '-' || number;
END
$$;

-- handle_source: what the handle is made from, the name when it is null.
CREATE FUNCTION collab.put_user(issuer text, subject text, name text, avatar text, handle_source text) RETURNS bigint
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	clean_name text := left(btrim(regexp_replace(normalize(put_user.name, NFC), '[[:cntrl:]]+', ' ', 'g')), 200);
	found_id bigint;
BEGIN
	IF issuer IS NULL OR length(issuer) NOT BETWEEN 1 AND 500 OR subject IS NULL OR length(subject) NOT BETWEEN 1 AND 500 THEN
		RAISE EXCEPTION 'issuer and subject must have 1 to 500 characters' USING ERRCODE = 'TB004';
	END IF;
	IF length(avatar) > 2000 THEN
		RAISE EXCEPTION 'avatar must have at most 2000 characters' USING ERRCODE = 'TB004';
	END IF;
	clean_name := nullif(clean_name, '');
	SELECT u.id INTO found_id FROM collab.users u WHERE u.issuer = put_user.issuer AND u.subject = put_user.subject;
	IF found_id IS NULL THEN
		-- Handles are looked up before they are written: one newcomer at a time.
		PERFORM pg_advisory_xact_lock(hashtextextended('collab.users.handle', 0));
		INSERT INTO collab.users AS u (issuer, subject, name, handle, avatar)
			VALUES (put_user.issuer, put_user.subject, coalesce(clean_name, left(put_user.subject, 200)),
				collab.handle_from_name(coalesce(put_user.handle_source, clean_name, put_user.subject)), put_user.avatar)
			ON CONFLICT ON CONSTRAINT users_issuer_subject_key DO NOTHING
			RETURNING u.id INTO found_id;
		IF found_id IS NULL THEN
			SELECT u.id INTO found_id FROM collab.users u WHERE u.issuer = put_user.issuer AND u.subject = put_user.subject;
		END IF;
		RETURN found_id;
	END IF;
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
