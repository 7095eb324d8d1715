-- structure.sql: the tables, their columns, keys and indexes have the names and shapes that others rely on.
BEGIN;
SELECT no_plan();

SELECT tables_are('collab', ARRAY['aggregates', 'boards', 'checklist_items', 'checklists', 'comments', 'epochs', 'events', 'labels',
	'lists', 'members', 'role_users', 'task_assignees', 'task_labels', 'tasks', 'users', 'workspaces']);
SELECT views_are('collab', ARRAY['visible_boards', 'visible_comments', 'visible_lists', 'visible_members', 'visible_tasks', 'visible_workspaces']);
SELECT sequences_are('collab', ARRAY['events_id_seq', 'users_id_seq']);
SELECT enum_has_labels('collab', 'workspace_role', ARRAY['viewer', 'member', 'admin', 'owner']);

-- Columns with their types
CREATE TEMP TABLE shape (relation text, columns text);
INSERT INTO shape VALUES
	('events', 'id bigint, aggregate_id uuid, aggregate_type text, event_type text, event_data jsonb, user_id bigint, version integer,'
		' created_at timestamp with time zone, command_id uuid, command_hash bytea, acl_version bigint, schema_version smallint, xid xid8,'
		' epoch integer'),
	('aggregates', 'id uuid, aggregate_type text, workspace_id uuid, version integer, acl_version bigint, event_id bigint,'
		' event_at timestamp with time zone'),
	('epochs', 'epoch integer, system_identifier bigint, database_oid oid, started_at timestamp with time zone'),
	('users', 'id bigint, issuer text, subject text, name text, handle text, avatar text, created_at timestamp with time zone,'
		' updated_at timestamp with time zone, deactivated_at timestamp with time zone'),
	('role_users', 'role regrole, level text, user_id bigint'),
	('workspaces', 'id uuid, name text, description text, owner_id bigint, version integer, created_at timestamp with time zone,'
		' updated_at timestamp with time zone'),
	('members', 'workspace_id uuid, user_id bigint, role collab.workspace_role, created_at timestamp with time zone'),
	('boards', 'id uuid, workspace_id uuid, name text, description text, owner_id bigint, visibility text, settings jsonb,'
		' version integer, created_at timestamp with time zone, updated_at timestamp with time zone'),
	('lists', 'board_id uuid, id uuid, name text, rank bigint, category text, wip_limit integer, task_count integer, version integer,'
		' created_at timestamp with time zone, updated_at timestamp with time zone, archived_at timestamp with time zone'),
	('tasks', 'board_id uuid, id uuid, list_id uuid, title text, description text, rank bigint, priority text,'
		' start_date timestamp with time zone, due_date timestamp with time zone, completed_at timestamp with time zone, config jsonb,'
		' comments_count integer, version integer, created_by bigint, created_at timestamp with time zone,'
		' updated_at timestamp with time zone, archived_at timestamp with time zone, deleted_at timestamp with time zone'),
	('task_assignees', 'board_id uuid, task_id uuid, user_id bigint, ordinal integer'),
	('labels', 'board_id uuid, id uuid, name text, color text, created_at timestamp with time zone'),
	('task_labels', 'board_id uuid, task_id uuid, label_id uuid, ordinal integer'),
	('checklists', 'board_id uuid, id uuid, task_id uuid, name text, rank bigint, created_at timestamp with time zone'),
	('checklist_items', 'board_id uuid, id uuid, checklist_id uuid, text text, rank bigint, checked boolean,'
		' due_date timestamp with time zone, assigned_to bigint'),
	('comments', 'board_id uuid, id uuid, task_id uuid, user_id bigint, text text, reply_to uuid, mentions bigint[],'
		' created_at timestamp with time zone, occurred_at timestamp with time zone, edited_at timestamp with time zone');
SELECT is((SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute
		WHERE attrelid = ('collab.' || relation)::regclass AND attnum > 0 AND NOT attisdropped), columns, relation || ': columns and types')
	FROM shape ORDER BY relation;
SELECT set_eq('SELECT relation FROM shape', $$ SELECT relname::text FROM pg_class WHERE relnamespace = 'collab'::regnamespace AND relkind = 'r' $$,
	'every table has its shape here');

-- Keys. Below a board every key starts with board_id, so that tables can be partitioned by it.
SELECT col_is_pk('collab', relation, columns, relation || ': primary key') FROM (VALUES
	('events', ARRAY['aggregate_id', 'version']), ('aggregates', ARRAY['id']), ('epochs', ARRAY['epoch']), ('users', ARRAY['id']),
	('role_users', ARRAY['role']), ('workspaces', ARRAY['id']), ('members', ARRAY['workspace_id', 'user_id']), ('boards', ARRAY['id']),
	('lists', ARRAY['board_id', 'id']), ('tasks', ARRAY['board_id', 'id']), ('task_assignees', ARRAY['board_id', 'task_id', 'user_id']),
	('labels', ARRAY['board_id', 'id']), ('task_labels', ARRAY['board_id', 'task_id', 'label_id']), ('checklists', ARRAY['board_id', 'id']),
	('checklist_items', ARRAY['board_id', 'id']), ('comments', ARRAY['board_id', 'id'])) AS key (relation, columns);
