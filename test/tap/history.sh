#!/usr/bin/env bash
# history.sh: a random history of 2,000 commands on one board. At each version board_at says what the board said then, and what
# a replay from the first event says, which uses no snapshot. HISTORY_SEED repeats a run, HISTORY_COMMANDS makes it
# shorter or longer.
# shellcheck source=test/tap/tap.bash
source "$(dirname "${BASH_SOURCE[0]}")/tap.bash"
export PGOPTIONS='-c client_min_messages=warning'

SEED=${HISTORY_SEED:-20261121}
COMMANDS=${HISTORY_COMMANDS:-2000}
printf '# HISTORY_SEED=%s\n' "$SEED"
DATABASE=tap_history
team_database $DATABASE

sql_script $DATABASE <<'SQL' >/dev/null
-- Every 50: each version is replayed from one snapshot or another, and there are many of them.
ALTER DATABASE tap_history SET collab.snapshot_interval = 50;
CREATE TABLE test.past (version int PRIMARY KEY, state jsonb);
CREATE TABLE test.outcomes (n int, type text, outcome text);
SELECT set_config('collab.user_id', '1', false);
SELECT collab.execute(jsonb_build_object('type', 'CREATE_LABEL', 'payload', jsonb_build_object('board_id', test.board(), 'name', 'Bug', 'color', 'red')));

