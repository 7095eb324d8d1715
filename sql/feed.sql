-- The global feed: one order of all events for consumers that keep their place.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT collab.subscribe('from now') ~ '^1-\d+-0$' AS now, collab.subscribe('from the start', true) AS start;
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), 'Task ' || n)) FROM generate_series(1, 3) AS n;
SELECT aggregate_type, version, event_type, event_data->'task'->>'title' AS title, event_data ? 'ranks' AS internal, user_id, created_at IS NOT NULL AS at,
	aggregate_id = test.board('Plan') AS plan, position ~ '^1-\d+-\d+$' AS position FROM collab.fetch('from now');
SELECT count(*) AS all_there_are, count(*) = (SELECT count(*) FROM collab.events) AS each_once, count(DISTINCT position) = count(*) AS positions FROM collab.fetch('from the start');
-- The same again until it is acknowledged; then what comes after.
SELECT position AS second FROM collab.fetch('from now', 2) OFFSET 1 \gset
SELECT version FROM collab.fetch('from now', 2);
SELECT version FROM collab.fetch('from now', 2);
SELECT collab.ack('from now', :'second') AS moved;
SELECT version FROM collab.fetch('from now');
SELECT collab.ack('from now', :'second') AS moved_again;
-- Forward only
SELECT position AS first_of_all FROM collab.fetch('from the start', 1) \gset
SELECT collab.ack('from now', :'first_of_all') AS back;
SELECT version FROM collab.fetch('from now');
SELECT position AS last_of_all FROM collab.fetch('from now') \gset
SELECT collab.ack('from now', :'last_of_all') AS moved;
SELECT count(*) FROM collab.fetch('from now');
-- Another consumer is where it was.
SELECT count(*) = (SELECT count(*) FROM collab.events) AS untouched FROM collab.fetch('from the start');
-- One's own transaction is not finished: what it appends comes when it has committed.
BEGIN;
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'Task 4')->'version' AS version;
SELECT count(*) FROM collab.fetch('from now');
COMMIT;
SELECT version FROM collab.fetch('from now');
-- What is rolled back never comes.
BEGIN;
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'Task 5')->'version' AS version;
ROLLBACK;
SELECT version FROM collab.fetch('from now');
-- Subscribing again changes nothing.
SELECT collab.subscribe('from now', true) = :'last_of_all' AS kept;
SELECT name, collab.feed_mark(epoch, xid, event_id) = :'last_of_all' AS acknowledged, acked_at IS NOT NULL AS ever FROM collab.feed_positions ORDER BY name;
-- Wrong uses
SELECT position, test.try(format('SELECT collab.ack(%L, %L)', 'from now', position)) FROM unnest(ARRAY['1-2', '', 'a-b-c', '-1-2-3', '99999999999999-1-1', '9999999999-1-1', '1-999999999999999-1', '1-4000000000-1', '2-1-1', NULL]) AS position;
SELECT test.try($$ SELECT collab.ack('nobody', '1-1-1') $$);
SELECT test.try($$ SELECT * FROM collab.fetch('nobody') $$);
SELECT test.try($$ SELECT * FROM collab.fetch(NULL) $$);
SELECT n, test.try(format($$ SELECT * FROM collab.fetch('from now', %s) $$, n)) FROM unnest(ARRAY['0', '10001', 'NULL', '10000']) AS n;
SELECT left(name, 3) AS name, test.try(format('SELECT collab.subscribe(%L)', name)) FROM unnest(ARRAY['', NULL, repeat('x', 101)]) AS name;
-- A restored log is of another place: its events are all finished, those appended here come after them.
BEGIN;
UPDATE collab.epochs SET system_identifier = 1;
SELECT count(*) AS of_the_restored_log FROM collab.fetch('from now');
SELECT collab.subscribe('after the restore');
COMMIT;
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'Task 6')->'version' AS version;
SELECT version, split_part(position, '-', 1) AS epoch FROM collab.fetch('from now');
SELECT version, split_part(position, '-', 1) AS epoch FROM collab.fetch('after the restore');
-- A promoted standby counts on another timeline.
UPDATE collab.epochs SET timeline = 0 WHERE epoch = 2;
SELECT collab.create_task(test.board('Plan'), test.list('To do'), 'Task 7')->'version' AS version;
SELECT version, split_part(position, '-', 1) AS epoch FROM collab.fetch('after the restore');
SELECT epoch, timeline FROM collab.epochs ORDER BY epoch;
-- The index has the order.
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT * FROM collab.events WHERE (epoch, xid, id) > (1, '5'::xid8, 7) AND (epoch, xid) < (1, '100'::xid8) ORDER BY epoch, xid, id LIMIT 5;
-- A consumer's role may do this and nothing else.
CREATE ROLE regress_feed;
SELECT collab.grant_access('regress_feed', 'consumer');
SELECT object_name FROM collab.access_objects('consumer') ORDER BY 1;
GRANT USAGE ON SCHEMA test TO regress_feed;
SET ROLE regress_feed;
SELECT collab.subscribe('its own', true);
SELECT count(*) > 0 AS events FROM collab.fetch('its own');
SELECT test.try('SELECT * FROM collab.events'), test.try('SELECT collab.my_workspaces()'), test.try('SELECT * FROM collab.feed_positions');
SELECT collab.unsubscribe('its own') AS there_was, collab.unsubscribe('its own') AS there_is;
RESET ROLE;
DROP OWNED BY regress_feed;
SELECT collab.revoke_access('regress_feed');
DROP ROLE regress_feed;
SELECT * FROM collab.verify();
