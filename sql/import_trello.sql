-- import_trello: a board of a Trello export. What came is compared with the export itself.
\i test/fixtures/team.sql
\set real `cat test/fixtures/trello-project100.json`
\set full `cat test/fixtures/trello-full.json`
SET collab.user_id = '3';
-- A real, small export
SELECT jsonb_pretty(collab.import_trello(test.workspace('Team'), :'real', test.cid(1))) AS report;
SELECT name, description, owner_id FROM collab.boards WHERE name = 'Project 100';
SELECT * FROM test.show('Project 100');
SELECT name, color FROM collab.labels ORDER BY color;
SELECT issuer, subject, name, handle FROM collab.users WHERE issuer = 'trello';
SELECT title, assignees FROM collab.visible_tasks ORDER BY title;
SELECT * FROM collab.verify();
-- A full one: two of its people are members here, by their handles; three become placeholders, one of whom has left the board.
SELECT collab.import_trello(test.workspace('Team'), :'full', test.cid(2)) AS report \gset
SELECT jsonb_pretty(:'report'::jsonb->'imported') AS imported;
SELECT u->>'kind' AS unmapped, u->'count' AS count, jsonb_array_length(u->'items') AS named FROM jsonb_array_elements(:'report'::jsonb->'unmapped') AS u;
SELECT i.* FROM jsonb_array_elements(:'report'::jsonb->'unmapped') AS u, jsonb_to_recordset(u->'items') AS i ("where" text, what text)
	WHERE u->>'kind' IN ('attachments', 'custom fields', 'covers', 'plugin data', 'due reminders');
SELECT note FROM jsonb_array_elements_text(:'report'::jsonb->'notes') AS note;
SELECT test.board('Fieldwork 2.0') AS board \gset
CREATE TABLE test.export AS SELECT :'full'::jsonb AS document;
CREATE VIEW test.cards AS SELECT c.ordinality AS n, card, card->>'name' AS title, (card->>'closed')::boolean AS closed,
	l->>'name' AS list, (l->>'closed')::boolean AS list_closed, (card->>'pos')::float AS pos
	FROM test.export, jsonb_array_elements(document->'cards') WITH ORDINALITY AS c (card) JOIN LATERAL jsonb_array_elements(document->'lists') AS l
		ON l->>'id' = card->>'idList';
-- Lists in order, with category and limit
SELECT name, category, wip_limit, task_count, archived_at IS NOT NULL AS archived FROM collab.lists WHERE board_id = :'board' ORDER BY rank;
-- Each list's cards in their order, open and archived: no difference from the export.
CREATE VIEW test.order_here AS SELECT l.name AS list, t.archived_at IS NOT NULL AS archived, string_agg(t.title, E'\n' ORDER BY t.rank) AS titles
	FROM collab.tasks t JOIN collab.lists l USING (board_id) WHERE l.id = t.list_id AND l.board_id = test.board('Fieldwork 2.0') GROUP BY 1, 2;
SELECT list, closed, count(*) AS cards, string_agg(title, E'\n' ORDER BY pos) = (SELECT titles FROM test.order_here h
	WHERE h.list = c.list AND h.archived = c.closed) AS same_order FROM test.cards c GROUP BY list, closed ORDER BY list, closed;
-- Every card's fields
CREATE VIEW test.pairs AS SELECT c.*, t.id, t.description, t.due_date, t.start_date, t.completed_at, t.archived_at, t.comments_count FROM test.cards c
	LEFT JOIN collab.tasks t ON t.title = c.title AND t.board_id = test.board('Fieldwork 2.0');
SELECT count(*) AS cards, count(id) AS found, count(*) FILTER (WHERE description <> btrim(card->>'desc', E' \t\r\n')) AS other_text,
	count(*) FILTER (WHERE due_date IS DISTINCT FROM (card->>'due')::timestamptz) AS other_due,
	count(*) FILTER (WHERE start_date IS DISTINCT FROM (card->>'start')::timestamptz) AS other_start,
	count(*) FILTER (WHERE closed <> (archived_at IS NOT NULL)) AS other_archived,
	count(*) FILTER (WHERE (completed_at IS NOT NULL) <> ((card->>'dueComplete')::boolean OR list = 'Done')) AS other_completed,
	count(*) FILTER (WHERE comments_count <> (card->'badges'->>'comments')::int) AS other_comments FROM test.pairs;
SELECT count(*) AS due, count(start_date) AS start FROM test.pairs WHERE due_date IS NOT NULL OR start_date IS NOT NULL;
-- Labels and assignees of each card, in their order
SELECT count(*) AS different FROM test.pairs p WHERE ARRAY(SELECT l.name || '/' || l.color FROM collab.task_labels tl JOIN collab.labels l ON l.id = tl.label_id
		WHERE tl.task_id = p.id ORDER BY ordinal) <> ARRAY(SELECT (l->>'name') || '/' || coalesce(l->>'color', 'gray') FROM test.export,
			jsonb_array_elements_text(p.card->'idLabels') WITH ORDINALITY AS i (label_id, n), jsonb_array_elements(document->'labels') AS l
			WHERE l->>'id' = label_id ORDER BY i.n);
