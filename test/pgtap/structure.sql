-- structure.sql: the tables, their columns, keys and indexes have the names and shapes that others rely on.
BEGIN;
SELECT no_plan();

SELECT sequences_are('collab', ARRAY['events_id_seq', 'notifications_id_seq', 'purges_id_seq', 'slow_commands_id_seq', 'users_id_seq']);
SELECT enum_has_labels('collab', 'notification_type', ARRAY['mentioned', 'assigned', 'commented', 'completed', 'due_soon', 'role_changed', 'added_to_workspace']);
SELECT enum_has_labels('collab', 'workspace_role', ARRAY['viewer', 'member', 'admin', 'owner']);

-- Every table with its columns in their order; a question mark: may be null.
CREATE TEMP TABLE shape (relation text, columns text);
INSERT INTO shape VALUES
	('aggregates', 'id uuid, aggregate_type text, workspace_id uuid, version integer, acl_version bigint, event_id bigint, event_at timestamptz'),
	('attachments', 'board_id uuid, id uuid, task_id uuid, user_id bigint, name text, url text?, content_type text?, size bigint?, sha256 text?, upload_id uuid?, version integer, created_at timestamptz, deleted_at timestamptz?'),
	('board_members', 'board_id uuid, user_id bigint, created_at timestamptz'),
	('boards', 'id uuid, workspace_id uuid, name text, description text, owner_id bigint, visibility text, settings jsonb, version integer, created_at timestamptz, updated_at timestamptz, entity_version integer, archived_at timestamptz?, deleted_at timestamptz?'),
	('bridges', 'id uuid, name text, started_at timestamptz, seen_at timestamptz'),
	('checklist_items', 'board_id uuid, id uuid, checklist_id uuid, text text, rank bigint, checked boolean, due_date timestamptz?, assigned_to bigint?, task_id uuid, version integer, deleted_at timestamptz?'),
	('checklists', 'board_id uuid, id uuid, task_id uuid, name text, rank bigint, created_at timestamptz, version integer, deleted_at timestamptz?'),
	('comments', 'board_id uuid, id uuid, task_id uuid, user_id bigint, text text, reply_to uuid?, mentions bigint[], created_at timestamptz, occurred_at timestamptz, edited_at timestamptz?, version integer, deleted_at timestamptz?, search tsvector?'),
	('connections', 'bridge_id uuid, connection_id uuid, user_id bigint, connected_at timestamptz, last_seen timestamptz'),
	('custom_fields', 'board_id uuid, id uuid, name text, kind text, options jsonb, version integer, created_at timestamptz, deleted_at timestamptz?'),
	('epochs', 'epoch integer, system_identifier bigint, database_oid oid, started_at timestamptz, timeline integer?'),
	('events', 'id bigint, aggregate_id uuid, aggregate_type text, event_type text, event_data jsonb, user_id bigint, version integer, created_at timestamptz, command_id uuid?, command_hash bytea?, acl_version bigint, schema_version smallint, xid xid8, epoch integer'),
	('feed_positions', 'name text, epoch integer, xid xid8, event_id bigint, created_at timestamptz, acked_at timestamptz?'),
	('invites', 'workspace_id uuid, id uuid, role collab.workspace_role, token_hash text, expires_at timestamptz?, max_uses integer?, uses integer, created_by bigint, created_at timestamptz, revoked_at timestamptz?'),
	('labels', 'board_id uuid, id uuid, name text, color text, created_at timestamptz, version integer, deleted_at timestamptz?'),
	('last_seen', 'user_id bigint, seen_at timestamptz'),
	('live_keys', 'only_one boolean, key bytea'),
	('lists', 'board_id uuid, id uuid, name text, rank bigint, category text, wip_limit integer?, task_count integer, version integer, created_at timestamptz, updated_at timestamptz, archived_at timestamptz?'),
	('members', 'workspace_id uuid, user_id bigint, role collab.workspace_role, created_at timestamptz'),
	('notification_preferences', 'user_id bigint, type collab.notification_type, enabled boolean'),
	('notifications', 'id bigint, user_id bigint, type collab.notification_type, workspace_id uuid, board_id uuid?, task_id uuid?, comment_id uuid?, actor_id bigint?, cause text, text text, created_at timestamptz, delivered_at timestamptz?, read_at timestamptz?'),
	('purges', 'id bigint, board_id uuid, workspace_id uuid, name text, events bigint, first_event_id bigint, first_event_at timestamptz, last_event_id bigint, last_event_at timestamptz, deleted_at timestamptz, purged_at timestamptz, purged_by text, reason text'),
	('role_users', 'role regrole, level text, user_id bigint?'),
	('room_members', 'board_id uuid, bridge_id uuid, connection_id uuid, joined_at timestamptz'),
	('secrets', 'name text, value bytea'),
	('slow_commands', 'id bigint, command text, aggregate_id uuid?, user_id bigint, duration_ms double precision, lock_ms double precision, at timestamptz'),
	('snapshots', 'board_id uuid, version integer, created_at timestamptz, state jsonb'),
	('task_assignees', 'board_id uuid, task_id uuid, user_id bigint, ordinal integer'),
	('task_dependencies', 'board_id uuid, task_id uuid, blocked_by uuid, created_at timestamptz'),
	('task_labels', 'board_id uuid, task_id uuid, label_id uuid, ordinal integer'),
	('tasks', 'board_id uuid, id uuid, list_id uuid, title text, description text, rank bigint, priority text?, start_date timestamptz?, due_date timestamptz?, completed_at timestamptz?, config jsonb, comments_count integer, version integer, created_by bigint, created_at timestamptz, updated_at timestamptz, archived_at timestamptz?, deleted_at timestamptz?, cover jsonb?, custom_fields jsonb, attachments_count integer, search tsvector?'),
	('uploads', 'id uuid, user_id bigint, name text, content_type text, size bigint, sha256 text, content bytea, created_at timestamptz, attached_at timestamptz?'),
	('users', 'id bigint, issuer text, subject text, name text, handle text, avatar text?, created_at timestamptz, updated_at timestamptz, deactivated_at timestamptz?'),
	('workspaces', 'id uuid, name text, description text, owner_id bigint, version integer, created_at timestamptz, updated_at timestamptz, personal boolean, default_board_id uuid?, entity_version integer, deleted_at timestamptz?');
