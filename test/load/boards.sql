-- boards.sql: what bench.sh measures with: generated Trello exports, the peer of the board's document, the stopwatch.
-- A task has 0–3 labels, 0–2 assignees, every second a checklist of 6 items (so 3 a task), a description of some lines.
SET client_min_messages = warning;
CREATE EXTENSION collab;
CREATE SCHEMA bench;

CREATE FUNCTION bench.hex(kind text, number int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT substr(md5(kind || number), 1, 24)
$$;

-- A Trello export; comments are of its first cards, one each.
CREATE FUNCTION bench.trello(name text, cards int, comments int) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('name', name, 'desc', '',
		'lists', (SELECT jsonb_agg(jsonb_build_object('id', bench.hex('list', n), 'name', 'List ' || n, 'pos', n)) FROM generate_series(1, 8) AS n),
		'labels', (SELECT jsonb_agg(jsonb_build_object('id', bench.hex('label', n), 'name', 'Label ' || n, 'color', 'sky')) FROM generate_series(1, 10) AS n),
		'members', (SELECT jsonb_agg(jsonb_build_object('id', bench.hex('member', n), 'username', 'person' || n, 'fullName', 'Person ' || n)) FROM generate_series(1, 10) AS n),
		'cards', (SELECT jsonb_agg(jsonb_build_object('id', bench.hex('card', n), 'name', 'Card ' || n || ': a title of the usual length', 'pos', n,
			'desc', repeat('Some words about what is to be done here. ', n % 8), 'idList', bench.hex('list', n % 8 + 1),
			'idLabels', (SELECT coalesce(jsonb_agg(bench.hex('label', (n + l) % 10 + 1)), '[]') FROM generate_series(1, n % 4) AS l),
			'idMembers', (SELECT coalesce(jsonb_agg(bench.hex('member', (n + m) % 10 + 1)), '[]') FROM generate_series(1, n % 3) AS m),
			'due', CASE n % 3 WHEN 0 THEN to_jsonb('2026-12-24T18:00:00Z'::text) END)) FROM generate_series(1, cards) AS n),
		'checklists', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', bench.hex('checklist', n), 'name', 'Steps', 'idCard', bench.hex('card', n), 'pos', 1,
			'checkItems', (SELECT jsonb_agg(jsonb_build_object('id', bench.hex('item', n * 10 + i), 'name', 'Step ' || i || ' of the card', 'pos', i,
				'state', CASE i % 2 WHEN 0 THEN 'complete' ELSE 'incomplete' END)) FROM generate_series(1, 6) AS i))), '[]') FROM generate_series(1, cards, 2) AS n),
		'actions', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', bench.hex('action', n), 'type', 'commentCard', 'date', '2026-01-01T00:00:00Z',
			'idMemberCreator', bench.hex('member', n % 10 + 1), 'data', jsonb_build_object('card', jsonb_build_object('id', bench.hex('card', n)), 'text', 'A comment of some words'))), '[]')
			FROM generate_series(1, comments) AS n))
$$;

