-- Attachments, covers and colors of a Trello export. Attachments become links, covers and colors the nearest there is.
\i test/fixtures/team.sql
\set full `cat test/fixtures/trello-full.json`
SET collab.user_id = '3';
SELECT collab.import_trello(test.workspace('Team'), :'full', test.cid(1)) AS report \gset
SELECT :'report'::jsonb->'imported'->'attachments' AS attachments;
SELECT t.title, a.name, a.url, u.handle AS added_by, a.created_at AT TIME ZONE 'UTC' AS created_at, a.content_type, a.size FROM collab.attachments a JOIN collab.tasks t ON t.id = a.task_id
	JOIN collab.users u ON u.id = a.user_id ORDER BY t.title, a.version;
SELECT title, attachments_count FROM collab.tasks WHERE attachments_count > 0 ORDER BY title;
SELECT t.title, CASE WHEN t.cover ? 'attachment_id' THEN jsonb_build_object('attachment', a.name) ELSE t.cover END AS cover
	FROM collab.tasks t LEFT JOIN collab.attachments a ON a.task_id = t.id AND a.id::text = t.cover->>'attachment_id' WHERE t.cover IS NOT NULL ORDER BY t.title;
-- The event is an ordinary one, with its original time.
SELECT e.event_data - 'attachment' - 'task_id' - 'attachment_id' AS event, (e.event_data->'attachment') - 'id' - 'user_id' AS attachment FROM collab.events e WHERE event_type = 'AttachmentAdded' AND e.event_data->'attachment'->>'name' = 'Route mock-up';
-- What was uploaded to Trello is a link to it there, and that is told; so is what a cover loses.
SELECT u->>'kind' AS kind, i.* FROM jsonb_array_elements(:'report'::jsonb->'unmapped') AS u, jsonb_to_recordset(u->'items') AS i ("where" text, what text) WHERE u->>'kind' IN ('uploaded files', 'covers', 'colors');
-- The same command again: the same report, no more attachments.
SELECT collab.import_trello(test.workspace('Team'), :'full', test.cid(1)) = :'report'::jsonb AS same_report, (SELECT count(*) FROM collab.attachments) AS attachments;
-- Odd ones: no address, another scheme, spaces and letters that an address has not, no name, a very long one, an unknown person, no id.
SELECT collab.import_trello(test.workspace('Team'), jsonb_build_object('name', 'Odd', 'lists', '[{"id": "l", "name": "L", "pos": 1}]'::jsonb, 'cards', jsonb_build_array(jsonb_build_object('id', 'c', 'name', 'Card', 'idList', 'l', 'pos', 1,
	'attachments', '[{"id": "1", "name": "nowhere"}, {"id": "2", "name": "script", "url": "javascript:alert(1)"}, {"id": "3", "name": "file", "url": "file:///etc/passwd"}, {"id": "4", "name": "", "url": "https://example.com/a b/ü.png"},
		{"name": "no id", "url": "https://example.com/1", "idMember": "nobody"}, {"name": "no id", "url": "https://example.com/2", "date": "2026-01-02T03:04:05.678Z"}]'::jsonb
	|| jsonb_build_array(jsonb_build_object('id', '5', 'name', repeat('n', 300), 'url', 'https://example.com/long'), jsonb_build_object('id', '6', 'name', 'too long', 'url', 'https://example.com/' || repeat('x', 2000))))))) AS report \gset
SELECT left(name, 20) AS name, length(name) AS length, url, created_at < now() - interval '1 day' AS dated FROM collab.attachments WHERE board_id = test.board('Odd') ORDER BY version;
SELECT u->>'kind' AS kind, i.* FROM jsonb_array_elements(:'report'::jsonb->'unmapped') AS u, jsonb_to_recordset(u->'items') AS i ("where" text, what text);
-- Covers: a color, a darker one, an unknown one; an attachment of the card, of another card, of none; a picture by its address; something uploaded.
SELECT collab.import_trello(test.workspace('Team'), '{"name": "Covers", "lists": [{"id": "l", "name": "L", "pos": 1}], "cards": [
	{"id": "1", "name": "pink", "idList": "l", "pos": 1, "cover": {"color": "pink", "size": "normal"}}, {"id": "2", "name": "darker", "idList": "l", "pos": 2, "cover": {"color": "sky_dark"}},
	{"id": "3", "name": "unknown", "idList": "l", "pos": 3, "cover": {"color": "mauve"}}, {"id": "4", "name": "own", "idList": "l", "pos": 4, "cover": {"idAttachment": "a"}, "attachments": [{"id": "a", "name": "A", "url": "https://example.com/a.png"}]},
	{"id": "5", "name": "of another", "idList": "l", "pos": 5, "cover": {"idAttachment": "a"}}, {"id": "6", "name": "of none", "idList": "l", "pos": 6, "cover": {"idAttachment": "b"}},
	{"id": "7", "name": "address", "idList": "l", "pos": 7, "cover": {"sharedSourceUrl": "https://images.example.com/x y.jpg", "idUploadedBackground": "u"}}, {"id": "8", "name": "uploaded", "idList": "l", "pos": 8, "cover": {"idUploadedBackground": "u"}},
	{"id": "9", "name": "nothing", "idList": "l", "pos": 9, "cover": {"color": null, "idAttachment": null}}]}') AS report \gset
SELECT title, CASE WHEN cover ? 'attachment_id' THEN '"its attachment"' ELSE cover END AS cover FROM collab.tasks WHERE board_id = test.board('Covers') ORDER BY rank;
SELECT u->>'kind' AS kind, i.* FROM jsonb_array_elements(:'report'::jsonb->'unmapped') AS u, jsonb_to_recordset(u->'items') AS i ("where" text, what text);
-- Colors of labels: Trello's names are among ours, its variants come near, no color is gray.
SELECT collab.import_trello(test.workspace('Team'), jsonb_build_object('name', 'Colors', 'lists', '[]'::jsonb, 'cards', '[]'::jsonb, 'labels', (SELECT jsonb_agg(jsonb_build_object('id', 'l' || n, 'name', coalesce(color, 'none'), 'color', color))
	FROM unnest(ARRAY['green', 'yellow', 'orange', 'red', 'purple', 'blue', 'sky', 'lime', 'pink', 'black', 'green_dark', 'blue_light', 'black_light', 'mauve', 'mauve_dark', '_', NULL]) WITH ORDINALITY AS c (color, n)))) AS report \gset
SELECT string_agg(name || CASE WHEN name <> color THEN ' -> ' || color ELSE '' END, ', ' ORDER BY version) AS labels FROM collab.labels WHERE board_id = test.board('Colors');
SELECT u->'count' AS told FROM jsonb_array_elements(:'report'::jsonb->'unmapped') AS u WHERE u->>'kind' = 'colors';
SELECT * FROM collab.verify();
