-- Import and export.

CREATE FUNCTION collab.import_trello(workspace_id uuid, export jsonb, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('IMPORT_BOARD',
		jsonb_build_object('workspace_id', workspace_id, 'format', 'trello', 'document', export), command_id,
		NULL)->'result'
$$;
COMMENT ON FUNCTION collab.import_trello IS 'Makes a board of a Trello export; returns a report of what was taken and what could not be.';
