-- The items of checklists: adding, changing, checking, moving, deleting.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), name)) FROM unnest(ARRAY['House', 'Garden']) AS name;
SELECT count(collab.create_checklist(test.task('House'), name)) FROM unnest(ARRAY['Roof', 'Walls']) AS name;
SELECT count(collab.create_checklist(test.task('Garden'), 'Beds'));
CREATE FUNCTION test.checklist(wanted text) RETURNS uuid LANGUAGE sql AS $$
	SELECT id FROM collab.checklists WHERE name = wanted AND deleted_at IS NULL
$$;
CREATE FUNCTION test.item(wanted text) RETURNS uuid LANGUAGE sql AS $$
	SELECT id FROM collab.checklist_items WHERE text = wanted AND deleted_at IS NULL
$$;
-- The items as the board's document shows them: x checked
CREATE FUNCTION test.items(checklist text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg((i->>'position') || CASE WHEN (i->>'checked')::boolean THEN 'x ' ELSE '  ' END || (i->>'text'), ', ' ORDER BY ordinality)
	FROM jsonb_path_query(collab.board_state(test.board('Plan')), '$.board.lists[*].tasks[*].checklists[*] ? (@.name == $c).items[*]',
		jsonb_build_object('c', checklist)) WITH ORDINALITY AS found (i, ordinality)
$$;
-- Moves, and tells the new index or that nothing changed, and the items of both.
CREATE FUNCTION test.move(item text, at int, checklist text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	ack jsonb := collab.move_checklist_item(test.item(item), new_position => at, checklist_id => test.checklist(checklist));
BEGIN
	RETURN coalesce(ack->'events'->0->'payload'->>'new_position', 'unchanged') || ': ' || coalesce(test.items('Roof'), '-') || ' | ' || coalesce(test.items('Walls'), '-');
END
$$;
-- Adding
SELECT * FROM test.ack(collab.add_checklist_item(test.checklist('Roof'), 'Tiles'));
SELECT count(collab.add_checklist_item(test.checklist('Roof'), 'Beams', 0));
SELECT count(collab.add_checklist_item(test.checklist('Roof'), 'Gutter', 1, '2026-12-01T00:00:00Z', 3));
SELECT count(collab.add_checklist_item(test.checklist('Roof'), 'Flag', 77));
SELECT test.items('Roof');
SELECT test.mask(event_data::text) FROM collab.events_after(test.board('Plan'), 8, 1);
SELECT collab.add_checklist_item(test.checklist('Walls'), 'Brick', command_id => test.cid(1))->'result'->>'item_id' = test.item('Brick')::text AS tells_its_id;
SELECT * FROM test.ack(collab.add_checklist_item(test.checklist('Walls'), 'Brick', command_id => test.cid(1)));
-- Changing
SELECT * FROM test.ack(collab.update_checklist_item(test.item('Gutter'), '{"text": "Gutter", "due_date": "2026-12-01T01:00:00+01:00", "assigned_to": 3}'));
SELECT * FROM test.ack(collab.update_checklist_item(test.item('Gutter'), '{"text": "Copper gutter", "due_date": null, "assigned_to": 4}'));
SELECT test.mask(event_data::text) FROM collab.events_after(test.board('Plan'), 11, 1);
SELECT event_data->'before' FROM collab.events WHERE aggregate_id = test.board('Plan') AND version = 12;
SELECT text, due_date, assigned_to, version FROM collab.checklist_items WHERE id = test.item('Copper gutter');
SELECT count(collab.undo(test.board('Plan')));
SELECT text, due_date, assigned_to, version FROM collab.checklist_items WHERE id = test.item('Gutter');
-- Checking, and how much is done
SELECT * FROM test.ack(collab.check_item(test.item('Tiles'), true));
SELECT * FROM test.ack(collab.check_item(test.item('Tiles'), true));
SELECT count(collab.check_item(test.item('Flag'), true));
SELECT test.items('Roof'), jsonb_path_query(collab.board_state(test.board('Plan')), '$.board.lists[*].tasks[*] ? (@.title == "House").checklist_counts') AS counts;
SELECT count(collab.check_item(test.item('Flag'), false));
SELECT count(collab.undo(test.board('Plan')));
SELECT test.items('Roof');
-- Moving: the final index, inside the checklist and to another of the task
SELECT test.move('Beams', 2);
SELECT test.move('Beams', 2);
SELECT test.move('Beams', 0);
SELECT test.move('Beams', 99);
SELECT test.move('Beams', 3, 'Roof');
SELECT test.move('Beams', 0, 'Walls');
SELECT test.move('Flag', 1, 'Walls');
SELECT event_data - 'task_id' - 'checklist_id' - 'from_checklist_id' - 'item_id' - 'ranks' AS data, event_data->>'checklist_id' = test.checklist('Walls')::text AS "to",
	event_data->>'from_checklist_id' = test.checklist('Roof')::text AS "from" FROM collab.events WHERE aggregate_id = test.board('Plan') ORDER BY version DESC LIMIT 1;
SELECT count(collab.undo(test.board('Plan')));
SELECT test.move('Tiles', 0);
-- Deleting
SELECT * FROM test.ack(collab.delete_checklist_item(test.item('Gutter')));
SELECT test.items('Roof'), test.items('Walls');
-- Many in one place: the ranks never run out
SELECT count(collab.add_checklist_item(test.checklist('Beds'), 'B' || n, 1)) FROM generate_series(1, 120) AS n;
SELECT (SELECT string_agg(text, ' ' ORDER BY rank, id) FROM (SELECT * FROM collab.checklist_items WHERE checklist_id = test.checklist('Beds') ORDER BY rank, id LIMIT 5) AS f) AS first_five,
	(SELECT count(DISTINCT rank) FROM collab.checklist_items WHERE checklist_id = test.checklist('Beds')) AS ranks;
-- None of it touches the task
SELECT title, version, updated_at = created_at AS untouched FROM collab.tasks WHERE board_id = test.board('Plan') ORDER BY title;
-- Refused
SELECT test.try(format('SELECT collab.add_checklist_item(%L, %L)', test.checklist('Roof'), ''));
SELECT test.try(format('SELECT collab.add_checklist_item(%L, %L, -1)', test.checklist('Roof'), 'x'));
SELECT test.try(format('SELECT collab.add_checklist_item(%L, %L, assigned_to => 5)', test.checklist('Roof'), 'x'));
SELECT test.try(format('SELECT collab.add_checklist_item(%L, %L, assigned_to => 99)', test.checklist('Roof'), 'x'));
SELECT test.try(format('SELECT collab.update_checklist_item(%L, %L)', test.item('Tiles'), '{"assigned_to": 5}'));
SELECT test.try(format('SELECT collab.update_checklist_item(%L, %L)', test.item('Tiles'), '{"due_date": "soon"}'));
SELECT test.try(format('SELECT collab.update_checklist_item(%L, %L)', test.item('Tiles'), '{"checked": true}'));
SELECT test.try(format('SELECT collab.move_checklist_item(%L, new_position => 0, checklist_id => %L)', test.item('Tiles'), test.checklist('Beds')));
SELECT test.try(format('SELECT collab.move_checklist_item(%L, new_position => 0, checklist_id => %L)', test.item('Tiles'), gen_random_uuid()));
SELECT test.try(format('SELECT collab.check_item(%L, true)', gen_random_uuid()));
-- A conflict is about the item alone
SELECT test.try(format('SELECT collab.check_item(%L, false, NULL, 9)', test.item('Tiles')));
SELECT count(collab.check_item(test.item('Brick'), true, NULL, 30));
SET collab.user_id = '4';
SELECT test.try(format('SELECT collab.check_item(%L, false)', test.item('Tiles')));
SET collab.user_id = '5';
SELECT test.try(format('SELECT collab.check_item(%L, false)', test.item('Tiles')));
-- Five hundred are the limit
SET collab.user_id = '3';
SELECT count(collab.add_checklist_item(test.checklist('Beds'), 'C' || n)) FROM generate_series(1, 380) AS n;
SELECT test.try(format('SELECT collab.add_checklist_item(%L, %L)', test.checklist('Beds'), 'One more'));
SELECT * FROM collab.verify();
