-- What a bridge reads for those who have joined a workspace, and for those who have notifications.
\i test/fixtures/team.sql
SET collab.user_id = '1';
SELECT test.workspace('Team') AS team, test.board('Plan') AS plan \gset
SELECT collab.create_board(:'team', 'Secret')->'version' AS version;
SELECT test.board('Secret') AS secret \gset
SELECT collab.update_board(:'secret', '{"visibility": "private"}')->'version' AS version;
-- Each sees their boards; nobody from outside anything.
SELECT u AS user_id, s.code, s.version, s.event = (SELECT event FROM collab.room_heads(ARRAY[:'team'::uuid])) AS is_head,
	(SELECT string_agg(b->>'name', ',' ORDER BY b->>'name') FROM jsonb_array_elements(s.body::jsonb->'boards') b) AS boards,
	(SELECT count(*) FROM jsonb_array_elements(s.body::jsonb->'workspace'->'members')) AS members
FROM generate_series(1, 5) AS u, LATERAL collab.workspace_stream(u, :'team') AS s ORDER BY u;
SELECT code FROM collab.workspace_stream(1, gen_random_uuid());
SELECT jsonb_object_keys(s.body::jsonb) FROM collab.workspace_stream(1, :'team') s ORDER BY 1;
SELECT DISTINCT jsonb_object_keys(b) FROM collab.workspace_stream(1, :'team') s, jsonb_array_elements(s.body::jsonb->'boards') b ORDER BY 1;
SELECT DISTINCT jsonb_object_keys(p) FROM collab.workspace_stream(1, :'team') s, jsonb_array_elements(s.body::jsonb->'presence') p ORDER BY 1;
-- The heads of boards are those of room_heads, rights included.
SELECT count(*), bool_and((h.version, h.event, h.acl_version) = (r.version, r.event, r.acl_version)) AS agree
FROM collab.visible_board_heads(1, :'team') h JOIN collab.room_heads(ARRAY(SELECT id FROM collab.boards)) r ON r.aggregate_id = h.board_id;
SELECT name, archived FROM collab.visible_board_heads(2, :'team');
-- A workspace's log is resumed like a board's.
SELECT version AS head, event AS mark FROM collab.room_heads(ARRAY[:'team'::uuid]) \gset
SELECT code, resumable, version = :head AS is_head FROM collab.room_resume(1, :'team', :head, :'mark');
SELECT code, resumable FROM collab.room_resume(1, :'team', 1, NULL);
SELECT code, resumable FROM collab.room_resume(1, :'team', 1, :'mark');
SELECT code, resumable FROM collab.room_resume(1, :'team', :head + 1, :'mark');
SELECT code FROM collab.room_resume(5, :'team', 0, NULL);
SELECT r.acl_version = w.acl_version AS agree FROM collab.room_resume(1, :'team', 0, NULL) r, collab.workspace_readers(:'team') w;
-- Who may see it; a deactivated member may not, a deleted workspace nobody.
SELECT user_ids FROM collab.workspace_readers(:'team');
SELECT collab.deactivate_user(3);
SELECT user_ids FROM collab.workspace_readers(:'team');
SELECT code FROM collab.workspace_stream(3, :'team');
-- The mark changes with the boards and with who may see them, not with what is on them.
CREATE TEMP TABLE marks AS SELECT 0 AS at, mark FROM collab.workspace_board_marks(ARRAY[:'team'::uuid]);
SELECT collab.create_label(:'plan', 'new', 'red')->'changed' AS label;
INSERT INTO marks SELECT 1, mark FROM collab.workspace_board_marks(ARRAY[:'team'::uuid]);
SELECT collab.add_board_member(:'secret', 4)->'changed' AS member;
INSERT INTO marks SELECT 2, mark FROM collab.workspace_board_marks(ARRAY[:'team'::uuid]);
SELECT collab.delete_board(:'secret')->'changed' AS deleted;
INSERT INTO marks SELECT 3, mark FROM collab.workspace_board_marks(ARRAY[:'team'::uuid]);
SELECT collab.create_board(:'team', 'Third')->'changed' AS created;
INSERT INTO marks SELECT 4, mark FROM collab.workspace_board_marks(ARRAY[:'team'::uuid]);
SELECT at, mark = lag(mark) OVER (ORDER BY at) AS same FROM marks ORDER BY at;
SELECT collab.delete_workspace(:'team')->'changed' AS deleted;
SELECT user_ids FROM collab.workspace_readers(:'team');
SELECT code FROM collab.workspace_stream(1, :'team');
