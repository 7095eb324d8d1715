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
