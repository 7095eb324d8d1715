-- Placeholders of imports: nobody reads their notifications, so none are made, whichever import made the placeholder.
\i test/fixtures/team.sql
SET collab.user_id = '1';
SELECT collab.import_board(test.workspace('Team'), '{"format": "collab", "format_version": 1, "board": {"name": "Ours"}, "people": [{"ref": "p", "issuer": "test", "subject": "nobody", "name": "Nobody"}]}')->'result'->'imported'->'placeholders' AS placeholders;
SELECT collab.import_trello(test.workspace('Team'), '{"name": "Trello''s", "lists": [], "cards": [], "members": [{"id": "aaaaaaaaaaaaaaaaaaaaaaaa", "username": "somebody", "fullName": "Somebody"}]}')->'imported'->'placeholders' AS placeholders;
SELECT id, issuer, name FROM collab.users WHERE id > 5 ORDER BY issuer;
-- Who is a member can be told, and vera is.
SELECT count(collab.add_member(test.workspace('Team'), id)) FROM collab.users WHERE id > 5;
SELECT count(collab.create_task(test.board('Plan'), title => 'Paint', assignees => ARRAY(SELECT id FROM collab.users WHERE id > 3 AND name <> 'Oscar'), due_date => now() + interval '1 hour'));
SELECT count(collab.add_comment(test.task('Paint'), 'Soon, @nobody, @somebody and @vera.'));
SELECT collab.due_soon();
SELECT count(collab.complete_task(test.task('Paint')));
SELECT count(collab.change_role(test.workspace('Team'), id, 'viewer')) FROM collab.users WHERE id > 5;
SELECT u.name, n.type FROM collab.notifications n JOIN collab.users u ON u.id = n.user_id WHERE u.id > 3 AND n.task_id IS NOT NULL OR u.id > 5 ORDER BY u.id, n.id;
-- They own nothing.
SELECT test.try(format('SELECT collab.transfer_workspace(test.workspace(''Team''), %s)', id)) FROM collab.users WHERE name = 'Nobody';
