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