SELECT count(*) AS different FROM test.pairs p WHERE ARRAY(SELECT u.handle FROM collab.task_assignees a JOIN collab.users u ON u.id = a.user_id
		WHERE a.task_id = p.id ORDER BY ordinal) <> ARRAY(SELECT m->>'username' FROM test.export,
			jsonb_array_elements_text(p.card->'idMembers') WITH ORDINALITY AS i (member_id, n), jsonb_array_elements(document->'members') AS m
			WHERE m->>'id' = member_id ORDER BY i.n);
SELECT u.handle, u.issuer, count(a.*) AS assigned, (SELECT role FROM collab.members m WHERE m.user_id = u.id AND m.workspace_id = test.workspace('Team')) AS role FROM collab.users u
	LEFT JOIN collab.task_assignees a ON a.user_id = u.id GROUP BY u.id ORDER BY u.id;
-- Checklists and their items, in their order
SELECT t.title, c.name, string_agg(CASE WHEN i.checked THEN '[x] ' ELSE '[ ] ' END || left(i.text, 20), ', ' ORDER BY i.rank) AS items
	FROM collab.checklists c JOIN collab.tasks t ON t.id = c.task_id JOIN collab.checklist_items i ON i.checklist_id = c.id GROUP BY t.title, c.name, c.rank ORDER BY 1, c.rank;
SELECT i.text, u.handle, i.due_date IS NOT NULL AS due FROM collab.checklist_items i LEFT JOIN collab.users u ON u.id = i.assigned_to WHERE i.due_date IS NOT NULL OR u.id IS NOT NULL ORDER BY 1;
-- Comments: oldest first, whose, when they were written there; here they were made just now.
SELECT e.version - min(e.version) OVER () AS nth, u.handle, left(c.text, 30) AS text, c.occurred_at AT TIME ZONE 'UTC' AS occurred_at,
	c.created_at > now() - interval '1 hour' AS made_now, ARRAY(SELECT handle FROM collab.users WHERE id = ANY (c.mentions)) AS mentions
	FROM collab.events e JOIN collab.comments c ON c.id = (e.event_data->'comment'->>'id')::uuid JOIN collab.users u ON u.id = c.user_id
	WHERE e.event_type = 'CommentAdded' ORDER BY e.version;
SELECT count(*) AS comments, count(*) FILTER (WHERE NOT EXISTS (SELECT FROM collab.comments c WHERE c.text = a->'data'->>'text'
	AND c.occurred_at = (a->>'date')::timestamptz)) AS missing FROM test.export, jsonb_array_elements(document->'actions') AS a WHERE a->>'type' = 'commentCard';
-- Trello's time of making is in the event; the event itself is of now.
SELECT event_type, count(*) AS events, count(event_data->'occurred_at') AS dated, bool_and(created_at > now() - interval '1 hour') AS made_now FROM collab.events
	WHERE aggregate_id = :'board' GROUP BY 1 ORDER BY min(version);
SELECT event_data->'task'->>'title' AS title, event_data->>'occurred_at' AS occurred_at FROM collab.events WHERE aggregate_id = :'board' AND event_type = 'TaskCreated' ORDER BY version LIMIT 2;
-- All of one import is one command: consecutive versions from 1, one command id, on the first event.
SELECT count(*) = max(version) AS gapless, count(command_id) AS ids, count(*) FILTER (WHERE command_id = test.cid(2) AND version = 1) AS on_first FROM collab.events WHERE aggregate_id = :'board';
-- Resent: the same report, and no second board. Once more as a new command: a second board, but the same placeholders.
SELECT collab.import_trello(test.workspace('Team'), :'full', test.cid(2)) = :'report'::jsonb AS same_report;
SELECT count(*) FROM collab.boards WHERE name = 'Fieldwork 2.0';
SELECT count(*) AS users FROM collab.users \gset
SELECT collab.import_trello(test.workspace('Team'), :'full') = :'report'::jsonb AS same_report;
SELECT (SELECT count(*) FROM collab.boards WHERE name = 'Fieldwork 2.0') AS boards, count(*) - :users AS new_users FROM collab.users;
SELECT test.try(format('SELECT collab.import_trello(%L, %L, test.cid(2))', test.workspace('Team'), jsonb_set(:'full', '{name}', '"Other"')));
-- A viewer may not; what was imported is an ordinary board.
SELECT collab.move_task((SELECT t.id FROM test.cards c JOIN collab.tasks t ON t.title = c.title AND t.board_id = :'board' WHERE c.list = 'Backlog' ORDER BY c.pos LIMIT 1), (SELECT id FROM collab.lists WHERE board_id = :'board' AND name = 'Review'), 1)->'changed' AS changed;
SET collab.user_id = '4';
SELECT left(test.try(format('SELECT collab.import_trello(%L, %L)', test.workspace('Team'), :'real')), 5) AS viewer;
SELECT * FROM collab.verify();
