-- Mentions: an @ and the handle of somebody who sees the board.
\i test/fixtures/team.sql
SELECT count(u.user_id) FROM (VALUES ('bob2', 'Bob'), ('dot', 'J. R.'), ('long', repeat('l', 90)), ('away', 'Away')) AS n (subject, name),
	collab.upsert_user('test', subject, name) AS u;
SELECT id, handle FROM collab.users ORDER BY id;
SET collab.user_id = '1';
SELECT count(collab.add_member(test.workspace('Team'), id, 'member')) FROM unnest(ARRAY[6, 7, 8, 9]) AS id;
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), 'House'));
UPDATE collab.users SET deactivated_at = now() WHERE id = 9;
SET collab.user_id = '3';
-- Comments, and tells whom it mentions
CREATE FUNCTION test.mentions(said text) RETURNS text LANGUAGE sql AS $$
	SELECT collab.add_comment(test.task('House'), said)->'events'->0->'payload'->'comment'->>'mentions'
$$;
SELECT said, test.mentions(said) FROM unnest(ARRAY['nobody', '@alice', '@carol and @alice, @carol again', '@ALICE', 'ask @bob-2.', '@bob-23', '(@vera)', '@vera''s',
	E'line\n@vera', '@bob', 'né@alice', '请@alice看', '@alice@carol', '@alice@example.org', 'a@alice', 'alice@example.org', 'https://example.org/@alice', '.@alice', '@', '@@alice',
	'@.alice', '@alice...', '@j.-r.', '@j.-r', '@oscar', '@away', '@unknown', '@' || repeat('l', 40), '@' || repeat('l', 63), '@' || repeat('l', 64)]) AS said;
-- Resolved anew when the text changes
CREATE TEMP TABLE said AS SELECT (collab.add_comment(test.task('House'), 'hello @alice')->'result'->>'comment_id')::uuid AS id;
SELECT collab.update_comment(id, 'hello @vera and @alice')->'events'->0->'payload'->'updates' FROM said;
SELECT mentions FROM collab.comments JOIN said USING (id);
SELECT collab.update_comment(id, 'hello, @vera and @alice')->'events'->0->'payload'->'updates' FROM said;
SELECT collab.update_comment(id, 'hello')->'events'->0->'payload'->'updates' FROM said;
SELECT count(collab.undo(test.board('Plan')));
SELECT text, mentions FROM collab.comments JOIN said USING (id);
-- On a private board only those who see it
SET collab.user_id = '1';
SELECT count(collab.update_board(test.board('Plan'), '{"visibility": "private"}'));
SELECT test.mentions('@bob @carol @vera @alice');
-- Fifty are the most
SELECT count(collab.update_board(test.board('Plan'), '{"visibility": "workspace"}'));
RESET collab.user_id;
SELECT count(u.user_id) FROM generate_series(1, 51) AS n, collab.upsert_user('test', 'crowd' || n, 'crowd' || n) AS u;
SET collab.member_limit = 100;
SET collab.user_id = '1';
SELECT count(collab.add_member(test.workspace('Team'), id, 'member')) FROM collab.users WHERE handle LIKE 'crowd%';
SELECT jsonb_array_length(test.mentions((SELECT string_agg('@crowd' || n, ' ') FROM generate_series(1, 50) AS n))::jsonb);
SELECT test.try(format('SELECT test.mentions(%L)', (SELECT string_agg('@crowd' || n, ' ') FROM generate_series(1, 51) AS n)));
SELECT jsonb_array_length(test.mentions((SELECT string_agg('@nobody' || n, ' ') FROM generate_series(1, 1000) AS n))::jsonb);
SELECT test.mentions(repeat('@', 10000) || 'alice'), test.mentions(repeat('@a.', 5000)), test.mentions(repeat('@a' || repeat('.', 62), 250));
SELECT * FROM collab.verify();
