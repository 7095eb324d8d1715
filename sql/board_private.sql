-- Private boards: who sees them, who comes onto them, who may leave.
\i test/fixtures/team.sql
SELECT collab.create_board(test.workspace('Team'), 'Secret')->'changed' AS changed;
SELECT test.board('Secret') AS board, test.list('To do', 'Secret') AS list \gset
SELECT count(collab.add_member(test.workspace('Team'), user_id)) FROM collab.upsert_user('test', 'dora', 'Dora');
-- 3 bob and 4 vera have tasks there, 6 dora's was deleted; 2 carol has one and is admin.
SELECT count(collab.create_task(:'board', :'list', title, assignees => who)) FROM (VALUES ('Of Bob', '{3}'::bigint[]), ('Of both', '{3,4}'), ('Of Dora', '{6}'), ('Of Carol', '{2}')) AS v (title, who);
SELECT collab.delete_task(test.task('Of Dora', 'Secret'))->'changed' AS changed;
CREATE FUNCTION test.seers() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(user_id::text, ' ' ORDER BY user_id) FROM collab.board_readers WHERE board_id = test.board('Secret')
$$;
CREATE FUNCTION test.as(who int, statement text) RETURNS text LANGUAGE sql AS $$
	SELECT test.try(format('SELECT set_config(''collab.user_id'', %L, false), %s', who, statement))
$$;
SELECT test.seers();
-- A member of a board that everybody sees is noted, and counts later.
SET collab.user_id = '2';
SELECT (collab.add_board_member(:'board', 1)#>'{events,0,payload}') - '{event,timestamp,board_id}'::text[] AS payload;
SELECT test.seers();
-- Private: the actor and those who have something to do there go on seeing it.
SELECT collab.update_board(:'board', '{"visibility": "private"}')#>'{events,0,payload,members_added}' AS members_added;
SELECT * FROM test.log(:'board', 6);
SELECT user_id FROM collab.board_members WHERE board_id = :'board' ORDER BY 1;
SELECT test.seers();
SELECT acl_version, user_ids FROM collab.room_readers(:'board');
-- Who does not see it is told that there is none.
SELECT who, test.as(who, format('collab.board_state(%L)', :'board')) AS state, test.as(who, format('collab.create_task(%L, %L, ''x'')', :'board', :'list')) AS task,
	test.as(who, format('collab.archived(%L)', :'board')) AS archive FROM generate_series(1, 6) AS who;
CREATE FUNCTION test.seen(who int) RETURNS text LANGUAGE sql AS $$
	SELECT set_config('collab.user_id', who::text, false);
	SELECT format('boards %s, members %s, lists %s, tasks %s', (SELECT count(*) FROM collab.visible_boards WHERE id = b), (SELECT count(*) FROM collab.visible_board_members WHERE board_id = b),
		(SELECT count(*) FROM collab.visible_lists WHERE board_id = b), (SELECT count(*) FROM collab.visible_tasks WHERE board_id = b)) FROM test.board('Secret') AS b
$$;
SELECT who, test.seen(who) FROM generate_series(1, 6) AS who;
SET collab.user_id = '2';
SELECT username, handle FROM collab.visible_board_members WHERE board_id = :'board' ORDER BY user_id;
SELECT collab.board_state(:'board', 'cards')#>'{board,members}' AS members;
-- Adding
SELECT collab.add_board_member(:'board', 6)->'changed' AS changed;
SELECT collab.add_board_member(:'board', 6)->'changed' AS changed;
SELECT test.as(2, format('collab.add_board_member(%L, %s)', :'board', who)) FROM (VALUES (5), (99)) AS v (who);
SELECT who, test.as(who, format('collab.add_board_member(%L, 4)', :'board')) FROM generate_series(1, 6) AS who;
SELECT test.seers();
-- Removing: not while there are open tasks of theirs, unless their role shows them the board.
SELECT test.as(2, format('collab.remove_board_member(%L, %s)', :'board', who)) FROM (VALUES (3), (4), (6), (6), (5), (2)) AS v (who);
SELECT test.seers();
SET collab.user_id = '2';
SELECT event_data FROM collab.events WHERE aggregate_id = :'board' AND event_type = 'BoardMemberRemoved' ORDER BY version LIMIT 1;
-- A completed task holds nobody.
SELECT collab.move_task(test.task('Of both', 'Secret'), test.list('Done', 'Secret'))->'changed' AS changed;
SELECT test.as(2, format('collab.remove_board_member(%L, 4)', :'board'));
SELECT test.as(4, format('collab.board_state(%L)', :'board'));
-- Public again: everybody; the members stay noted.
SET collab.user_id = '1';
SELECT collab.update_board(:'board', '{"visibility": "workspace"}')#>'{events,0,payload}' ? 'members_added' AS members_added;
SELECT test.seers();
SELECT test.as(2, format('collab.remove_board_member(%L, 3)', :'board')) AS not_private;
SET collab.user_id = '1';
SELECT collab.update_board(:'board', '{"visibility": "private"}')#>'{events,0,payload,members_added}' AS members_added;
-- UNDO makes it public again.
SELECT collab.undo(:'board')#>'{events,0,payload,updates}' AS updates;
SELECT acl_version, user_ids FROM collab.room_readers(:'board');
SELECT * FROM collab.verify();
-- Rights in one's own workspace open no board of another.
SELECT collab.update_board(:'board', '{"visibility": "private"}')->'changed' AS changed;
SET collab.user_id = '5';
SELECT test.try(format($$SELECT collab.execute('{"type": "DUPLICATE_BOARD", "payload": {"board_id": "%s", "workspace_id": "%s", "name": "Mine"}}')$$,
	:'board', (SELECT id FROM collab.visible_workspaces)));
SELECT count(*) FROM collab.visible_boards WHERE name = 'Mine';
