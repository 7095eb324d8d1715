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
