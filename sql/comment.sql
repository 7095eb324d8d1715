-- Comments: threads, who may change and delete what, the count on the card.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), name)) FROM unnest(ARRAY['House', 'Garden']) AS name;
CREATE FUNCTION test.comment(wanted text) RETURNS uuid LANGUAGE sql AS $$
	SELECT id FROM collab.comments WHERE text = wanted AND deleted_at IS NULL
$$;
-- A task's comments as people see them, with what each answers
CREATE FUNCTION test.talk(task text DEFAULT 'House')
	RETURNS TABLE (username text, said text, answers text, mentions bigint[], edited boolean) LANGUAGE sql AS $$
	SELECT c.username, c.text, a.text, c.mentions, c.edited_at IS NOT NULL FROM collab.visible_comments c
		LEFT JOIN collab.comments a ON a.board_id = c.board_id AND a.id = c.reply_to
	WHERE c.task_id = test.task(task) ORDER BY c.occurred_at, c.id
$$;
CREATE FUNCTION test.counts() RETURNS TABLE (title text, comments int, version int, untouched boolean) LANGUAGE sql AS $$
	SELECT title, comments_count, version, updated_at = created_at FROM collab.tasks WHERE board_id = test.board('Plan') ORDER BY title
$$;
-- Adding
SELECT * FROM test.ack(collab.add_comment(test.task('House'), E'  Who has the key?\r\n'));
SELECT test.mask(regexp_replace(event_data::text, '\d{4}-\d\d-\d\dT[^"]*', '<time>', 'g')) FROM collab.events_after(test.board('Plan'), 3, 1);
SET collab.user_id = '2';
SELECT collab.add_comment(test.task('House'), 'I do', test.comment('Who has the key?'), test.cid(1))->'result'->>'comment_id' = test.comment('I do')::text AS tells_its_id;
SELECT * FROM test.ack(collab.add_comment(test.task('House'), 'I do', test.comment('Who has the key?'), test.cid(1)));
SET collab.user_id = '3';
SELECT count(collab.add_comment(test.task('House'), E'Good.\n\tThanks', test.comment('I do')));
SELECT count(collab.add_comment(test.task('Garden'), 'Water it'));
SELECT * FROM test.talk();
SELECT * FROM test.counts();
-- Its author changes it
SELECT * FROM test.ack(collab.update_comment(test.comment('Who has the key?'), 'Who has the keys?'));
SELECT * FROM test.ack(collab.update_comment(test.comment('Who has the keys?'), 'Who has the keys?'));
SELECT event_data->'updates' AS updates, event_data->'before' AS before, event_data ? 'edited_at' AS tells_when FROM collab.events
	WHERE aggregate_id = test.board('Plan') AND version = 8;
SELECT count(collab.undo(test.board('Plan')));
SELECT * FROM test.talk();
-- … and nobody else, not even an owner
SET collab.user_id = '2';
SELECT test.try(format('SELECT collab.update_comment(%L, %L)', test.comment('Who has the key?'), 'Me'));
SET collab.user_id = '1';
SELECT test.try(format('SELECT collab.update_comment(%L, %L)', test.comment('Who has the key?'), 'Me'));
-- Deleting: one's own, or as admin or owner. The answers stay.
SET collab.user_id = '3';
SELECT test.try(format('SELECT collab.delete_comment(%L)', test.comment('I do')));
CREATE TEMP TABLE gone AS SELECT test.comment('Who has the key?') AS id;
SELECT * FROM test.ack(collab.delete_comment(test.comment('Who has the key?'), test.cid(2)));
SELECT ack.* FROM gone, test.ack(collab.delete_comment(gone.id, test.cid(2))) AS ack;
SELECT * FROM test.talk();
SET collab.user_id = '2';
SELECT count(collab.delete_comment(test.comment('Water it')));
SELECT * FROM test.counts();
-- What is gone can be neither changed nor answered
SET collab.user_id = '3';
SELECT test.try(format('SELECT collab.update_comment(%L, %L)', id, 'x')) FROM gone;
SELECT test.try(format('SELECT collab.delete_comment(%L)', id)) FROM gone;
SELECT test.try(format('SELECT collab.add_comment(%L, %L, %L)', test.task('House'), 'x', id)) FROM gone;
SELECT test.try(format('SELECT collab.add_comment(%L, %L, %L)', test.task('Garden'), 'x', test.comment('I do')));
SELECT test.try(format('SELECT collab.add_comment(%L, %L, %L)', test.task('House'), 'x', gen_random_uuid()));
-- Texts
SELECT test.try(format('SELECT collab.add_comment(%L, %L)', test.task('House'), E' \n '));
SELECT test.try(format('SELECT collab.add_comment(%L, %L)', test.task('House'), E'bell\007'));
SELECT test.try(format('SELECT collab.add_comment(%L, repeat(%L, 16 * 1024))', test.task('House'), 'x'));
SELECT test.try(format('SELECT collab.add_comment(%L, repeat(%L, 16 * 1024 + 1))', test.task('House'), 'x'));
SELECT test.try(format('SELECT collab.update_comment(%L, %L)', test.comment(E'Good.\n\tThanks'), ''));
-- A conflict is about the comment alone
SELECT test.try(format('SELECT collab.update_comment(%L, %L, NULL, 4)', test.comment(E'Good.\n\tThanks'), 'Great'));
SELECT test.try(format('SELECT collab.update_comment(%L, %L, NULL, 6)', test.comment(E'Good.\n\tThanks'), 'Great'));
-- Roles
SET collab.user_id = '4';
SELECT test.try(format('SELECT collab.add_comment(%L, %L)', test.task('House'), 'Viewer'));
SET collab.user_id = '5';
SELECT test.try(format('SELECT collab.add_comment(%L, %L)', test.task('House'), 'Outsider'));
SELECT test.try(format('SELECT collab.delete_comment(%L)', test.comment('I do')));
-- An author who became a viewer
UPDATE collab.members SET role = 'viewer' WHERE user_id = 3 AND workspace_id = test.workspace('Team');
SET collab.user_id = '3';
SELECT test.try(format('SELECT collab.update_comment(%L, %L)', test.comment('Great'), 'x'));
UPDATE collab.members SET role = 'member' WHERE user_id = 3 AND workspace_id = test.workspace('Team');
-- Comments of 0.1 named their task and themselves only inside
SELECT count(*) FROM collab.events WHERE event_type = 'CommentAdded' AND event_data->>'comment_id' = event_data->'comment'->>'id'
	AND event_data->>'task_id' = event_data->'comment'->>'task_id';
SELECT * FROM collab.verify();