CREATE FUNCTION test.any(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE AS
	'SELECT choices[1 + floor(random() * cardinality(choices))::int]';
-- Any row of a table of the board, rarely one that is deleted; in an order that does not hang on ids, which differ from run to run.
CREATE FUNCTION test.pick(relation text) RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	ids uuid[];
BEGIN
	EXECUTE format('SELECT array_agg(id ORDER BY %s) FROM collab.%I WHERE board_id = test.board() AND %s',
		CASE relation WHEN 'checklist_items' THEN 'rank, version, text' ELSE 'created_at' END, relation,
		CASE WHEN relation = 'lists' OR random() < 0.05 THEN 'true' ELSE 'deleted_at IS NULL' END) INTO ids;
	RETURN ids[1 + floor(random() * cardinality(ids))::int];
END
$$;
CREATE FUNCTION test.any_updates() RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT jsonb_object_agg(key, value) FROM (SELECT key, value FROM jsonb_each(jsonb_build_object('title', test.any('New title', 'A', 'B', '  C  '), 'description', test.any('', 'Words', E'Two\nlines'),
		'priority', test.any('low', 'high', NULL, 'urgent'), 'status', test.any('todo', 'doing', 'done'), 'labels', test.any('["Bug"]', '[]')::jsonb, 'assignees', test.any('[1]', '[2, 1]', '[]')::jsonb,
		'due_date', test.any('2026-11-21', NULL, '2026-12-01T10:00:00Z'), 'start_date', test.any('2026-11-01', NULL), 'cover', test.any('{"color": "red"}', 'null')::jsonb,
		'config', test.any('{"a": 1}', '{"a": null}', '{"b": {"c": 2}}', '{"b": {"c": null, "d": [1, null]}}')::jsonb)) ORDER BY key OFFSET floor(random() * 10)::int LIMIT 1 + floor(random() * 3)::int) AS chosen
$$;
CREATE FUNCTION test.any_command() RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	type text := test.any('CREATE_TASK', 'CREATE_TASK', 'CREATE_TASK', 'MOVE_TASK', 'MOVE_TASK', 'MOVE_TASK', 'UPDATE_TASK', 'UPDATE_TASK', 'UPDATE_TASK', 'DELETE_TASK', 'COMPLETE_TASK', 'REOPEN_TASK', 'ARCHIVE_TASK',
		'RESTORE_TASK', 'ASSIGN_TASK', 'UNASSIGN_TASK', 'ADD_DEPENDENCY', 'REMOVE_DEPENDENCY', 'CREATE_LIST', 'MOVE_LIST', 'UPDATE_LIST', 'ARCHIVE_LIST', 'RESTORE_LIST', 'CREATE_LABEL', 'UPDATE_LABEL', 'DELETE_LABEL',
		'DEFINE_CUSTOM_FIELD', 'UPDATE_CUSTOM_FIELD', 'DELETE_CUSTOM_FIELD', 'SET_CUSTOM_FIELD', 'SET_CUSTOM_FIELD', 'CREATE_CHECKLIST', 'UPDATE_CHECKLIST', 'DELETE_CHECKLIST', 'ADD_CHECKLIST_ITEM', 'ADD_CHECKLIST_ITEM',
		'UPDATE_CHECKLIST_ITEM', 'CHECK_ITEM', 'CHECK_ITEM', 'MOVE_CHECKLIST_ITEM', 'DELETE_CHECKLIST_ITEM', 'ADD_COMMENT', 'ADD_COMMENT', 'UPDATE_COMMENT', 'DELETE_COMMENT', 'ADD_ATTACHMENT', 'REMOVE_ATTACHMENT',
		'UPDATE_BOARD', 'ADD_BOARD_MEMBER', 'REMOVE_BOARD_MEMBER', 'UNDO', 'UNDO');
	payload jsonb := jsonb_build_object('board_id', test.board());
BEGIN
	-- Things shall get older before they go.
	IF type ~ '^(DELETE|ARCHIVE|REMOVE)_' AND random() < 0.6 THEN type := test.any('CREATE_TASK', 'CREATE_CHECKLIST', 'ADD_CHECKLIST_ITEM', 'RESTORE_LIST', 'RESTORE_TASK'); END IF;
	payload := payload || CASE WHEN type ~ '_TASK$|_DEPENDENCY$|SET_CUSTOM|CREATE_CHECKLIST|ADD_COMMENT|ADD_ATTACHMENT' AND type <> 'CREATE_TASK' THEN jsonb_build_object('task_id', test.pick('tasks')) ELSE '{}' END;
	payload := payload || CASE
		WHEN type = 'CREATE_TASK' THEN jsonb_build_object('list_id', test.pick('lists'), 'title', test.any('A', 'B', 'Task'), 'position', floor(random() * 6)::int)
		WHEN type = 'MOVE_TASK' THEN jsonb_build_object('to_list_id', test.pick('lists'), 'new_position', floor(random() * 6)::int)
		WHEN type = 'UPDATE_TASK' THEN jsonb_build_object('updates', test.any_updates())
		WHEN type ~ '^(UN)?ASSIGN_TASK|BOARD_MEMBER' THEN jsonb_build_object('user_id', test.any('1', '2')::int)
		WHEN type ~ 'DEPENDENCY' THEN jsonb_build_object('blocked_by', test.pick('tasks'))
		WHEN type = 'CREATE_LIST' THEN jsonb_build_object('name', 'List', 'category', test.any('todo', 'doing', 'done'), 'position', floor(random() * 4)::int)
		WHEN type = 'MOVE_LIST' THEN jsonb_build_object('list_id', test.pick('lists'), 'new_position', floor(random() * 5)::int)
		WHEN type = 'UPDATE_LIST' THEN jsonb_build_object('list_id', test.pick('lists'), 'updates', test.any('{"name": "Renamed"}', '{"wip_limit": 100}', '{"wip_limit": null}', '{"category": "doing"}')::jsonb)
		WHEN type ~ '_LIST$' THEN jsonb_build_object('list_id', test.pick('lists'))
		WHEN type = 'CREATE_LABEL' THEN jsonb_build_object('name', 'Label ' || floor(random() * 30), 'color', test.any('red', 'green', 'blue'))
		WHEN type = 'UPDATE_LABEL' THEN jsonb_build_object('label_id', test.pick('labels'), 'updates', jsonb_build_object('color', test.any('red', 'purple')))
		WHEN type = 'DELETE_LABEL' THEN jsonb_build_object('label_id', test.pick('labels'))
		WHEN type = 'DEFINE_CUSTOM_FIELD' THEN jsonb_build_object('name', 'Field ' || floor(random() * 9), 'kind', test.any('text', 'number', 'checkbox'))
		WHEN type = 'UPDATE_CUSTOM_FIELD' THEN jsonb_build_object('field_id', test.pick('custom_fields'), 'updates', jsonb_build_object('name', 'Field ' || floor(random() * 9)))
		WHEN type = 'DELETE_CUSTOM_FIELD' THEN jsonb_build_object('field_id', test.pick('custom_fields'))
		WHEN type = 'SET_CUSTOM_FIELD' THEN jsonb_build_object('field_id', test.pick('custom_fields'), 'value', test.any('"words"', '7.50', 'true', 'null')::jsonb)
		WHEN type = 'CREATE_CHECKLIST' THEN jsonb_build_object('name', 'Checklist')
		WHEN type = 'UPDATE_CHECKLIST' THEN jsonb_build_object('checklist_id', test.pick('checklists'), 'updates', jsonb_build_object('name', test.any('One', 'Two')))
		WHEN type = 'ADD_CHECKLIST_ITEM' THEN jsonb_build_object('checklist_id', test.pick('checklists'), 'text', 'Item', 'position', floor(random() * 3)::int)
		WHEN type = 'DELETE_CHECKLIST' THEN jsonb_build_object('checklist_id', test.pick('checklists'))
		WHEN type = 'UPDATE_CHECKLIST_ITEM' THEN jsonb_build_object('item_id', test.pick('checklist_items'), 'updates', jsonb_build_object('text', test.any('This', 'That')))
		WHEN type = 'CHECK_ITEM' THEN jsonb_build_object('item_id', test.pick('checklist_items'), 'checked', random() < 0.7)
		WHEN type = 'MOVE_CHECKLIST_ITEM' THEN jsonb_build_object('item_id', test.pick('checklist_items'), 'new_position', floor(random() * 3)::int)
		WHEN type = 'DELETE_CHECKLIST_ITEM' THEN jsonb_build_object('item_id', test.pick('checklist_items'))
		WHEN type = 'ADD_COMMENT' THEN jsonb_build_object('text', test.any('Hello', '@bob look'))
		WHEN type = 'UPDATE_COMMENT' THEN jsonb_build_object('comment_id', test.pick('comments'), 'text', test.any('Edited', 'Edited again'))
		WHEN type = 'DELETE_COMMENT' THEN jsonb_build_object('comment_id', test.pick('comments'))
		WHEN type = 'ADD_ATTACHMENT' THEN jsonb_build_object('name', 'Link', 'url', 'https://example.org/' || floor(random() * 99))
		WHEN type = 'REMOVE_ATTACHMENT' THEN jsonb_build_object('attachment_id', test.pick('attachments'))
		WHEN type = 'UPDATE_BOARD' THEN jsonb_build_object('updates', test.any('{"description": "Words"}', '{"description": ""}', '{"visibility": "private"}', '{"visibility": "workspace"}')::jsonb)
		ELSE '{}' END;
	RETURN jsonb_build_object('type', type, 'payload', jsonb_strip_nulls(payload) || CASE WHEN payload->'value' = 'null' THEN '{"value": null}'::jsonb ELSE '{}' END
		|| CASE WHEN payload ? 'updates' THEN jsonb_build_object('updates', payload->'updates') ELSE '{}' END);
END
$$;
-- One command, and what the board says afterwards.
CREATE FUNCTION test.step(n int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	command jsonb := test.any_command();
BEGIN
	BEGIN
		PERFORM collab.execute(command);
		INSERT INTO test.outcomes VALUES (n, command->>'type', 'ok');
	EXCEPTION WHEN OTHERS THEN
		INSERT INTO test.outcomes VALUES (n, command->>'type', CASE WHEN SQLSTATE LIKE 'TB%' THEN 'refused ' || SQLERRM ELSE SQLSTATE || ' ' || SQLERRM || ' ' || command END);
	END;
	INSERT INTO test.past SELECT (s->>'version')::int, s FROM collab.board_state(test.board()) AS s ON CONFLICT DO NOTHING;
END
$$;
SQL

{
  printf "SET collab.user_id = '1'; SELECT setseed(%s);\n" "$(awk -v seed="$SEED" 'BEGIN { srand(seed); print rand() }')"
  for ((n = 1; n <= COMMANDS; n++)); do printf 'SELECT test.step(%d);\n' "$n"; done
} | sql_script $DATABASE >/dev/null

is "$(sql $DATABASE "SELECT DISTINCT outcome FROM test.outcomes WHERE outcome <> 'ok' AND outcome NOT LIKE 'refused%'")" '' 'no command met anything but a refusal'
is "$(sql $DATABASE "SELECT count(*), count(*) FILTER (WHERE outcome = 'ok') > count(*) / 2 FROM test.outcomes")" "$COMMANDS|t" "$COMMANDS commands, most of them carried out"
sql $DATABASE "SELECT '# never carried out: ' || string_agg(type, ', ') FROM (SELECT type FROM test.outcomes GROUP BY type HAVING NOT bool_or(outcome = 'ok') ORDER BY 1) AS t"
sql $DATABASE "SELECT '# ' || max(version) || ' versions, ' || count(*) || ' of them seen live, ' || (SELECT count(*) FROM collab.snapshots WHERE board_id = test.board()) || ' snapshots' FROM test.past"

started=$(date +%s%N)
is "$(sql $DATABASE "SET collab.user_id = '1'" "SELECT version FROM test.past p WHERE collab.board_at(test.board(), p.version) IS DISTINCT FROM p.state ORDER BY version LIMIT 5")" '' \
  'at each version board_at says what the board said then'
printf '# %s ms for all\n' "$((($(date +%s%N) - started) / 1000000))"
is "$(sql $DATABASE "SELECT count(*) FROM test.past p JOIN collab.events e ON e.aggregate_id = test.board() AND e.version = p.version WHERE p.state->>'event' <> collab.event_mark(e.id, e.created_at)")" 0 'each with its mark'

# Versions inside a command were never seen live: those, and one in forty of the others, from the first event on.
sql_script $DATABASE <<'SQL' >/dev/null
SET collab.user_id = '1';
CREATE TABLE test.with_snapshots AS SELECT v AS version, collab.board_at(test.board(), v) AS state FROM generate_series(1, (SELECT max(version) FROM test.past)) AS v
	WHERE v % 40 = 7 OR NOT EXISTS (SELECT FROM test.past p WHERE p.version = v);
CREATE TABLE test.kept AS TABLE collab.snapshots;
DELETE FROM collab.snapshots;
SQL
is "$(sql $DATABASE "SET collab.user_id = '1'" "SELECT version FROM test.with_snapshots w WHERE collab.board_at(test.board(), w.version) IS DISTINCT FROM w.state ORDER BY version LIMIT 5")" '' \
  'and what a replay from the first event says'
is "$(sql $DATABASE 'SELECT * FROM collab.verify()')" '' 'verify finds nothing'
sql $DATABASE 'SELECT collab.rebuild(test.board())' >/dev/null
is "$(sql $DATABASE 'SELECT count(*) FROM test.kept k JOIN collab.snapshots s USING (board_id, version) WHERE k.state <> s.state')" 0 'snapshots taken again are the same'
is "$(sql $DATABASE 'SELECT * FROM collab.verify()')" '' 'verify, which compares each of them, finds nothing'
is "$(sql $DATABASE "SELECT count(*) FROM collab.boards WHERE id NOT IN (SELECT id FROM collab.aggregates)" "SELECT count(DISTINCT board_id) FROM collab.tasks WHERE board_id NOT IN (SELECT id FROM collab.boards)")" $'0\n0' \
  'no look into the past has left anything behind'
plan_done
