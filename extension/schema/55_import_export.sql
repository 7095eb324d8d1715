-- Import and export. docs/export.md and docs/import-trello.md describe the formats.

CREATE FUNCTION collab.import_trello(workspace_id uuid, export jsonb, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('IMPORT_BOARD',
		jsonb_build_object('workspace_id', workspace_id, 'format', 'trello', 'document', export), command_id,
		NULL)->'result'
$$;
COMMENT ON FUNCTION collab.import_trello IS 'Makes a board of a Trello export; returns a report of what was taken and what could not be.';

-- A document of ours says what it is; an export of Trello does not.
CREATE FUNCTION collab.import_board(workspace_id uuid, document jsonb, command_id uuid DEFAULT NULL)
	RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.run_command('IMPORT_BOARD', jsonb_build_object('workspace_id', workspace_id,
		'format', CASE WHEN jsonb_typeof(document) = 'object' AND document ? 'format' THEN 'collab' ELSE 'trello' END,
		'document', document), command_id, NULL)
$$;
COMMENT ON FUNCTION collab.import_board(uuid, jsonb, uuid) IS 'Makes a board of a document of collab.export_board or of a Trello export, whichever it is; returns the ACK with the report as result.';

-- scope: all; open (what is not archived, without comments, authors and files: for a copy); none (no tasks either).
-- Everything is named by its place in the document: the same board gives the same document, whatever its ids are.
-- Nothing is known of how many rows a WITH query has: a nested loop over two of them would take minutes, and the cost that it is given here would wake the JIT compiler.
CREATE FUNCTION collab.export_document(board_id uuid, scope text, with_files boolean, with_identities boolean) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET jit = off AS $$
	WITH board AS (
		SELECT b.* FROM collab.boards b WHERE b.id = export_document.board_id AND b.deleted_at IS NULL
	), lists AS (
		SELECT l.*, row_number() OVER (ORDER BY l.rank, l.id) AS n FROM collab.lists l
		WHERE l.board_id = export_document.board_id AND (scope = 'all' OR l.archived_at IS NULL)
	), labels AS (
		SELECT l.*, row_number() OVER (ORDER BY l.created_at, l.name, l.color, l.id) AS n FROM collab.labels l
		WHERE l.board_id = export_document.board_id AND l.deleted_at IS NULL
	), fields AS (
		SELECT f.*, row_number() OVER (ORDER BY f.created_at, f.name, f.kind, f.id) AS n FROM collab.custom_fields f
		WHERE f.board_id = export_document.board_id AND f.deleted_at IS NULL
	), tasks AS (
		SELECT t.*, l.n AS list_n, row_number() OVER (ORDER BY l.n, t.rank, t.id) AS n
		FROM collab.tasks t JOIN lists l ON l.id = t.list_id
		WHERE t.board_id = export_document.board_id AND t.deleted_at IS NULL AND scope <> 'none'
			AND (scope = 'all' OR t.archived_at IS NULL)
	), comments AS (
		SELECT c.*, row_number() OVER (ORDER BY t.n, c.occurred_at, c.id) AS n
		FROM collab.comments c JOIN tasks t ON t.id = c.task_id
		WHERE c.board_id = export_document.board_id AND c.deleted_at IS NULL AND scope = 'all'
	), attachments AS (
		SELECT a.*, row_number() OVER (ORDER BY t.n, a.created_at, a.version, a.id) AS n
		FROM collab.attachments a JOIN tasks t ON t.id = a.task_id
		WHERE a.board_id = export_document.board_id AND a.deleted_at IS NULL
			AND (a.url IS NOT NULL OR with_files AND EXISTS (SELECT FROM collab.uploads u WHERE u.id = a.upload_id))
	), checklists AS (
		SELECT c.* FROM collab.checklists c JOIN tasks t ON t.id = c.task_id
		WHERE c.board_id = export_document.board_id AND c.deleted_at IS NULL
	), items AS (
		SELECT i.* FROM collab.checklist_items i JOIN checklists c ON c.id = i.checklist_id
		WHERE i.board_id = export_document.board_id AND i.deleted_at IS NULL
	), assignees AS (
		SELECT a.task_id, a.user_id, a.ordinal FROM collab.task_assignees a JOIN tasks t ON t.id = a.task_id
		WHERE a.board_id = export_document.board_id
	), members AS (
		SELECT m.user_id FROM collab.board_members m JOIN board b ON b.id = m.board_id
		WHERE b.visibility = 'private' AND scope = 'all'
	), people AS (
		SELECT p.*, row_number() OVER (ORDER BY p.issuer COLLATE "C", p.subject COLLATE "C", p.id) AS n
		FROM (SELECT u.id, u.name, u.handle,
				CASE WHEN NOT with_identities THEN 'handle' WHEN is_elsewhere THEN u.subject::jsonb->>0 ELSE u.issuer END AS issuer,
				CASE WHEN NOT with_identities THEN u.handle WHEN is_elsewhere THEN u.subject::jsonb->>1 ELSE u.subject END AS subject
			FROM collab.users u
				CROSS JOIN LATERAL (SELECT u.issuer = 'collab-import' AND left(u.subject, 1) = '[') AS placeholder (is_elsewhere)
			WHERE u.id IN (SELECT a.user_id FROM assignees a UNION ALL SELECT i.assigned_to FROM items i
				UNION ALL SELECT m.user_id FROM members m
				UNION ALL SELECT t.created_by FROM tasks t WHERE scope = 'all'
				UNION ALL SELECT a.user_id FROM attachments a WHERE scope = 'all'
				UNION ALL SELECT c.user_id FROM comments c
				UNION ALL SELECT mention FROM comments c, unnest(c.mentions) AS mention)) AS p
	), checklist_items AS (
		SELECT i.checklist_id, jsonb_agg(jsonb_build_object('text', i.text, 'checked', i.checked,
			'due_date', collab.time_text(i.due_date), 'assigned_to', 'person' || p.n) ORDER BY i.rank, i.id) AS document
		FROM items i LEFT JOIN people p ON p.id = i.assigned_to GROUP BY i.checklist_id
	), task_checklists AS (
		SELECT c.task_id, jsonb_agg(jsonb_build_object('name', c.name, 'items', coalesce(i.document, '[]'))
			ORDER BY c.rank, c.id) AS document
		FROM checklists c LEFT JOIN checklist_items i ON i.checklist_id = c.id GROUP BY c.task_id
	), task_comments AS (
		SELECT c.task_id, jsonb_agg(jsonb_build_object('ref', 'comment' || c.n, 'author', 'person' || p.n, 'text', c.text,
			'reply_to', 'comment' || r.n, 'mentions', (SELECT coalesce(jsonb_agg('person' || m.n ORDER BY mention.ordinality), '[]')
				FROM unnest(c.mentions) WITH ORDINALITY AS mention (user_id, ordinality) JOIN people m ON m.id = mention.user_id),
			'created_at', collab.time_text(c.occurred_at), 'edited_at', collab.time_text(c.edited_at)) ORDER BY c.n) AS document
		FROM comments c JOIN people p ON p.id = c.user_id LEFT JOIN comments r ON r.id = c.reply_to GROUP BY c.task_id
	), task_attachments AS (
		SELECT a.task_id, jsonb_agg(jsonb_build_object('ref', 'attachment' || a.n, 'name', a.name)
			|| CASE WHEN a.url IS NOT NULL THEN jsonb_build_object('url', a.url)
				ELSE jsonb_build_object('content_type', a.content_type, 'content', (
					SELECT translate(encode(u.content, 'base64'), E'\n', '') FROM collab.uploads u WHERE u.id = a.upload_id)) END
			|| CASE WHEN scope = 'all' THEN jsonb_build_object('created_at', collab.time_text(a.created_at),
				'created_by', 'person' || p.n) ELSE '{}' END ORDER BY a.n) AS document
		FROM attachments a LEFT JOIN people p ON p.id = a.user_id GROUP BY a.task_id
	), task_assignees AS (
		SELECT a.task_id, jsonb_agg('person' || p.n ORDER BY a.ordinal) AS document
		FROM assignees a JOIN people p ON p.id = a.user_id GROUP BY a.task_id
	), task_labels AS (
		SELECT tl.task_id, jsonb_agg('label' || l.n ORDER BY tl.ordinal) AS document
		FROM collab.task_labels tl JOIN labels l ON l.id = tl.label_id
		WHERE tl.board_id = export_document.board_id GROUP BY tl.task_id
	), task_blockers AS (
		SELECT d.task_id, jsonb_agg('task' || b.n ORDER BY b.n) AS document
		FROM collab.task_dependencies d JOIN tasks b ON b.id = d.blocked_by
		WHERE d.board_id = export_document.board_id GROUP BY d.task_id
	), task_values AS (
		SELECT t.id AS task_id, jsonb_object_agg('field' || f.n, v.value) AS document
		FROM tasks t CROSS JOIN LATERAL jsonb_each(t.custom_fields) AS v JOIN fields f ON f.id = v.key::uuid GROUP BY t.id
	), task_covers AS (
		SELECT t.id AS task_id, CASE WHEN t.cover ? 'attachment_id' THEN jsonb_build_object('attachment', 'attachment' || a.n)
			ELSE t.cover END AS document
		FROM tasks t LEFT JOIN attachments a ON a.id = (t.cover->>'attachment_id')::uuid
		WHERE NOT t.cover ? 'attachment_id' OR a.id IS NOT NULL
	), transitions AS (
		SELECT jsonb_object_agg('list' || l.n, (SELECT coalesce(jsonb_agg('list' || target.n ORDER BY named.ordinality), '[]')
				FROM jsonb_array_elements_text(way.value) WITH ORDINALITY AS named (id, ordinality)
					JOIN lists target ON target.id = named.id::uuid)) AS document
		FROM board b CROSS JOIN LATERAL jsonb_each(b.settings->'workflow'->'transitions') AS way
			JOIN lists l ON l.id = way.key::uuid
	)
	SELECT jsonb_build_object('format', 'collab', 'format_version', 1,
		'board', jsonb_build_object('name', b.name, 'description', b.description, 'visibility', b.visibility,
			'settings', b.settings || CASE WHEN jsonb_typeof(b.settings->'workflow') = 'object' THEN jsonb_build_object('workflow',
				jsonb_build_object('transitions', coalesce((SELECT t.document FROM transitions t), '{}'))) ELSE '{}' END,
			'members', (SELECT coalesce(jsonb_agg('person' || p.n ORDER BY p.n), '[]')
				FROM members m JOIN people p ON p.id = m.user_id)),
		'people', (SELECT coalesce(jsonb_agg(jsonb_build_object('ref', 'person' || p.n, 'issuer', p.issuer, 'subject', p.subject,
			'handle', p.handle, 'name', p.name) ORDER BY p.n), '[]') FROM people p),
		'labels', (SELECT coalesce(jsonb_agg(jsonb_build_object('ref', 'label' || l.n, 'name', l.name,
			'color', CASE WHEN l.color ~ '^(#[0-9a-f]{6}|red|orange|yellow|lime|green|teal|sky|blue|purple|pink|gray|black)$'
				THEN l.color ELSE 'gray' END, 'created_at', collab.time_text(l.created_at)) ORDER BY l.n), '[]') FROM labels l),
		'custom_fields', (SELECT coalesce(jsonb_agg(jsonb_build_object('ref', 'field' || f.n, 'name', f.name, 'kind', f.kind,
			'options', f.options, 'created_at', collab.time_text(f.created_at)) ORDER BY f.n), '[]') FROM fields f),
		'lists', (SELECT coalesce(jsonb_agg(jsonb_build_object('ref', 'list' || l.n, 'name', l.name, 'category', l.category,
			'wip_limit', l.wip_limit, 'created_at', collab.time_text(l.created_at),
			'archived_at', collab.time_text(l.archived_at)) ORDER BY l.n), '[]') FROM lists l),
		'tasks', (SELECT coalesce(jsonb_agg(jsonb_build_object('ref', 'task' || t.n, 'list', 'list' || t.list_n, 'title', t.title,
			'description', t.description, 'priority', t.priority, 'start_date', collab.time_text(t.start_date),
			'due_date', collab.time_text(t.due_date), 'completed_at', collab.time_text(t.completed_at),
			'archived_at', collab.time_text(t.archived_at), 'cover', cover.document, 'config', t.config,
			'custom_fields', coalesce(v.document, '{}'), 'labels', coalesce(label.document, '[]'),
			'assignees', coalesce(assignee.document, '[]'), 'blocked_by', coalesce(blocker.document, '[]'),
			'checklists', coalesce(checklist.document, '[]'), 'attachments', coalesce(attachment.document, '[]'))
			|| CASE WHEN scope = 'all' THEN jsonb_build_object('comments', coalesce(comment.document, '[]'),
				'created_at', collab.time_text(t.created_at), 'created_by', 'person' || p.n) ELSE '{}' END
			ORDER BY t.n), '[]')
			FROM tasks t LEFT JOIN people p ON p.id = t.created_by
				LEFT JOIN task_covers cover ON cover.task_id = t.id
				LEFT JOIN task_values v ON v.task_id = t.id
				LEFT JOIN task_labels label ON label.task_id = t.id
				LEFT JOIN task_assignees assignee ON assignee.task_id = t.id
				LEFT JOIN task_blockers blocker ON blocker.task_id = t.id
				LEFT JOIN task_checklists checklist ON checklist.task_id = t.id
				LEFT JOIN task_attachments attachment ON attachment.task_id = t.id
				LEFT JOIN task_comments comment ON comment.task_id = t.id))
	FROM board b
$$;
COMMENT ON FUNCTION collab.export_document IS 'A board as a document (with_identities: people with issuer and subject, else by their handle alone): all of it, or what a copy takes (scope open; none: without its tasks). Does not check who asks.';

CREATE FUNCTION collab.export_board(board_id uuid, with_files boolean DEFAULT true) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.export_document(r.board_id, 'all', coalesce(with_files, true), r.role >= 'admin')
	FROM collab.board_readers r
	WHERE r.board_id = collab.require_board(export_board.board_id) AND r.user_id = collab.current_user_id()
$$;
COMMENT ON FUNCTION collab.export_board IS 'The board as a document that IMPORT_BOARD makes an equal board of (docs/export.md); with_files: the bytes of files, too, in base64.';