-- The same document as collab.board_document's, as one would write it in SQL: json_agg over joins, what hangs on tasks
-- aggregated once and joined. In PL/pgSQL, so that its plan is kept from call to call; bench.sh analyzes before.
CREATE FUNCTION bench.peer(board uuid) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (WITH labels AS (
		SELECT tl.task_id, json_agg(json_build_object('id', l.id, 'name', l.name, 'color', l.color) ORDER BY tl.ordinal) AS document
		FROM collab.task_labels tl JOIN collab.labels l ON l.board_id = tl.board_id AND l.id = tl.label_id
		WHERE tl.board_id = board GROUP BY tl.task_id
	), assignees AS (
		SELECT a.task_id, json_agg(a.user_id ORDER BY a.ordinal) AS document FROM collab.task_assignees a WHERE a.board_id = board GROUP BY a.task_id
	), blockers AS (
		SELECT d.task_id, json_agg(d.blocked_by) AS document FROM collab.task_dependencies d
		JOIN collab.tasks b ON b.board_id = d.board_id AND b.id = d.blocked_by AND b.deleted_at IS NULL WHERE d.board_id = board GROUP BY d.task_id
	), items AS (
		SELECT i.checklist_id, count(*) AS total, count(*) FILTER (WHERE i.checked) AS checked, json_agg(json_build_object('id', i.id, 'text', i.text,
			'checked', i.checked, 'due_date', i.due_date, 'assigned_to', i.assigned_to, 'position', i.n) ORDER BY i.n) AS document
		FROM (SELECT x.*, row_number() OVER (PARTITION BY x.checklist_id ORDER BY x.rank, x.id) - 1 AS n FROM collab.checklist_items x
			WHERE x.board_id = board AND x.deleted_at IS NULL) AS i GROUP BY i.checklist_id
	), checklists AS (
		SELECT c.task_id, sum(i.total) AS total, sum(i.checked) AS checked, json_agg(json_build_object('id', c.id, 'name', c.name, 'position', c.n,
			'items', coalesce(i.document, '[]')) ORDER BY c.n) AS document
		FROM (SELECT y.*, row_number() OVER (PARTITION BY y.task_id ORDER BY y.rank, y.id) - 1 AS n FROM collab.checklists y
			WHERE y.board_id = board AND y.deleted_at IS NULL) AS c LEFT JOIN items i ON i.checklist_id = c.id GROUP BY c.task_id
	), tasks AS (
		SELECT t.list_id, json_agg(json_build_object('id', t.id, 'board_id', t.board_id, 'list_id', t.list_id, 'title', t.title,
			'assigned_to', a.document->0, 'assignees', coalesce(a.document, '[]'), 'priority', t.priority, 'start_date', t.start_date,
			'due_date', t.due_date, 'status', l.category, 'completed_at', t.completed_at, 'position', t.n, 'labels', coalesce(tl.document, '[]'),
			'cover', t.cover, 'checklist_counts', json_build_object('total', coalesce(c.total, 0), 'checked', coalesce(c.checked, 0)),
			'comments_count', t.comments_count, 'attachments_count', t.attachments_count, 'blocked_by', coalesce(b.document, '[]'),
			'description', t.description, 'config', t.config, 'custom_fields', t.custom_fields, 'checklists', coalesce(c.document, '[]'),
			'version', t.version, 'created_at', t.created_at, 'updated_at', t.updated_at) ORDER BY t.n) AS document
		FROM (SELECT z.*, row_number() OVER (PARTITION BY z.list_id ORDER BY z.rank, z.id) - 1 AS n FROM collab.tasks z
			WHERE z.board_id = board AND z.archived_at IS NULL AND z.deleted_at IS NULL) AS t
			JOIN collab.lists l ON l.board_id = t.board_id AND l.id = t.list_id
			LEFT JOIN labels tl ON tl.task_id = t.id LEFT JOIN assignees a ON a.task_id = t.id LEFT JOIN blockers b ON b.task_id = t.id
			LEFT JOIN checklists c ON c.task_id = t.id
		GROUP BY t.list_id
	)
	SELECT json_build_object('id', b.id, 'name', b.name, 'description', b.description, 'workspace_id', b.workspace_id, 'owner_id', b.owner_id,
		'visibility', b.visibility, 'settings', b.settings, 'version', b.version, 'updated_at', b.updated_at, 'archived_at', b.archived_at,
		'members', (SELECT coalesce(json_agg(r.user_id ORDER BY r.user_id), '[]') FROM collab.board_readers r WHERE r.board_id = b.id),
		'people', (SELECT json_agg(json_build_object('user_id', u.id, 'username', u.name, 'handle', u.handle, 'avatar', u.avatar) ORDER BY u.id)
			FROM collab.users u WHERE u.id IN (SELECT r.user_id FROM collab.board_readers r WHERE r.board_id = b.id
				UNION SELECT a.user_id FROM collab.task_assignees a WHERE a.board_id = b.id)),
		'labels', (SELECT coalesce(json_agg(json_build_object('id', l.id, 'name', l.name, 'color', l.color) ORDER BY l.created_at, l.name, l.id), '[]')
			FROM collab.labels l WHERE l.board_id = b.id AND l.deleted_at IS NULL),
		'custom_fields', (SELECT coalesce(json_agg(json_build_object('id', f.id, 'name', f.name, 'kind', f.kind, 'options', f.options)
			ORDER BY f.created_at, f.name, f.id), '[]') FROM collab.custom_fields f WHERE f.board_id = b.id AND f.deleted_at IS NULL),
		'lists', (SELECT json_agg(json_build_object('id', l.id, 'name', l.name, 'position', l.n, 'category', l.category, 'wip_limit', l.wip_limit,
			'version', l.version, 'tasks', coalesce(t.document, '[]')) ORDER BY l.n)
			FROM (SELECT y.*, row_number() OVER (ORDER BY y.rank, y.id) - 1 AS n FROM collab.lists y WHERE y.board_id = b.id AND y.archived_at IS NULL) AS l
				LEFT JOIN tasks t ON t.list_id = l.id))
	FROM collab.boards b WHERE b.id = board);
