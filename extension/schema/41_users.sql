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
