-- A board's events by type, user and time.
\i test/fixtures/team.sql
SELECT test.board('Plan') AS plan \gset
SELECT count(collab.execute_as(actor, jsonb_build_object('type', 'CREATE_TASK', 'payload', jsonb_build_object('board_id', test.board('Plan'), 'title', 'Task ' || n)))) AS made
	FROM (VALUES (1, 1), (2, 3), (3, 3), (4, 2), (5, 3)) AS t (n, actor);
SELECT count(collab.execute_as(2, jsonb_build_object('type', 'MOVE_TASK', 'payload', jsonb_build_object('task_id', test.task('Task ' || n), 'to_list_id', test.list('Done'))))) AS moved FROM generate_series(2, 3) AS n;
SET collab.user_id = '4';
SELECT version, event_type, user_id, username, event_data->'task'->>'title' AS title, event_data ? 'ranks' AS internal FROM collab.find_events(:'plan');
SELECT version, user_id FROM collab.find_events(:'plan', 'TaskCreated');
SELECT version, event_type FROM collab.find_events(:'plan', user_id => 2);
SELECT version FROM collab.find_events(:'plan', 'TaskMoved', 2);
SELECT version FROM collab.find_events(:'plan', 'TaskMoved', 3);
SELECT version FROM collab.find_events(:'plan', 'NoSuchType');
-- From since up to, but not including, until
SELECT created_at AS third FROM collab.events WHERE aggregate_id = :'plan' AND version = 3 \gset
SELECT created_at AS sixth FROM collab.events WHERE aggregate_id = :'plan' AND version = 6 \gset
SELECT version FROM collab.find_events(:'plan', since => :'third', until => :'sixth');
SELECT version FROM collab.find_events(:'plan', since => :'sixth');
-- Pages
SELECT version FROM collab.find_events(:'plan', user_id => 3, max_events => 2);
SELECT version FROM collab.find_events(:'plan', user_id => 3, max_events => 2, after_version => 4);
SELECT test.try(format('SELECT collab.find_events(%L, max_events => %s)', :'plan', n)) FROM unnest(ARRAY['0', '10001', 'NULL', '10000']) AS n;
-- The mark is the one to resume from.
SELECT f.event = collab.event_mark(e.id, e.created_at) AS same FROM collab.find_events(:'plan', after_version => 7) f JOIN collab.events e ON e.aggregate_id = :'plan' AND e.version = f.version;
-- By user it is the index that finds them.
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT version FROM collab.events WHERE aggregate_id = '00000000-0000-0000-0000-000000000001' AND user_id = 3 AND version > 0 ORDER BY version LIMIT 10;
-- Who may
SET collab.user_id = '5';
SELECT test.try(format('SELECT collab.find_events(%L)', :'plan'));
SELECT test.try($$ SELECT collab.find_events(NULL) $$);