END
$$;

CREATE TABLE bench.export AS SELECT bench.trello('Import', 2000, 1000) AS document;

-- A document without its times, which the two write in different ways.
CREATE FUNCTION bench.without_times(document jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(document::text, '"\d{4}-\d\d-\d\dT[^"]*"', '"time"', 'g')
$$;

-- What was measured: ours and the peer's, in milliseconds unless the figure says otherwise.
CREATE TABLE bench.samples (figure text, side text CHECK (side IN ('ours', 'peer')), value numeric);
CREATE TABLE bench.figures (n serial, figure text PRIMARY KEY, must numeric);

-- Milliseconds that a statement takes in the server. It returns one small value, so that nothing is sent.
CREATE FUNCTION bench.milliseconds(statement text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
	started timestamptz := clock_timestamp();
	result text;
BEGIN
	EXECUTE statement INTO STRICT result;
	RETURN round(extract(epoch FROM clock_timestamp() - started) * 1000, 3);
END
$$;

-- Measures two statements in turn; the first round only warms up. must: at most this share of the peer's time.
CREATE PROCEDURE bench.compare(figure text, must numeric, ours text, peer text, repeats int) LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO bench.figures (figure, must) VALUES (compare.figure, compare.must);
	FOR round IN 0..repeats LOOP
		INSERT INTO bench.samples SELECT compare.figure, s.side, bench.milliseconds(s.statement)
			FROM (VALUES ('ours', ours), ('peer', peer)) AS s (side, statement) WHERE s.statement IS NOT NULL;
		IF round = 0 THEN
			DELETE FROM bench.samples s WHERE s.figure = compare.figure;
		END IF;
	END LOOP;
END
$$;

CREATE FUNCTION bench.report() RETURNS TABLE (figure text, ours numeric, peer numeric, ratio numeric, must text) LANGUAGE sql AS $$
	WITH medians AS (
		SELECT s.figure, percentile_cont(0.5) WITHIN GROUP (ORDER BY s.value) FILTER (WHERE s.side = 'ours') AS ours,
			percentile_cont(0.5) WITHIN GROUP (ORDER BY s.value) FILTER (WHERE s.side = 'peer') AS peer
		FROM bench.samples s GROUP BY s.figure
	)
	SELECT f.figure, round(m.ours::numeric, 2), round(m.peer::numeric, 2), round((m.ours / m.peer)::numeric, 2), coalesce(f.must::text, '')
	FROM bench.figures f JOIN medians m ON m.figure = f.figure ORDER BY f.n
$$;

DO $$
BEGIN
	PERFORM collab.upsert_user('bench', 'one', 'One');
	PERFORM set_config('collab.user_id', '1', false);
	PERFORM collab.create_workspace('Bench');
END
$$;
