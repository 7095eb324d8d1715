-- What administrators see: numbers and names, no content.
\i test/fixtures/team.sql
SET collab.snapshot_interval = 5;
SET collab.user_id = '3';
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), 'Task ' || n, repeat('Long ', 200))) FROM generate_series(1, 7) AS n;
SELECT collab.delete_task(test.task('Task 7'))->'changed' AS changed;
SELECT name, workspace_name, lists, tasks, open_tasks, events, events_last_day, events_last_hour, version, snapshot_version, last_event_at = (SELECT max(created_at) FROM collab.events WHERE aggregate_id = board_id) AS last_event,
	deleted_at IS NULL AS lives FROM collab.admin_boards WHERE workspace_name = 'Team' ORDER BY name;
SELECT count(*) = (SELECT count(*) FROM collab.boards) AS all_boards FROM collab.admin_boards;
-- The estimate is of the right order.
SELECT document_bytes BETWEEN length(collab.board_document(board_id, 'full', false)) / 2 AND length(collab.board_document(board_id, 'full', false)) * 2 AS estimate FROM collab.admin_boards WHERE name = 'Plan';
-- Feeds
SELECT collab.subscribe('behind', true), collab.subscribe('up to date') ~ '^1-' AS subscribed;
SELECT lag_events, lag_seconds, held_back_events, horizon_held_by FROM collab.admin_feeds WHERE name = 'up to date';
SELECT name, lag_events = (SELECT count(*) FROM collab.events) AS all_of_them, lag_seconds > 0 AS late FROM collab.admin_feeds WHERE name = 'behind';
BEGIN;
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'Not committed')->'changed' AS changed;
SELECT lag_events, held_back_events, horizon_held_by = 'pid ' || pg_backend_pid() AS held_by_me FROM collab.admin_feeds WHERE name = 'up to date';
ROLLBACK;
-- Presence
SELECT collab.bridge_alive(test.cid(1), 'bridge-1');
SELECT collab.connection_opened(test.cid(1), test.cid(n), CASE n WHEN 13 THEN 1 ELSE 3 END) FROM generate_series(11, 13) AS n;
SELECT collab.room_joined(test.cid(1), test.cid(n), test.board('Plan')) FROM generate_series(11, 13) AS n;
SELECT bridge_name, username, rooms, connected_at <= last_seen AS times FROM collab.admin_connections ORDER BY connection_id;
SELECT name, workspace_name, connections, users, bridges FROM collab.admin_rooms;
SELECT collab.connection_closed(test.cid(1), test.cid(13));
UPDATE collab.connections SET last_seen = now() - interval '2 minutes' WHERE connection_id = test.cid(12);
SELECT username, rooms FROM collab.admin_connections;
SELECT name, connections, users FROM collab.admin_rooms;
-- For admins only
CREATE ROLE regress_views_admin;
CREATE ROLE regress_views_person;
SELECT collab.grant_access('regress_views_admin', 'admin'), collab.grant_access('regress_views_person', 'person', 1);
GRANT USAGE ON SCHEMA test TO regress_views_admin, regress_views_person;
SET ROLE regress_views_admin;
SELECT v, test.try('SELECT * FROM collab.' || v) FROM unnest(ARRAY['admin_boards', 'admin_feeds', 'admin_slow_commands', 'admin_purges', 'admin_connections', 'admin_rooms']) AS v;
SELECT horizon_held_by IS NULL AS nobody FROM collab.admin_feeds WHERE name = 'behind';
SET ROLE regress_views_person;
SELECT v, test.try('SELECT * FROM collab.' || v) FROM unnest(ARRAY['admin_boards', 'admin_feeds', 'admin_slow_commands', 'admin_purges', 'admin_connections', 'admin_rooms']) AS v;
RESET ROLE;
DROP OWNED BY regress_views_admin, regress_views_person;
SELECT collab.revoke_access('regress_views_admin'), collab.revoke_access('regress_views_person');
DROP ROLE regress_views_admin, regress_views_person;