SELECT is((SELECT string_agg(attname || ' ' || replace(format_type(atttypid, atttypmod), 'timestamp with time zone', 'timestamptz') || CASE WHEN attnotnull THEN '' ELSE '?' END, ', ' ORDER BY attnum)
	FROM pg_attribute WHERE attrelid = to_regclass('collab.' || relation) AND attnum > 0 AND NOT attisdropped), columns, relation || ': columns and types') FROM shape ORDER BY relation;
SELECT set_eq('SELECT relation FROM shape', $$ SELECT relname::text FROM pg_class WHERE relnamespace = 'collab'::regnamespace AND relkind = 'r' $$,
	'every table has its shape here');

-- Keys. Below a board every key starts with board_id, so that tables can be partitioned by it.
CREATE TEMP TABLE primary_key (relation text, columns name[]);
INSERT INTO primary_key VALUES
	('aggregates', ARRAY['id']),
	('attachments', ARRAY['board_id', 'id']),
	('board_members', ARRAY['board_id', 'user_id']),
	('boards', ARRAY['id']),
	('bridges', ARRAY['id']),
	('checklist_items', ARRAY['board_id', 'id']),
	('checklists', ARRAY['board_id', 'id']),
	('comments', ARRAY['board_id', 'id']),
	('connections', ARRAY['bridge_id', 'connection_id']),
	('custom_fields', ARRAY['board_id', 'id']),
	('epochs', ARRAY['epoch']),
	('events', ARRAY['aggregate_id', 'version']),
	('feed_positions', ARRAY['name']),
	('invites', ARRAY['workspace_id', 'id']),
	('labels', ARRAY['board_id', 'id']),
	('last_seen', ARRAY['user_id']),
	('lists', ARRAY['board_id', 'id']),
	('live_keys', ARRAY['only_one']),
	('members', ARRAY['workspace_id', 'user_id']),
	('notification_preferences', ARRAY['user_id', 'type']),
	('notifications', ARRAY['id']),
	('purges', ARRAY['id']),
	('role_users', ARRAY['role']),
	('room_members', ARRAY['board_id', 'bridge_id', 'connection_id']),
	('secrets', ARRAY['name']),
	('slow_commands', ARRAY['id']),
	('snapshots', ARRAY['board_id', 'version']),
	('task_assignees', ARRAY['board_id', 'task_id', 'user_id']),
	('task_dependencies', ARRAY['board_id', 'task_id', 'blocked_by']),
	('task_labels', ARRAY['board_id', 'task_id', 'label_id']),
	('tasks', ARRAY['board_id', 'id']),
	('uploads', ARRAY['id']),
	('users', ARRAY['id']),
	('workspaces', ARRAY['id']);
