-- What the session's user can see, as plain rows. Security barriers: no condition of the caller's runs before the
-- filter does.

CREATE VIEW collab.visible_workspaces WITH (security_barrier) AS
	SELECT w.id, w.name, w.description, m.role, w.owner_id, w.personal, w.default_board_id, w.version, w.created_at, w.updated_at
	FROM collab.workspaces w JOIN collab.members m ON m.workspace_id = w.id
	WHERE m.user_id = (SELECT collab.current_user_id());

CREATE VIEW collab.visible_members WITH (security_barrier) AS
	SELECT m.workspace_id, m.user_id, u.name AS username, u.handle, u.avatar, m.role, m.created_at
	FROM collab.members m JOIN collab.users u ON u.id = m.user_id
	WHERE EXISTS (SELECT FROM collab.members me
		WHERE me.workspace_id = m.workspace_id AND me.user_id = (SELECT collab.current_user_id()));

CREATE VIEW collab.visible_boards WITH (security_barrier) AS
	SELECT b.id, b.workspace_id, b.name, b.description, b.owner_id, b.visibility, b.settings, b.version, b.created_at,
		b.updated_at, b.archived_at
	FROM collab.boards b JOIN collab.board_readers m ON m.board_id = b.id
	WHERE m.user_id = (SELECT collab.current_user_id());

CREATE VIEW collab.visible_lists WITH (security_barrier) AS
	SELECT l.board_id, l.id, l.name,
		(row_number() OVER (PARTITION BY l.board_id, l.archived_at IS NULL ORDER BY l.rank, l.id) - 1)::int AS "position",
		l.category, l.wip_limit, l.task_count, l.version, l.created_at, l.updated_at, l.archived_at
	FROM collab.lists l JOIN collab.board_readers m ON m.board_id = l.board_id
	WHERE m.user_id = (SELECT collab.current_user_id());

CREATE VIEW collab.visible_tasks WITH (security_barrier) AS
	SELECT t.board_id, t.list_id, t.id, t.title, t.description,
		(row_number() OVER (PARTITION BY t.board_id, t.list_id, t.archived_at IS NULL ORDER BY t.rank, t.id) - 1)::int
			AS "position",
		l.category AS status, t.priority, t.start_date, t.due_date, t.completed_at,
		ARRAY(SELECT a.user_id FROM collab.task_assignees a
			WHERE a.board_id = t.board_id AND a.task_id = t.id ORDER BY a.ordinal) AS assignees,
		ARRAY(SELECT label.name FROM collab.task_labels tl
			JOIN collab.labels label ON label.board_id = tl.board_id AND label.id = tl.label_id
			WHERE tl.board_id = t.board_id AND tl.task_id = t.id ORDER BY tl.ordinal) AS labels,
		t.config, t.custom_fields, t.cover, t.comments_count, t.attachments_count, t.version, t.created_by, t.created_at, t.updated_at, t.archived_at
	FROM collab.tasks t JOIN collab.lists l ON l.board_id = t.board_id AND l.id = t.list_id
		JOIN collab.board_readers m ON m.board_id = t.board_id
	WHERE t.deleted_at IS NULL AND m.user_id = (SELECT collab.current_user_id());

CREATE VIEW collab.visible_comments WITH (security_barrier) AS
	SELECT c.board_id, c.task_id, c.id, c.user_id, u.name AS username, c.text, c.reply_to, c.mentions, c.created_at,
		c.occurred_at, c.edited_at
	FROM collab.comments c JOIN collab.users u ON u.id = c.user_id
		JOIN collab.tasks t ON t.board_id = c.board_id AND t.id = c.task_id
		JOIN collab.board_readers m ON m.board_id = c.board_id
	WHERE t.deleted_at IS NULL AND c.deleted_at IS NULL AND m.user_id = (SELECT collab.current_user_id());
