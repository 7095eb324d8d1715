-- Checklists: creating, renaming, ordering, deleting.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), name)) FROM unnest(ARRAY['House', 'Garden']) AS name;
CREATE FUNCTION test.checklist(wanted text) RETURNS uuid LANGUAGE sql AS $$
	SELECT id FROM collab.checklists WHERE name = wanted AND deleted_at IS NULL
$$;
-- What the board's document shows of a task's checklists
CREATE FUNCTION test.lists_of(task text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(c->>'position' || ' ' || (c->>'name') || ' ' || (c->>'items'), ', ' ORDER BY ordinality)
	FROM jsonb_path_query(collab.board_state(test.board('Plan')), '$.board.lists[*].tasks[*] ? (@.title == $t).checklists[*]',
		jsonb_build_object('t', task)) WITH ORDINALITY AS found (c, ordinality)
$$;
-- Created at the end
SELECT * FROM test.ack(collab.create_checklist(test.task('House'), ' Roof '));
SELECT count(collab.create_checklist(test.task('House'), name)) FROM unnest(ARRAY['Walls', 'Cellar', 'Doors']) AS name;
SELECT test.lists_of('House'), test.lists_of('Garden');
SELECT collab.create_checklist(test.task('Garden'), 'Beds', command_id => test.cid(1))->'result'->>'checklist_id' = test.checklist('Beds')::text AS tells_its_id;
SELECT * FROM test.ack(collab.create_checklist(test.task('Garden'), 'Beds', command_id => test.cid(1)));
-- The event as clients get it, and what the log keeps besides
SELECT test.mask(event_data::text) FROM collab.events_after(test.board('Plan'), 3, 1);
SELECT jsonb_object_keys(event_data) FROM collab.events WHERE aggregate_id = test.board('Plan') AND version = 4 ORDER BY 1;
-- A new checklist leaves the task's version and time alone
SELECT t.version, t.updated_at = t.created_at AS untouched, b.version AS board FROM collab.tasks t JOIN collab.boards b ON b.id = t.board_id
	WHERE t.title = 'House';
-- Names and places
SELECT * FROM test.ack(collab.update_checklist(test.checklist('Roof'), '{"name": "Top"}'));
SELECT * FROM test.ack(collab.update_checklist(test.checklist('Top'), '{"name": "Top", "position": 0}'));
SELECT * FROM test.ack(collab.update_checklist(test.checklist('Top'), '{"name": "Attic", "position": 2}'));
SELECT test.lists_of('House');
SELECT test.mask(event_data::text) FROM collab.events_after(test.board('Plan'), 9, 1);
SELECT event_data->'before' FROM collab.events WHERE aggregate_id = test.board('Plan') AND version = 10;
SELECT count(collab.update_checklist(test.checklist('Doors'), '{"position": 0}'));
SELECT test.lists_of('House');
SELECT count(collab.update_checklist(test.checklist('Doors'), '{"position": 99}'));
SELECT test.lists_of('House');
-- Undo goes back
SELECT count(collab.undo(test.board('Plan')));
SELECT count(collab.undo(test.board('Plan')));
SELECT count(collab.undo(test.board('Plan')));
SELECT test.lists_of('House');
-- Deleting takes the items along
SELECT count(collab.add_checklist_item(test.checklist('Walls'), item)) FROM unnest(ARRAY['Brick', 'Paint']) AS item;
CREATE TEMP TABLE brick AS SELECT id FROM collab.checklist_items WHERE text = 'Brick';
CREATE TEMP TABLE walls AS SELECT test.checklist('Walls') AS id;
SELECT * FROM test.ack(collab.delete_checklist(test.checklist('Walls'), test.cid(2)));
SELECT ack.* FROM walls, test.ack(collab.delete_checklist(walls.id, test.cid(2))) AS ack;
SELECT test.lists_of('House');
SELECT test.try(format('SELECT collab.check_item(%L, true)', brick.id)) FROM brick;
SELECT test.try(format('SELECT collab.delete_checklist(%L)', walls.id)) FROM walls;
SELECT test.try(format('SELECT collab.add_checklist_item(%L, %L)', walls.id, 'late')) FROM walls;
-- Refused
SELECT test.try(format('SELECT collab.create_checklist(%L, %L)', test.task('House'), '  '));
SELECT test.try(format('SELECT collab.create_checklist(%L, %L)', test.task('House'), repeat('x', 101)));
SELECT test.try(format('SELECT collab.create_checklist(%L, %L)', gen_random_uuid(), 'Nowhere'));
SELECT test.try(format('SELECT collab.update_checklist(%L, %L)', test.checklist('Top'), '{"color": "red"}'));
SELECT test.try(format('SELECT collab.update_checklist(%L, %L)', test.checklist('Top'), '{"position": -1}'));
SELECT test.try(format('SELECT collab.update_checklist(%L, %L)', test.checklist('Top'), '{"position": "1"}'));
SELECT collab.delete_task(test.task('Garden')) IS NOT NULL AS deleted;
SELECT test.try(format('SELECT collab.update_checklist(%L, %L)', test.checklist('Beds'), '{"name": "X"}'));
-- A conflict is about the checklist, not the task
SELECT test.try(format('SELECT collab.update_checklist(%L, %L, NULL, 4)', test.checklist('Top'), '{"name": "Other"}'));
SELECT count(collab.update_checklist(test.checklist('Cellar'), '{"name": "Basement"}', NULL, 7));
SET collab.user_id = '4';
SELECT test.try(format('SELECT collab.create_checklist(%L, %L)', test.task('House'), 'Viewer'));
SELECT test.try(format('SELECT collab.delete_checklist(%L)', test.checklist('Top')));
SET collab.user_id = '5';
SELECT test.try(format('SELECT collab.create_checklist(%L, %L)', test.task('House'), 'Outsider'));
SELECT test.try(format('SELECT collab.delete_checklist(%L)', test.checklist('Top')));
-- A hundred are the limit
SET collab.user_id = '3';
SELECT count(collab.create_checklist(test.task('House'), 'C' || n)) FROM generate_series(1, 97) AS n;
SELECT test.try(format('SELECT collab.create_checklist(%L, %L)', test.task('House'), 'One more'));
SELECT count(*), count(*) FILTER (WHERE deleted_at IS NULL) AS there FROM collab.checklists WHERE task_id = test.task('House');
SELECT * FROM collab.verify();