SELECT col_is_pk('collab', relation, columns, relation || ': primary key') FROM primary_key ORDER BY relation;
SELECT set_eq('SELECT relation FROM primary_key', 'SELECT relation FROM shape', 'every table has a primary key');
SELECT is_empty($$ SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'board_id' JOIN pg_index i ON i.indrelid = c.oid
	WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind = 'r' AND i.indisunique AND i.indkey[0] <> a.attnum AND c.relname NOT IN ('notifications', 'purges') $$, 'a unique key of a table below a board starts with board_id');

SELECT col_is_unique('collab', 'users', ARRAY['issuer', 'subject'], 'users: unique by issuer and subject');
SELECT col_is_unique('collab', 'users', 'handle', 'users: handles are unique');
SELECT index_is_unique('collab', 'events', 'events_command_key', 'events: a command id is there once in each log');
SELECT is((SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = 'collab.events_command_key'::regclass), '(command_id IS NOT NULL)',
	'events: … where a command has one');
SELECT index_is_type('collab', 'events', 'events_created_at_idx', 'brin', 'events: … which costs nothing');
SELECT index_is_unique('collab', 'workspaces', 'workspaces_personal_key', 'workspaces: one personal workspace for each user');
SELECT has_index('collab', relation, name, columns, relation || ': ' || name) FROM (VALUES
	('attachments', 'attachments_id_idx', ARRAY['id']),
	('attachments', 'attachments_task_idx', ARRAY['board_id', 'task_id']),
	('attachments', 'attachments_upload_idx', ARRAY['upload_id']),
	('boards', 'boards_workspace_idx', ARRAY['workspace_id']),
	('checklist_items', 'checklist_items_assigned_idx', ARRAY['assigned_to']),
	('checklist_items', 'checklist_items_checklist_idx', ARRAY['board_id', 'checklist_id', 'rank']),
	('checklist_items', 'checklist_items_due_idx', ARRAY['due_date']),
	('checklist_items', 'checklist_items_id_idx', ARRAY['id']),
	('checklists', 'checklists_id_idx', ARRAY['id']),
	('checklists', 'checklists_task_idx', ARRAY['board_id', 'task_id', 'rank']),
	('comments', 'comments_id_idx', ARRAY['id']),
	('comments', 'comments_search_idx', ARRAY['search']),
	('comments', 'comments_task_idx', ARRAY['board_id', 'task_id', 'occurred_at']),
	('connections', 'connections_user_idx', ARRAY['user_id']),
	('custom_fields', 'custom_fields_id_idx', ARRAY['id']),
	('events', 'events_command_key', ARRAY['aggregate_id', 'command_id']),
	('events', 'events_created_at_idx', ARRAY['created_at']),
	('events', 'events_id_idx', ARRAY['id']),
	('events', 'events_position_idx', ARRAY['epoch', 'xid', 'id']),
	('events', 'events_type_idx', ARRAY['event_type', 'created_at']),
	('events', 'events_user_idx', ARRAY['aggregate_id', 'user_id', 'version']),
	('invites', 'invites_id_idx', ARRAY['id']),
	('invites', 'invites_token_key', ARRAY['token_hash']),
	('labels', 'labels_id_idx', ARRAY['id']),
	('lists', 'lists_id_idx', ARRAY['id']),
	('members', 'members_user_idx', ARRAY['user_id']),
	('notifications', 'notifications_undelivered_idx', ARRAY['user_id', 'id']),
	('notifications', 'notifications_unread_idx', ARRAY['user_id', 'id']),
	('notifications', 'notifications_user_id_cause_key', ARRAY['user_id', 'cause']),
	('notifications', 'notifications_user_idx', ARRAY['user_id', 'id']),
	('room_members', 'room_members_connection_idx', ARRAY['bridge_id', 'connection_id']),
	('task_assignees', 'task_assignees_user_idx', ARRAY['user_id']),
	('task_dependencies', 'task_dependencies_blocked_by_idx', ARRAY['board_id', 'blocked_by']),
	('task_labels', 'task_labels_label_idx', ARRAY['board_id', 'label_id']),
	('tasks', 'tasks_due_idx', ARRAY['board_id', 'due_date']),
	('tasks', 'tasks_due_soon_idx', ARRAY['due_date']),
	('tasks', 'tasks_fields_idx', ARRAY['custom_fields']),
	('tasks', 'tasks_id_idx', ARRAY['id']),
	('tasks', 'tasks_order_idx', ARRAY['board_id', 'list_id', 'rank', 'id']),
	('tasks', 'tasks_search_idx', ARRAY['search']),
	('uploads', 'uploads_unattached_idx', ARRAY['user_id']),
	('users', 'users_handle_key', ARRAY['handle']),
	('users', 'users_issuer_subject_key', ARRAY['issuer', 'subject']),
	('workspaces', 'workspaces_personal_key', ARRAY['owner_id'])) AS i (relation, name, columns);

