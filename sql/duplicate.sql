-- DUPLICATE_BOARD: lists, labels, custom fields and settings; with_tasks the open tasks, without comments and history.
\i test/fixtures/team.sql
\i test/fixtures/busy_board.sql
SELECT collab.duplicate_board(test.board('Busy'), 'Template', command_id => test.cid(1)) AS ack \gset
SELECT jsonb_pretty(:'ack'::jsonb->'result') AS result;
SELECT * FROM test.show('Template');
SELECT owner_id, description, visibility, settings->'conflict_policy' AS policy FROM collab.boards WHERE name = 'Template';
SELECT string_agg(name || ' ' || color, ', ' ORDER BY created_at, name) AS labels FROM collab.labels WHERE board_id = test.board('Template');
SELECT string_agg(name || ' ' || kind || ' ' || options, ', ' ORDER BY version) AS fields FROM collab.custom_fields WHERE board_id = test.board('Template');
SELECT name, category, wip_limit FROM collab.lists WHERE board_id = test.board('Template') ORDER BY rank;
-- The workflow names the copy's lists, without the one that is archived there.
SELECT l.name AS from_list, ARRAY(SELECT t.name FROM jsonb_array_elements_text(w.value) AS target (target_id) JOIN collab.lists t ON t.id = target_id::uuid AND t.board_id = b.id) AS to_lists
	FROM collab.boards b, jsonb_each(b.settings->'workflow'->'transitions') AS w JOIN collab.lists l ON l.id = w.key::uuid WHERE b.id = test.board('Template') AND l.board_id = b.id ORDER BY l.rank;
-- With tasks: everything on them but comments and files; their state is kept.
SELECT jsonb_pretty(collab.duplicate_board(test.board('Busy'), 'Copy', true)->'result') AS result;
SELECT * FROM test.show('Copy');
SELECT t.title, t.priority, t.due_date IS NOT NULL AS due, t.completed_at IS NOT NULL AS completed, t.config <> '{}' AS configured, t.cover, t.comments_count, t.attachments_count, t.created_by, t.created_at > now() - interval '1 hour' AS made_now
	FROM collab.tasks t WHERE t.board_id = test.board('Copy') ORDER BY t.title;
SELECT t.title, v.labels, v.assignees, (SELECT count(*) FROM jsonb_object_keys(t.custom_fields)) AS fields, (SELECT string_agg(b.title, ', ') FROM collab.task_dependencies d JOIN collab.tasks b ON b.id = d.blocked_by WHERE d.task_id = t.id) AS blocked_by
	FROM collab.tasks t JOIN collab.visible_tasks v ON v.id = t.id WHERE t.board_id = test.board('Copy') ORDER BY t.title;
SELECT c.name, i.text, i.checked, i.assigned_to, i.due_date IS NOT NULL AS due FROM collab.checklists c LEFT JOIN collab.checklist_items i ON i.checklist_id = c.id WHERE c.board_id = test.board('Copy') ORDER BY c.rank, i.rank;
SELECT a.name, a.url, a.user_id FROM collab.attachments a WHERE a.board_id = test.board('Copy');
-- The source is as it was; nothing of it is in the copy by its id.
SELECT count(*) AS shared FROM collab.tasks a JOIN collab.tasks b ON a.id = b.id AND a.board_id <> b.board_id;
SELECT e.event_type, count(*) AS events, count(*) FILTER (WHERE e.event_data ? 'imported') AS imported, count(e.command_id) AS ids, count(e.event_data->'occurred_at') AS dated FROM collab.events e WHERE e.aggregate_id = test.board('Copy') GROUP BY 1 ORDER BY min(e.version);
-- Sent again: the same board, the same report.
SELECT a->>'replayed' AS replayed, a->>'board_id' = :'ack'::jsonb->>'board_id' AS same_board, a->'result' = :'ack'::jsonb->'result' AS same_result FROM collab.duplicate_board(test.board('Busy'), 'Template', command_id => test.cid(1)) AS a;
SELECT test.try($$ SELECT collab.duplicate_board(test.board('Busy'), 'Other', command_id => test.cid(1)) $$);
-- Somebody who has left since is not assigned in the copy, and no placeholder is made of him.
SET collab.user_id = '1';
SELECT count(*) AS users FROM collab.users \gset
SELECT collab.remove_member(test.workspace('Team'), 3)->'changed' AS removed;
SELECT r->'unmapped' AS unmapped FROM (SELECT collab.duplicate_board(test.board('Busy'), 'Without bob', true)->'result') AS d (r);
SELECT title, assignees FROM collab.visible_tasks WHERE board_id = test.board('Without bob') AND assignees <> '{}';
SELECT count(*) - :users AS new_users FROM collab.users;
-- A private board is copied by who sees it, and the copy is private: his, and theirs who have tasks on it.
SELECT collab.update_board(test.board('Busy'), '{"visibility": "private"}')->'changed' AS private;
SET collab.user_id = '4';
SELECT test.try($$ SELECT collab.duplicate_board(test.board('Plan'), 'By a viewer') $$), test.try($$ SELECT collab.duplicate_board(test.board('Busy'), 'Unseen') $$);
SET collab.user_id = '1';
SELECT collab.change_role(test.workspace('Team'), 4, 'member')->'changed' AS changed;
SET collab.user_id = '4';
SELECT test.try($$ SELECT collab.duplicate_board(test.board('Busy'), 'Unseen') $$);
SET collab.user_id = '1';
SELECT collab.add_board_member(test.board('Busy'), 4)->'changed' AS added;
SET collab.user_id = '4';
SELECT collab.duplicate_board(test.board('Busy'), 'Vera''s', true)->'changed' AS changed;
SELECT b.visibility, b.owner_id, ARRAY(SELECT m.user_id FROM collab.board_members m WHERE m.board_id = b.id ORDER BY 1) AS members FROM collab.boards b WHERE b.name = 'Vera''s';
-- An archived board can be copied, a deleted one not; nor one elsewhere, nor none.
SET collab.user_id = '1';
SELECT collab.archive_board(test.board('Busy'))->'changed' AS archived, collab.duplicate_board(test.board('Busy'), 'Of an archived one')->'changed' AS copied;
SELECT archived_at FROM collab.boards WHERE name = 'Of an archived one';
SELECT test.try($$ SELECT collab.duplicate_board(test.board('Busy'), '') $$);
SELECT collab.delete_board(test.board('Busy'))->'changed' AS deleted, test.try($$ SELECT collab.duplicate_board(test.board('Busy'), 'Gone') $$);
SET collab.user_id = '5';
SELECT test.try($$ SELECT collab.duplicate_board(test.board('Plan'), 'Mine') $$), test.try($$ SELECT collab.duplicate_board(gen_random_uuid(), 'Mine') $$);
-- The limit of open tasks holds for copies, too.
SET collab.user_id = '1';
SET collab.task_limit = 2;
SELECT test.try($$ SELECT collab.duplicate_board(test.board('Copy'), 'Too many', true) $$);
RESET collab.task_limit;
SELECT * FROM collab.verify();
