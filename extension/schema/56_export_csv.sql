-- Tasks as CSV, for spreadsheets.

-- A cell as RFC 4180 writes it. A spreadsheet takes a text that begins with = + - @ or a tab or carriage return for a
-- formula: such a text gets an apostrophe before it, which spreadsheets read as "text" and do not show.
CREATE FUNCTION collab.csv_cell(value text) RETURNS text
	LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE WHEN safe ~ E'[",;\t\r\n]' OR safe <> btrim(safe) THEN '"' || replace(safe, '"', '""') || '"' ELSE safe END
	FROM (SELECT CASE WHEN value ~ E'^[-=+@\t\r]' THEN '''' || value ELSE coalesce(value, '') END) AS cell (safe)
$$;
COMMENT ON FUNCTION collab.csv_cell IS 'A text as a cell of CSV (RFC 4180), and no formula for a spreadsheet.';

CREATE FUNCTION collab.export_tasks_csv(board_id uuid) RETURNS text
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
	WITH visible AS (
		SELECT collab.require_board(export_tasks_csv.board_id) AS id
	), fields AS (
		SELECT f.id, f.name, f.kind, row_number() OVER (ORDER BY f.created_at, f.name, f.kind, f.id) AS n
		FROM collab.custom_fields f JOIN visible v ON v.id = f.board_id WHERE f.deleted_at IS NULL
	), lines AS (
		SELECT row_number() OVER (ORDER BY t.archived_at IS NOT NULL OR l.archived_at IS NOT NULL, l.rank, l.id, t.rank, t.id) AS n,
			concat_ws(',', collab.csv_cell(l.name), collab.csv_cell(t.title), l.category, coalesce(t.priority, ''),
			collab.csv_cell((SELECT string_agg(coalesce(nullif(label.name, ''), label.color), ', ' ORDER BY tl.ordinal) FROM collab.task_labels tl
				JOIN collab.labels label ON label.board_id = tl.board_id AND label.id = tl.label_id
				WHERE tl.board_id = t.board_id AND tl.task_id = t.id AND label.deleted_at IS NULL)),
			collab.csv_cell((SELECT string_agg(u.name, ', ' ORDER BY a.ordinal) FROM collab.task_assignees a
				JOIN collab.users u ON u.id = a.user_id WHERE a.board_id = t.board_id AND a.task_id = t.id)),
			coalesce(collab.time_text(t.start_date), ''), coalesce(collab.time_text(t.due_date), ''),
			coalesce(collab.time_text(t.completed_at), ''), CASE WHEN t.archived_at IS NULL AND l.archived_at IS NULL THEN 'false' ELSE 'true' END,
			collab.time_text(t.created_at), collab.csv_cell((SELECT u.name FROM collab.users u WHERE u.id = t.created_by)),
			collab.csv_cell(t.description))
			|| coalesce((SELECT string_agg(',' || CASE f.kind WHEN 'number' THEN coalesce(t.custom_fields->>f.id::text, '')
				ELSE collab.csv_cell(t.custom_fields->>f.id::text) END, '' ORDER BY f.n) FROM fields f), '') AS line
		FROM collab.tasks t JOIN visible v ON v.id = t.board_id
			JOIN collab.lists l ON l.board_id = t.board_id AND l.id = t.list_id
		WHERE t.deleted_at IS NULL
	)
	SELECT 'list,title,status,priority,labels,assignees,start_date,due_date,completed_at,archived,created_at,created_by,description'
		|| coalesce((SELECT string_agg(',' || collab.csv_cell(f.name), '' ORDER BY f.n) FROM fields f), '') || E'\r\n'
		|| coalesce((SELECT string_agg(l.line || E'\r\n', '' ORDER BY l.n) FROM lines l), '')
$$;
COMMENT ON FUNCTION collab.export_tasks_csv IS 'The board''s tasks as CSV (RFC 4180) with a header: open ones in their order, then the archived ones; custom fields are columns.';