-- Every time is a timestamptz.
SELECT is_empty($$ SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'collab'::regnamespace AND a.atttypid IN ('timestamp'::regtype, 'date'::regtype, 'time'::regtype) $$,
	'no time without a zone');
-- What a crash may forget is only who is there now; a standby has none of it.
SELECT set_eq($$ SELECT relname::text FROM pg_class WHERE relnamespace = 'collab'::regnamespace AND relkind = 'r' AND relpersistence <> 'p' $$, ARRAY['bridges', 'connections', 'live_keys', 'room_members'],
	'the unlogged tables are those of presence');
-- No foreign keys: the log is the truth and the projection its only writer; a dump restores in any order, with any number of jobs.
SELECT is_empty($$ SELECT conname, conrelid::regclass FROM pg_constraint WHERE contype = 'f' AND connamespace = 'collab'::regnamespace $$, 'no foreign keys');

SELECT trigger_is('collab', 'events', 'events_project', 'collab', 'events_project', 'events: projected');
SELECT trigger_is('collab', 'events', 'events_refuse_change', 'collab', 'events_guard', 'events: guarded');
SELECT is((SELECT count(*)::int FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'collab'::regnamespace AND NOT tgisinternal), 2, 'no other trigger');
SELECT set_eq($$ SELECT tgname::text || ' ' || tgenabled::text FROM pg_trigger WHERE tgrelid = 'collab.events'::regclass AND NOT tgisinternal $$, ARRAY['events_project O', 'events_refuse_change A'],
	'both are enabled, the guard also where a replica applies changes');

SELECT * FROM finish();
ROLLBACK;