SELECT is_empty($$ SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'board_id' JOIN pg_index i ON i.indrelid = c.oid
	WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind = 'r' AND i.indisunique AND i.indkey[0] <> a.attnum $$, 'a unique key of a table below a board starts with board_id');

SELECT col_is_unique('collab', 'users', ARRAY['issuer', 'subject'], 'users: unique by issuer and subject');
SELECT col_is_unique('collab', 'users', 'handle', 'users: handles are unique');
SELECT has_index('collab', 'events', 'events_command_key', ARRAY['aggregate_id', 'command_id'], 'events: index of command ids');
SELECT index_is_unique('collab', 'events', 'events_command_key', 'events: a command id is there once in each log');
SELECT is((SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = 'collab.events_command_key'::regclass), '(command_id IS NOT NULL)',
	'events: … where a command has one');
SELECT has_index('collab', 'events', 'events_id_idx', 'id', 'events: index of ids');
SELECT has_index('collab', 'events', 'events_type_idx', ARRAY['event_type', 'created_at'], 'events: index of types');
SELECT has_index('collab', 'events', 'events_created_at_idx', 'created_at', 'events: index of times');
SELECT index_is_type('collab', 'events', 'events_created_at_idx', 'brin', 'events: … which costs nothing');
SELECT has_index('collab', relation, name, columns, relation || ': ' || name) FROM (VALUES ('lists', 'lists_id_idx', ARRAY['id']), ('tasks', 'tasks_id_idx', ARRAY['id']),
	('tasks', 'tasks_order_idx', ARRAY['board_id', 'list_id', 'rank', 'id']), ('boards', 'boards_workspace_idx', ARRAY['workspace_id']),
	('members', 'members_user_idx', ARRAY['user_id']), ('task_assignees', 'task_assignees_user_idx', ARRAY['user_id']), ('comments', 'comments_task_idx', ARRAY['board_id', 'task_id', 'occurred_at']),
	('checklists', 'checklists_task_idx', ARRAY['board_id', 'task_id', 'rank']), ('checklist_items', 'checklist_items_checklist_idx', ARRAY['board_id', 'checklist_id', 'rank'])) AS i (relation, name, columns);

-- What may be missing; everything else may not.
SELECT set_eq($$ SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind = 'r'
		AND a.attnum > 0 AND NOT a.attnotnull $$,
	ARRAY['events.command_id', 'events.command_hash', 'users.avatar', 'users.deactivated_at', 'role_users.user_id', 'lists.wip_limit', 'lists.archived_at', 'tasks.priority',
		'tasks.start_date', 'tasks.due_date', 'tasks.completed_at', 'tasks.archived_at', 'tasks.deleted_at', 'checklist_items.due_date', 'checklist_items.assigned_to', 'comments.reply_to',
		'comments.edited_at'], 'nullable columns');
-- Every time is a timestamptz; nothing here is unlogged or temporary: what is committed stays.
SELECT is_empty($$ SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'collab'::regnamespace AND a.atttypid IN ('timestamp'::regtype, 'date'::regtype) $$,
	'no time without a zone');
SELECT is_empty($$ SELECT relname FROM pg_class WHERE relnamespace = 'collab'::regnamespace AND relpersistence <> 'p' $$, 'no unlogged table');
-- No foreign keys: the log is the truth and the projection its only writer; a dump restores in any order, with any number of jobs.
SELECT is_empty($$ SELECT conname, conrelid::regclass FROM pg_constraint WHERE contype = 'f' AND connamespace = 'collab'::regnamespace $$, 'no foreign keys');

SELECT trigger_is('collab', 'events', 'events_project', 'collab', 'events_project', 'events: projected');
SELECT trigger_is('collab', 'events', 'events_refuse_change', 'collab', 'events_guard', 'events: guarded');
SELECT is((SELECT count(*)::int FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'collab'::regnamespace AND NOT tgisinternal), 2, 'no other trigger');
SELECT set_eq($$ SELECT tgname::text || ' ' || tgenabled::text FROM pg_trigger WHERE tgrelid = 'collab.events'::regclass AND NOT tgisinternal $$, ARRAY['events_project O', 'events_refuse_change A'],
	'both are enabled, the guard also where a replica applies changes');

SELECT * FROM finish();
ROLLBACK;
