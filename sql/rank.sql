-- Order under stress: ranks run out of room between two cards, are spread again, and positions stay right.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT test.board('Plan') AS board, test.list('To do') AS list \gset
SELECT count(collab.create_task(:'board', :'list', name)) FROM unnest(ARRAY['First', 'Last']) AS name;
-- 2,000 new cards, each right behind the first one: the newest is always second.
SELECT count(collab.create_task(:'board', :'list', 'New ' || n, "position" => 1)) FROM generate_series(1, 2000) AS n;
CREATE VIEW test.places AS SELECT title, rank, row_number() OVER (ORDER BY rank, id) - 1 AS place FROM collab.tasks WHERE board_id = test.board('Plan') AND list_id = test.list('To do')
	AND deleted_at IS NULL;
SELECT count(*) AS tasks, count(DISTINCT rank) AS ranks FROM test.places;
SELECT count(*) AS misplaced FROM test.places WHERE place <> CASE title WHEN 'First' THEN 0 WHEN 'Last' THEN 2001 ELSE 2001 - substr(title, 5)::int END;
-- Room was made again and again, for a few neighbours each time.
SELECT count(*) > 10 AS spread_often, max(ranks) BETWEEN 2 AND 2000 AS some_neighbours, sum(ranks) < 2000 * 4 AS few_rows FROM (SELECT (SELECT count(*) FROM jsonb_object_keys(event_data->'ranks'))
	AS ranks FROM collab.events WHERE aggregate_id = :'board' AND event_type = 'TaskCreated') AS e WHERE ranks > 1;
SELECT max(abs(rank)) < 2::numeric ^ 62 AS in_range FROM test.places;
SELECT * FROM collab.verify();
-- In the middle, where there are many on both sides: a window around the spot is spread, and the rest is left alone.
SELECT count(collab.create_task(:'board', :'list', 'Middle ' || n, "position" => 1000)) FROM generate_series(1, 800) AS n;
SELECT count(*) AS misplaced FROM test.places WHERE title LIKE 'Middle %' AND place <> 1800 - substr(title, 8)::int;
SELECT count(*) AS tasks, count(DISTINCT rank) AS ranks FROM test.places;
SELECT count(*) > 10 AS spread_often, max(ranks) < 1000 AS few_rows FROM (SELECT (SELECT count(*) FROM jsonb_object_keys(event_data->'ranks')) AS ranks FROM collab.events
	WHERE aggregate_id = :'board' AND event_data->'task'->>'title' LIKE 'Middle %') AS e WHERE ranks > 1;
SELECT * FROM collab.verify();
SELECT count(collab.delete_task(id)) AS deleted FROM collab.tasks WHERE title LIKE 'Middle %';
-- Before the last one: the same from the other side, by moving.
SELECT count(collab.move_task(test.task('New ' || n), :'list', before_task_id => test.task('Last'))) FROM generate_series(1, 300) AS n;
SELECT string_agg(title, ', ' ORDER BY place) FROM test.places WHERE place < 3 OR place > 1997;
-- One card to and fro between the same two: the ranks there run out as well.
SELECT count(collab.move_task(test.task(CASE n % 2 WHEN 0 THEN 'New 2000' ELSE 'New 1999' END), :'list', 1)) FROM generate_series(1, 200) AS n;
SELECT string_agg(title, ', ' ORDER BY place) FROM test.places WHERE place < 4;
-- Always to the front, always to the end
SELECT count(collab.move_task(test.task('New ' || n), :'list', 0)) FROM generate_series(1, 200) AS n;
SELECT count(collab.move_task(test.task('New ' || n), :'list')) FROM generate_series(1, 200) AS n;
SELECT string_agg(title, ', ' ORDER BY place) FROM test.places WHERE place > 1999;
-- Ranks at the border of what is stored are brought back by the next insert there.
UPDATE collab.tasks SET rank = 4611686018427387903 WHERE title = 'New 200';
UPDATE collab.tasks SET rank = -4611686018427387903 WHERE title = 'First';
SELECT collab.create_task(:'board', :'list', 'At the end')->'changed' AS changed;
SELECT collab.create_task(:'board', :'list', 'At the front', "position" => 0)->'changed' AS changed;
SELECT string_agg(title, ', ' ORDER BY place) FROM test.places WHERE place < 2 OR place > 2001;
SELECT max(abs(rank)) < 2::numeric ^ 62 AS in_range FROM test.places;
-- That was tampering: the log does not know of it.
SELECT collab.rebuild(:'board') > 0 AS rebuilt;
SELECT * FROM collab.verify();
-- Two with one rank (never made here, but a rebuild of anything must be in order) are ordered by their ids; between them there is no room.
SELECT count(collab.create_task(:'board', test.list('Done'), name)) FROM unnest(ARRAY['A', 'B', 'C']) AS name;
UPDATE collab.tasks SET rank = 0 WHERE title IN ('A', 'B', 'C');
SELECT collab.create_task(:'board', test.list('Done'), 'Between', "position" => 1)->'events'->0->'payload'->'task'->'position' AS position;
SELECT place FROM (SELECT title, row_number() OVER (ORDER BY rank, id) - 1 AS place FROM collab.tasks WHERE list_id = test.list('Done')) AS p WHERE title = 'Between';
SELECT count(DISTINCT rank) AS ranks FROM collab.tasks WHERE list_id = test.list('Done');
-- What clients are told is the place the card has, also when neighbours made room.
SELECT count(*) AS wrong FROM (SELECT (a->'events'->0->'payload'->'task'->>'position')::int AS told, least(n % 7, n - 1) AS right
	FROM generate_series(1, 100) AS n, LATERAL collab.create_task(:'board', test.list('In progress'), 'P' || n, "position" => n % 7) AS a) AS t WHERE told <> t.right;
SELECT bool_and(t->>'position' = (ordinality - 1)::text) AS in_sequence FROM jsonb_path_query(collab.board_state(:'board', 'cards'), '$.board.lists[*] ? (@.name == "In progress").tasks[*]') WITH ORDINALITY AS x (t);
