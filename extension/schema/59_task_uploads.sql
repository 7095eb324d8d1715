-- Files that come through a bridge for a task.

-- Asks for the right to attach before it keeps anything: what nobody may attach counts against the user's own room. Sent
-- again under the same command id it names the same upload, as in collab.attach_file.
CREATE FUNCTION collab.user_task_upload(user_id bigint, task_id uuid, name text, content bytea, content_type text, command_id uuid)
	RETURNS TABLE (code text, body text, upload_id uuid)
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	held collab.workspace_role;
	message text;
	advice text;
BEGIN
	SELECT r.role INTO held FROM collab.tasks t JOIN collab.board_readers r ON r.board_id = t.board_id
		WHERE t.id = user_task_upload.task_id AND t.deleted_at IS NULL AND r.user_id = user_task_upload.user_id;
	IF held IS NULL THEN
		code := 'not_found';
		message := 'task not found or access denied';
	ELSIF held < 'member' THEN
		code := 'forbidden';
		message := 'this needs the role member';
	ELSE
		BEGIN
			upload_id := collab.put_upload(user_id,
				left(encode(sha256(convert_to(user_id || ' attach_file ' || command_id, 'UTF8')), 'hex'), 32)::uuid,
				name, content, content_type);
		EXCEPTION WHEN SQLSTATE 'TB002' OR SQLSTATE 'TB004' OR SQLSTATE 'TB005' OR SQLSTATE 'TB007' OR SQLSTATE 'TB008' THEN
			GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, advice = PG_EXCEPTION_HINT;
			code := CASE code WHEN 'TB002' THEN 'not_found' WHEN 'TB004' THEN 'invalid' WHEN 'TB005' THEN 'rule'
				WHEN 'TB007' THEN 'limit' ELSE 'command_id_reused' END;
		END;
	END IF;
	IF code IS NOT NULL THEN
		body := json_strip_nulls(json_build_object('code', code, 'message', message, 'hint', nullif(advice, '')))::text;
	END IF;
	RETURN NEXT;
END
$$;
COMMENT ON FUNCTION collab.user_task_upload IS 'For bridges: keeps a file that a user attaches to a task next, by ADD_ATTACHMENT with upload_id under that command id; with code it was refused, and body is {"code", "message", "hint"?}.';
