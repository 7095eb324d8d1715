-- A board that is exported and imported is equal: its own export is the same document.
\i test/fixtures/team.sql
\i test/fixtures/busy_board.sql
SET collab.user_id = '2';
SELECT collab.export_board(test.board('Busy')) AS document \gset
SELECT collab.import_board(test.workspace('Team'), jsonb_set(:'document', '{board,name}', '"Again"'), test.cid(1)) AS ack \gset
SELECT jsonb_pretty(:'ack'::jsonb->'result') AS result;
SELECT collab.export_board(test.board('Again')) = jsonb_set(:'document', '{board,name}', '"Again"') AS equal;
-- Nor does what clients get differ, but for ids, versions and times of change (custom fields stand in the order of their ids).
CREATE FUNCTION test.plain(document jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(test.mask(document::text), '"(version|updated_at)": ("[^"]*"|\d+)|"custom_fields": {[^}]*}', '', 'g')
$$;
SELECT test.plain(collab.board_state(test.board('Again'))->'board'->'lists') = test.plain(collab.board_state(test.board('Busy'))->'board'->'lists') AS same_lists,
	test.plain(collab.board_state(test.board('Again'))->'board'->'labels') = test.plain(collab.board_state(test.board('Busy'))->'board'->'labels') AS same_labels;
SELECT * FROM test.show('Again');
SELECT * FROM test.show('Busy') EXCEPT SELECT * FROM test.show('Again');
SELECT title, comments_count, attachments_count, cover - 'attachment_id' AS cover, created_by, archived_at IS NOT NULL AS archived, completed_at IS NOT NULL AS completed FROM collab.tasks WHERE board_id = test.board('Again') ORDER BY list_id = test.list('To do', 'Again') DESC, rank, title;
-- Ids are new, those inside the settings and covers too.
SELECT count(*) AS shared_ids FROM collab.tasks a JOIN collab.tasks b ON b.id = a.id AND b.board_id <> a.board_id;
SELECT l.name AS from_list, ARRAY(SELECT t.name FROM jsonb_array_elements_text(w.value) AS target (target_id) JOIN collab.lists t ON t.id = target_id::uuid AND t.board_id = b.id) AS to_lists
	FROM collab.boards b, jsonb_each(b.settings->'workflow'->'transitions') AS w JOIN collab.lists l ON l.id = w.key::uuid WHERE b.id = test.board('Again') AND l.board_id = b.id ORDER BY l.rank;
SELECT t.title, a.name, a.content_type, a.size, length(u.content) AS bytes, u.attached_at IS NOT NULL AS attached FROM collab.tasks t JOIN collab.attachments a ON a.id = (t.cover->>'attachment_id')::uuid JOIN collab.uploads u ON u.id = a.upload_id WHERE t.board_id = test.board('Again');
-- Its rules hold: the workflow, in its new ids.
SELECT test.try(format('SELECT collab.move_task(%L, %L)', test.task('Second', 'Again'), test.list('Done', 'Again')));
-- All of it is one command; sent again it answers the same, and another document under its id is refused.
SELECT count(*) = max(version) AS gapless, count(command_id) AS ids FROM collab.events WHERE aggregate_id = test.board('Again');
SELECT e->>'replayed' AS replayed, e->'result' = :'ack'::jsonb->'result' AS same_result, (SELECT count(*) FROM collab.boards WHERE name = 'Again') AS boards FROM collab.import_board(test.workspace('Team'), jsonb_set(:'document', '{board,name}', '"Again"'), test.cid(1)) AS e;
SELECT test.try(format('SELECT collab.import_board(%L, %L, test.cid(1))', test.workspace('Team'), :'document'));
-- Original times and authors stand in the events.
SELECT event_type, count(*) AS events, count(event_data->'occurred_at') AS dated, count(event_data->'imported') AS imported FROM collab.events WHERE aggregate_id = test.board('Again') GROUP BY 1 ORDER BY min(version);
-- Into a workspace where only oscar is: the others become placeholders, who cannot be made by a token; its export is the same again.
SET collab.user_id = '5';
SELECT collab.create_workspace('Elsewhere')->'changed' AS changed;
SELECT collab.import_board(test.workspace('Elsewhere'), jsonb_set(:'document', '{board,name}', '"Away"'))->'result'->'imported' AS imported;
SELECT name, handle, issuer, subject FROM collab.users WHERE issuer = 'collab-import' ORDER BY subject;
SELECT test.try($$ SELECT collab.upsert_user('collab-import', '["test", "bob"]', 'Bob') $$);
SELECT (SELECT count(*) FROM collab.workspaces w JOIN collab.users u ON u.id = w.owner_id WHERE u.issuer = 'collab-import') AS personal_workspaces, (SELECT count(*) FROM collab.members WHERE workspace_id = test.workspace('Elsewhere')) AS members;
-- The handle is the placeholder's own, as the first one is taken.
SELECT d.key, collab.export_board(test.board('Away'))->d.key = d.value AS equal FROM jsonb_each(jsonb_set(:'document', '{board,name}', '"Away"')) AS d ORDER BY 1;
SELECT count(*) AS placeholders FROM collab.users, (SELECT collab.import_board(test.workspace('Elsewhere'), :'document')) AS again WHERE issuer = 'collab-import';
-- A document cannot rename a placeholder, nor speak for one of another name.
SELECT collab.import_board(test.workspace('Elsewhere'), '{"format": "collab", "format_version": 1, "board": {"name": "Rename"}, "people": [{"ref": "p", "issuer": "test", "subject": "bob", "name": "Mallory"}]}')->'result'->'imported'->'placeholders' AS placeholders;
SELECT name FROM collab.users WHERE subject = '["test","bob"]';
-- People are found by who they are, else by handle.
SET collab.user_id = '3';
SELECT collab.import_board(test.workspace('Team'), '{"format": "collab", "format_version": 1, "board": {"name": "People"}, "lists": [{"ref": "l", "name": "L", "category": "todo"}],
	"people": [{"ref": "a", "issuer": "test", "subject": "alice", "handle": "bob"}, {"ref": "b", "issuer": "elsewhere", "subject": "7", "handle": "carol"}, {"ref": "c", "issuer": "elsewhere", "subject": "8", "handle": "CAROL"}, {"ref": "d", "issuer": "elsewhere", "subject": "9", "handle": "nobody"}],
	"tasks": [{"ref": "t", "list": "l", "title": "T", "assignees": ["a", "b", "c", "d"]}]}')->'result'->'unmapped' AS unmapped;
SELECT u.handle, u.issuer FROM collab.task_assignees a JOIN collab.users u ON u.id = a.user_id WHERE a.board_id = test.board('People') ORDER BY ordinal;
-- A private board stays private: seen by its members, and by those who have tasks on it.
SELECT collab.import_board(test.workspace('Team'), '{"format": "collab", "format_version": 1, "board": {"name": "Private", "visibility": "private", "members": ["v"]}, "lists": [{"ref": "l", "name": "L", "category": "todo"}],
	"people": [{"ref": "a", "issuer": "test", "subject": "alice"}, {"ref": "b", "issuer": "test", "subject": "bob"}, {"ref": "v", "issuer": "test", "subject": "vera"}, {"ref": "o", "issuer": "test", "subject": "oscar"}],
	"tasks": [{"ref": "t", "list": "l", "title": "T", "assignees": ["a", "o"]}]}')->'changed' AS changed;
SELECT u.handle FROM collab.board_members m JOIN collab.users u ON u.id = m.user_id WHERE m.board_id = test.board('Private') ORDER BY 1;
-- Without a format it is an export of Trello.
SELECT collab.import_board(test.workspace('Team'), '{"name": "From Trello", "lists": [], "cards": []}')->'result'->'notes'->0 AS note;
SELECT * FROM collab.verify();
