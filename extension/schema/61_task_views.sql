-- What boards define for their tasks, with the ids that commands take, for the session's user.

CREATE VIEW collab.visible_labels WITH (security_barrier) AS
	SELECT l.board_id, l.id, l.name, l.color, l.version, l.created_at,
		(SELECT count(*) FROM collab.task_labels tl JOIN collab.tasks t ON t.board_id = tl.board_id AND t.id = tl.task_id
			WHERE tl.board_id = l.board_id AND tl.label_id = l.id AND t.archived_at IS NULL AND t.deleted_at IS NULL)::int
			AS open_tasks
	FROM collab.labels l JOIN collab.board_readers m ON m.board_id = l.board_id
	WHERE l.deleted_at IS NULL AND m.user_id = (SELECT collab.current_user_id());
COMMENT ON VIEW collab.visible_labels IS 'The labels of the boards that the session''s user can see, and how many open tasks have each.';

CREATE VIEW collab.visible_custom_fields WITH (security_barrier) AS
	SELECT f.board_id, f.id, f.name, f.kind,
		ARRAY(SELECT o.name FROM jsonb_array_elements_text(f.options) WITH ORDINALITY AS o (name, number) ORDER BY o.number)
			AS options,
		f.version, f.created_at
	FROM collab.custom_fields f JOIN collab.board_readers m ON m.board_id = f.board_id
	WHERE f.deleted_at IS NULL AND m.user_id = (SELECT collab.current_user_id());
COMMENT ON VIEW collab.visible_custom_fields IS 'The custom fields of the boards that the session''s user can see; options are those of a choice.';

CREATE VIEW collab.visible_dependencies WITH (security_barrier) AS
	SELECT d.board_id, d.task_id, d.blocked_by, t.title, b.title AS blocked_by_title,
		b.completed_at IS NULL AND b.archived_at IS NULL AND l.archived_at IS NULL AS is_open, d.created_at
	FROM collab.task_dependencies d
		JOIN collab.tasks t ON t.board_id = d.board_id AND t.id = d.task_id AND t.deleted_at IS NULL
		JOIN collab.tasks b ON b.board_id = d.board_id AND b.id = d.blocked_by AND b.deleted_at IS NULL
		JOIN collab.lists l ON l.board_id = b.board_id AND l.id = b.list_id
		JOIN collab.board_readers m ON m.board_id = d.board_id
	WHERE m.user_id = (SELECT collab.current_user_id());
COMMENT ON VIEW collab.visible_dependencies IS 'Which tasks wait for which others, on the boards that the session''s user can see; is_open: the other one is neither completed nor archived.';
