-- Presence: bridges say who is connected and on which board; people read who is there. Time passes by moving the rows' times.
\i test/fixtures/team.sql
CREATE FUNCTION test.bridge(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT ('b0000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
CREATE FUNCTION test.connection(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT ('d0000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
CREATE FUNCTION test.passed(since interval) RETURNS void LANGUAGE sql AS $$
	UPDATE collab.bridges SET seen_at = seen_at - since, started_at = started_at - since;
	UPDATE collab.connections SET last_seen = last_seen - since, connected_at = connected_at - since;
	UPDATE collab.room_members SET joined_at = joined_at - since;
	UPDATE collab.last_seen SET seen_at = seen_at - since;
$$;
-- How long ago, in minutes
CREATE FUNCTION test.ago(moment timestamptz) RETURNS int LANGUAGE sql AS $$ SELECT (extract(epoch FROM clock_timestamp() - moment) / 60)::int $$;
CREATE VIEW test.team_presence AS SELECT username, role, online, test.ago(last_seen) AS minutes_ago FROM collab.workspace_presence(test.workspace('Team'));
CREATE VIEW test.plan_presence AS SELECT user_id, username, handle, online, test.ago(joined_at) AS joined_ago, test.ago(last_seen) AS seen_ago FROM collab.board_presence(test.board('Plan'));
SET collab.user_id = '4';
-- Nobody is there, nobody ever was.
SELECT * FROM test.team_presence;
SELECT * FROM test.plan_presence;
-- Bob connects twice to one bridge, Carol once to another, Oscar is outside the workspace.
SELECT collab.bridge_alive(test.bridge(1), 'one'), collab.bridge_alive(test.bridge(2), 'two');
SELECT collab.connection_opened(test.bridge(1), test.connection(1), 3), collab.connection_opened(test.bridge(1), test.connection(2), 3),
	collab.connection_opened(test.bridge(2), test.connection(3), 2), collab.connection_opened(test.bridge(2), test.connection(4), 5);
SELECT * FROM test.team_presence;
-- Joining is announced once for each who joins; psql's output goes through a pipe that masks process and ids.
SELECT 'collab:presence:' || test.board('Plan') AS channel \gset
LISTEN :"channel";
\o | sed -E 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/<id>/g; s/process with PID [0-9]+/process/'
SELECT collab.room_joined(test.bridge(1), test.connection(1), test.board('Plan')) AS known;
SELECT collab.room_joined(test.bridge(1), test.connection(1), test.board('Plan')) AS known_already;
SELECT collab.room_joined(test.bridge(1), test.connection(2), test.board('Plan')) AS known;
SELECT collab.room_joined(test.bridge(2), test.connection(3), test.board('Plan')) AS known;
SELECT collab.room_left(test.bridge(1), test.connection(2), test.board('Plan'));
SELECT collab.room_left(test.bridge(1), test.connection(2), test.board('Plan')) AS left_already;
SELECT collab.room_joined(test.bridge(1), test.connection(2), test.board('Plan')) AS known;
\o
UNLISTEN *;
SELECT test.try(format('SELECT collab.room_joined(%L, %L, %L)', test.bridge(2), test.connection(4), test.board('Plan'))) AS outsider;
SELECT test.try(format('SELECT collab.room_joined(%L, %L, %L)', test.bridge(1), test.connection(1), test.bridge(1))) AS no_board;
SELECT collab.room_joined(test.bridge(1), test.connection(9), test.board('Plan')) AS connection_is_known;
-- A user with two connections counts once.
SELECT * FROM test.plan_presence;
-- The first of them closes: still there. The second: gone, and last seen now.
SELECT collab.connection_closed(test.bridge(1), test.connection(1));
SELECT username FROM collab.board_presence(test.board('Plan')) ORDER BY 1;
SELECT test.passed('5 minutes');
SELECT collab.bridge_alive(test.bridge(1), 'one'), collab.bridge_alive(test.bridge(2), 'two');
SELECT count(*) AS bridges FROM collab.bridges;
SELECT collab.connection_closed(test.bridge(1), test.connection(2));
SELECT * FROM test.team_presence;
-- The second bridge was not heard of for five minutes when the first one said that it is alive: it was removed with its connections,
-- and begins again. What it says of them is answered with those that nobody knows any more.
SELECT id = test.connection(3) AS carols, id = test.connection(4) AS oscars FROM collab.connection_seen(test.bridge(2), ARRAY[test.connection(3), test.connection(4)]) AS id ORDER BY id;
SELECT * FROM test.plan_presence;
SELECT collab.connection_opened(test.bridge(2), test.connection(3), 2), collab.room_joined(test.bridge(2), test.connection(3), test.board('Plan'));
SELECT count(*) AS unknown FROM collab.connection_seen(test.bridge(2), ARRAY[test.connection(3)]);
SELECT * FROM test.plan_presence;
-- A connection that its bridge no longer speaks of is offline after a minute, though the bridge lives.
SELECT test.passed('30 seconds');
SELECT collab.bridge_alive(test.bridge(2), 'two');
SELECT username, online FROM test.team_presence WHERE username = 'Carol';
SELECT test.passed('31 seconds');
SELECT collab.bridge_alive(test.bridge(2), 'two');
SELECT username, online, minutes_ago FROM test.team_presence WHERE username = 'Carol';
SELECT * FROM test.plan_presence;
SELECT count(*) AS unknown FROM collab.connection_seen(test.bridge(2), ARRAY[test.connection(3)]);
SELECT * FROM test.plan_presence;
-- A bridge not seen for a minute counts for nothing, even before somebody removes it; being heard of brings it back.
UPDATE collab.bridges SET seen_at = seen_at - interval '61 seconds';
SELECT username, online FROM test.team_presence WHERE username = 'Carol';
SELECT * FROM test.plan_presence;
SELECT collab.bridge_alive(test.bridge(2), 'two');
SELECT * FROM test.plan_presence;
-- The time last seen is written when it is older than a minute.
SELECT seen_at AS before FROM collab.last_seen WHERE user_id = 2 \gset
SELECT count(*) AS unknown FROM collab.connection_seen(test.bridge(2), ARRAY[test.connection(3)]);
SELECT seen_at = :'before' AS untouched FROM collab.last_seen WHERE user_id = 2;
SELECT test.passed('61 seconds');
SELECT count(*) AS unknown FROM collab.connection_seen(test.bridge(2), ARRAY[test.connection(3)]);
SELECT test.ago(seen_at) AS minutes_ago FROM collab.last_seen WHERE user_id = 2;
SELECT collab.bridge_alive(test.bridge(2), 'two');
-- Who loses the board is not on it any more, nor is who is deactivated.
SELECT collab.connection_opened(test.bridge(2), test.connection(5), 3), collab.room_joined(test.bridge(2), test.connection(5), test.board('Plan'));
SELECT username FROM test.plan_presence;
SELECT collab.deactivate_user(2);
SELECT username FROM test.plan_presence;
SELECT username, online FROM test.team_presence WHERE username = 'Carol';
SELECT collab.reactivate_user(2);
SET collab.user_id = '1';
SELECT collab.remove_member(test.workspace('Team'), 3)->'changed' AS changed;
SELECT username FROM test.plan_presence;
-- The bridge ends.
SELECT collab.bridge_gone(test.bridge(2)), collab.bridge_gone(test.bridge(1)), collab.bridge_gone(test.bridge(7));
SELECT (SELECT count(*) FROM collab.bridges) AS bridges, (SELECT count(*) FROM collab.connections) AS connections, (SELECT count(*) FROM collab.room_members) AS joined;
SELECT username, online, minutes_ago FROM test.team_presence;
-- Everything unlogged may be lost: the time last seen stays, and what bridges say is taken up again.
SELECT collab.bridge_alive(test.bridge(1), 'one'), collab.connection_opened(test.bridge(1), test.connection(1), 4);
TRUNCATE collab.bridges, collab.connections, collab.room_members;
SELECT username, online, minutes_ago FROM test.team_presence WHERE username IN ('Carol', 'Vera');
SELECT collab.bridge_alive(test.bridge(1), 'one'), collab.room_left(test.bridge(1), test.connection(1), test.board('Plan')), collab.connection_closed(test.bridge(1), test.connection(1));
SELECT count(*) AS unknown FROM collab.connection_seen(test.bridge(1), ARRAY[test.connection(1), test.connection(1), test.connection(2)]);
SELECT count(*) AS unknown FROM collab.connection_seen(test.bridge(1), '{}');
-- A bridge that was removed, and says something before it says that it is alive, leaves nothing behind when it dies then.
SELECT collab.connection_opened(test.bridge(3), test.connection(7), 2), collab.room_joined(test.bridge(3), test.connection(7), test.board('Plan'));
SELECT count(*) AS counted FROM test.plan_presence;
SELECT test.passed('61 seconds');
SELECT collab.bridge_alive(test.bridge(1), 'one');
SELECT (SELECT count(*) FROM collab.bridges) AS bridges, (SELECT count(*) FROM collab.connections) AS connections, (SELECT count(*) FROM collab.room_members) AS joined;
-- In the workspace's document
SELECT collab.connection_opened(test.bridge(1), test.connection(1), 4);
SELECT document - ARRAY['id', 'default_board_id', 'members'] AS workspace, document->>'id' = test.workspace('Team')::text AS its_id,
	(document->>'default_board_id')::uuid IN (SELECT id FROM collab.boards WHERE name = 'Tasks') AS its_board FROM collab.workspace_state(test.workspace('Team')) AS document;
SELECT m - 'last_seen' AS member, m->>'last_seen' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$' AS seen FROM jsonb_array_elements(collab.workspace_state(test.workspace('Team'))->'members') AS m;
-- Outsiders learn nothing.
SET collab.user_id = '5';
SELECT test.try($$ SELECT collab.board_presence(test.board('Plan')) $$);
SELECT test.try($$ SELECT collab.workspace_presence(test.workspace('Team')) $$);
SELECT test.try($$ SELECT collab.workspace_state(test.workspace('Team')) $$);
SELECT test.try($$ SELECT collab.workspace_state('00000000-0000-0000-0000-000000000001') $$);
SELECT test.try($$ SELECT collab.workspace_presence(NULL) $$);
SELECT test.try($$ SELECT collab.connection_opened(test.bridge(1), test.connection(8), 99) $$);
SET collab.user_id = '4';
-- Many changes at once, as bridges say them: what was refused comes back, the rest is done.
SELECT collab.bridge_gone(test.bridge(1)), collab.bridge_gone(test.bridge(3)), collab.bridge_alive(test.bridge(4), 'four');
CREATE FUNCTION test.opened(n int, user_id bigint) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_array(test.connection(n), user_id) $$;
CREATE FUNCTION test.joined(n int, board text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_array(test.connection(n), test.board(board)) $$;
CREATE FUNCTION test.changes(changes jsonb) RETURNS TABLE (connection text, is_board boolean, code text) LANGUAGE sql AS $$
	SELECT right(connection_id::text, 2), board_id IS NOT NULL, code FROM collab.bridge_changes(test.bridge(4), changes) ORDER BY 1 $$;
SELECT * FROM test.changes(jsonb_build_object(
	'opened', jsonb_build_array(test.opened(11, 4), test.opened(12, 2), test.opened(13, 5), test.opened(14, 99)),
	'joined', jsonb_build_array(test.joined(11, 'Plan'), test.joined(12, 'Plan'), test.joined(13, 'Plan'), test.joined(19, 'Plan'))));
SELECT username FROM test.plan_presence;
-- Said again it is known; what is closed and opened again in one call is open.
SELECT * FROM test.changes(jsonb_build_object('closed', jsonb_build_array(test.connection(11)),
	'opened', jsonb_build_array(test.opened(11, 4), test.opened(12, 2)), 'joined', jsonb_build_array(test.joined(12, 'Plan'))));
SELECT username FROM test.plan_presence;
-- Leaving and joining again in one call is being there.
SELECT * FROM test.changes(jsonb_build_object('left', jsonb_build_array(test.joined(12, 'Plan')), 'joined', jsonb_build_array(test.joined(11, 'Plan'), test.joined(12, 'Plan'))));
SELECT username FROM test.plan_presence;
SELECT * FROM test.changes('{}');
-- Bridges see who is there through the others.
SELECT (SELECT count(*) FROM collab.room_presence(test.bridge(4), ARRAY[test.board('Plan')])) AS own,
	(SELECT string_agg(p.username, ' ' ORDER BY p.user_id) FROM collab.room_presence(test.bridge(5), ARRAY[test.board('Plan'), test.board('Plan')]) AS p) AS others,
	(SELECT count(*) FROM collab.room_presence(test.bridge(5), '{}')) AS nowhere;
UPDATE collab.bridges SET seen_at = seen_at - interval '46 seconds';
SELECT count(*) AS of_a_dead_bridge FROM collab.room_presence(test.bridge(5), ARRAY[test.board('Plan')]);
SELECT collab.bridge_alive(test.bridge(4), 'four');
-- A workspace hears of its people's connections, once a call.
SELECT 'collab:presence:' || test.workspace('Team') AS channel \gset
LISTEN :"channel";
\o | sed -E 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/<id>/g; s/process with PID [0-9]+/process/'
SELECT * FROM test.changes(jsonb_build_object('closed', jsonb_build_array(test.connection(11), test.connection(12))));
SELECT collab.connection_opened(test.bridge(4), test.connection(11), 4);
SELECT collab.bridge_gone(test.bridge(4));
\o
UNLISTEN *;
-- Who may connect
SELECT collab.deactivate_user(2);
SELECT collab.user_is_active(ARRAY[2, 4, 99]) AS active, collab.user_is_active('{}') AS none;
SELECT * FROM test.changes(jsonb_build_object('opened', jsonb_build_array(test.opened(12, 2))));
SELECT collab.reactivate_user(2);
-- The key under which bridges seal what they tell each other is one, and made anew when it was lost.
SELECT length(collab.live_key()) AS bytes, collab.live_key() = collab.live_key() AS same, collab.live_key() AS before \gset
TRUNCATE collab.live_keys;
SELECT length(collab.live_key()) AS bytes, collab.live_key() <> :'before' AS another;
