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
