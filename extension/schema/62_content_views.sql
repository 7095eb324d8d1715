-- What hangs on tasks that the session's user can see, as plain rows. Security barriers, as in 60_views.sql.

CREATE VIEW collab.visible_checklists WITH (security_barrier) AS
	SELECT c.board_id, c.task_id, c.id, c.name,
		(row_number() OVER (PARTITION BY c.board_id, c.task_id ORDER BY c.rank, c.id) - 1)::int AS "position",
		c.version, c.created_at
	FROM collab.checklists c JOIN collab.tasks t ON t.board_id = c.board_id AND t.id = c.task_id
		JOIN collab.board_readers m ON m.board_id = c.board_id
	WHERE t.deleted_at IS NULL AND c.deleted_at IS NULL AND m.user_id = (SELECT collab.current_user_id());
COMMENT ON VIEW collab.visible_checklists IS 'Checklists of the tasks that the session''s user can see.';

CREATE VIEW collab.visible_checklist_items WITH (security_barrier) AS
	SELECT i.board_id, i.task_id, i.checklist_id, i.id, i.text, i.checked, i.due_date, i.assigned_to,
		(row_number() OVER (PARTITION BY i.board_id, i.checklist_id ORDER BY i.rank, i.id) - 1)::int AS "position", i.version
	FROM collab.checklist_items i JOIN collab.tasks t ON t.board_id = i.board_id AND t.id = i.task_id
		JOIN collab.board_readers m ON m.board_id = i.board_id
	WHERE t.deleted_at IS NULL AND i.deleted_at IS NULL AND m.user_id = (SELECT collab.current_user_id());
COMMENT ON VIEW collab.visible_checklist_items IS 'Items of the checklists that the session''s user can see.';

CREATE VIEW collab.visible_attachments WITH (security_barrier) AS
	SELECT a.board_id, a.task_id, a.id, a.user_id, a.name, a.url, a.content_type, a.size, a.sha256, a.version, a.created_at
	FROM collab.attachments a JOIN collab.tasks t ON t.board_id = a.board_id AND t.id = a.task_id
		JOIN collab.board_readers m ON m.board_id = a.board_id
	WHERE t.deleted_at IS NULL AND a.deleted_at IS NULL AND m.user_id = (SELECT collab.current_user_id());
COMMENT ON VIEW collab.visible_attachments IS 'Attachments of the tasks that the session''s user can see; collab.attachment_content has the bytes of files.';
