#!/usr/bin/env bash
# random.sh: four sessions carry out random commands on the same boards: valid ones, invalid ones, stale ones, resent ones,
# alone and in batches. Afterwards every log is whole, the read model is what the log says, each command is there at most
# once, and nobody met anything but a refusal. RANDOM_SEED repeats a run's choices (not its schedule).
# shellcheck source=test/tap/tap.bash
source "$(dirname "${BASH_SOURCE[0]}")/tap.bash"
export PGOPTIONS='-c client_min_messages=warning'

SEED=${RANDOM_SEED:-$((RANDOM * 32768 + RANDOM))}
SESSIONS=4
COMMANDS=${RANDOM_COMMANDS:-250} # each session's
printf '# RANDOM_SEED=%s\n' "$SEED"
DATABASE=tap_random
team_database $DATABASE

sql_script $DATABASE <<'SQL'
SELECT collab.upsert_user('test', name, name) FROM unnest(ARRAY['vera', 'oscar']) AS name \g /dev/null
SET collab.user_id = '1';
SELECT collab.add_member(id, 3, 'viewer') FROM collab.workspaces WHERE name = 'Team' \g /dev/null
SELECT collab.import_trello(id, '{"name": "Labelled", "lists": [{"id": "a", "name": "Inbox", "pos": 1, "softLimit": 12}, {"id": "b", "name": "Doing", "pos": 2}, {"id": "c", "name": "Done", "pos": 3},
	{"id": "d", "name": "Attic", "pos": 4, "closed": true}], "cards": [{"id": "k", "name": "One", "idList": "a", "pos": 1}, {"id": "l", "name": "Two", "idList": "d", "pos": 2}],
	"labels": [{"id": "x", "name": "Bug", "color": "red"}, {"id": "y", "name": "Idea", "color": "green"}]}') FROM collab.workspaces WHERE name = 'Team' \g /dev/null
CREATE TABLE test.outcomes (session int, n int, command jsonb, actor bigint, outcome text, changed boolean, replayed boolean);

CREATE FUNCTION test.any(VARIADIC choices anyarray) RETURNS anyelement LANGUAGE sql VOLATILE AS
	'SELECT choices[1 + floor(random() * cardinality(choices))::int]';
CREATE FUNCTION test.word(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT test.any(VARIADIC choices)';
CREATE FUNCTION test.any_board() RETURNS uuid LANGUAGE sql VOLATILE AS 'SELECT id FROM collab.boards ORDER BY random() LIMIT 1';
CREATE FUNCTION test.any_list(board uuid) RETURNS uuid LANGUAGE sql VOLATILE AS
	'SELECT id FROM collab.lists WHERE board_id = board OR random() < 0.01 ORDER BY random() LIMIT 1';
CREATE FUNCTION test.any_task(board uuid) RETURNS uuid LANGUAGE sql VOLATILE AS
	'SELECT coalesce((SELECT id FROM collab.tasks WHERE board_id = board OR random() < 0.01 ORDER BY random() LIMIT 1), gen_random_uuid())';
CREATE FUNCTION test.any_position() RETURNS jsonb LANGUAGE sql VOLATILE AS $$ SELECT to_jsonb(test.any(0, 0, 1, 2, 3, 5, 1000, -1)) $$;
CREATE FUNCTION test.any_updates() RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	all_of_them jsonb := jsonb_build_object('title', test.word('New title', 'A', 'B', 'C', ''), 'description', test.word('', 'Words', E'Two\nlines'),
		'priority', test.word('low', 'high', NULL, 'urgent', 'top'), 'status', test.word('todo', 'doing', 'done'), 'labels', test.word('["Bug"]', '["Idea", "Bug"]', '[]', '["Nope"]')::jsonb,
		'assignees', test.word('[1]', '[2, 1]', '[]', '[3]', '[4]')::jsonb, 'due_date', test.word('2026-11-21', NULL, '2026-12-01T10:00:00Z', 'soon'),
		'config', test.word('{"a": 1}', '{"a": null}', '{"b": {"c": 2}}', '{"b": {"c": null, "d": [1]}}', '{}')::jsonb);
BEGIN
	RETURN (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM (SELECT * FROM jsonb_each(all_of_them) ORDER BY random() LIMIT 1 + floor(random() * 3)::int) AS picked);
END
$$;
CREATE FUNCTION test.any_command(session int) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	board uuid := test.any_board();
	command text := test.word('CREATE_TASK', 'CREATE_TASK', 'CREATE_TASK', 'MOVE_TASK', 'MOVE_TASK', 'MOVE_TASK', 'MOVE_TASK', 'UPDATE_TASK', 'UPDATE_TASK', 'DELETE_TASK',
		'CREATE_LIST', 'MOVE_LIST', 'CREATE_BOARD', 'CREATE_WORKSPACE', 'ADD_MEMBER', 'JUMP');
	payload jsonb;
	resent jsonb;
BEGIN
	-- One in eight is sent again, by its id.
	SELECT o.command INTO resent FROM test.outcomes o WHERE random() < 0.125 AND o.session = any_command.session ORDER BY random() LIMIT 1;
	IF resent IS NOT NULL AND random() < 0.125 THEN RETURN resent; END IF;
	payload := CASE command
		WHEN 'CREATE_TASK' THEN jsonb_build_object('board_id', board, 'list_id', test.any_list(board), 'title', test.word('A', 'B', 'C', 'D', ' '), 'position', test.any_position())
		WHEN 'MOVE_TASK' THEN jsonb_build_object('task_id', test.any_task(board), 'to_list_id', test.any_list(board)) || test.any(jsonb_build_object('new_position', test.any_position()),
			jsonb_build_object('before_task_id', test.any_task(board)), jsonb_build_object('after_task_id', test.any_task(board)), jsonb_build_object('new_position', 0))
		WHEN 'UPDATE_TASK' THEN jsonb_build_object('task_id', test.any_task(board), 'updates', test.any_updates())
		WHEN 'DELETE_TASK' THEN jsonb_build_object('task_id', test.any_task(board))
		WHEN 'CREATE_LIST' THEN jsonb_build_object('board_id', board, 'name', 'List', 'position', test.any_position(), 'category', test.word('todo', 'doing', 'done', 'never'), 'wip_limit', test.any(3, 10, NULL))
		WHEN 'MOVE_LIST' THEN jsonb_build_object('list_id', test.any_list(board), 'new_position', test.any_position())
		WHEN 'CREATE_BOARD' THEN jsonb_build_object('workspace_id', (SELECT id FROM collab.workspaces ORDER BY random() LIMIT 1), 'name', 'Board')
		WHEN 'ADD_MEMBER' THEN jsonb_build_object('workspace_id', (SELECT id FROM collab.workspaces ORDER BY random() LIMIT 1), 'user_id', test.any(1, 2, 3, 4, 5), 'role', test.word('viewer', 'member', 'admin'))
		ELSE '{"name": "Workspace"}' END;
	IF random() < 0.3 THEN
		payload := payload || jsonb_build_object('version', (SELECT greatest(0, b.version + test.any(0, 0, -1, -5, 1)) FROM collab.boards b WHERE b.id = board));
	END IF;
	RETURN jsonb_build_object('id', gen_random_uuid(), 'type', command, 'payload', payload);
END
$$;
-- One command alone, as a person sends it.
CREATE FUNCTION test.step(session int, n int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	chosen jsonb := test.any_command(session);
	actor bigint := coalesce((SELECT o.actor FROM test.outcomes o WHERE o.command->>'id' = chosen->>'id' LIMIT 1), test.any(1, 1, 1, 2, 2, 2, 3, 4));
	ack jsonb;
BEGIN
	PERFORM set_config('collab.user_id', actor::text, true);
	ack := collab.execute(chosen);
	INSERT INTO test.outcomes VALUES (session, n, chosen, actor, 'ok', (ack->>'changed')::boolean, (ack->>'replayed')::boolean);
EXCEPTION WHEN OTHERS THEN
	INSERT INTO test.outcomes VALUES (session, n, chosen, actor, CASE WHEN SQLSTATE LIKE 'TB%' THEN SQLSTATE ELSE SQLSTATE || ' ' || SQLERRM END);
END
$$;
-- Several at once, as the bridge does.
CREATE FUNCTION test.batch_step(session int, n int, size int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	commands jsonb[] := ARRAY(SELECT test.any_command(session) FROM generate_series(1, size));
BEGIN
	INSERT INTO test.outcomes SELECT session, n, commands[b.command], 1, CASE kind WHEN 'ack' THEN 'ok' ELSE code END, code IS DISTINCT FROM 'unchanged', code IS NOT DISTINCT FROM 'replayed'
		FROM collab.execute_batch(array_fill(1::bigint, ARRAY[size]), ARRAY(SELECT (c->>'id')::uuid FROM unnest(commands) AS c), commands::text[]) AS b WHERE kind <> 'event';
END
$$;
SQL

# One in five steps is a batch. Every step is a transaction.
session() {
  local session=$1 n=0 size
  RANDOM=$(((SEED + session) % 32768))
  printf 'SELECT setseed(%s);\n' "$(awk -v seed="$SEED" -v session="$session" 'BEGIN { srand(seed + session); print rand() }')"
  while ((n < COMMANDS)); do
    if ((RANDOM % 5 == 0)); then
      size=$((RANDOM % 10 + 1))
      printf 'SELECT test.batch_step(%d, %d, %d);\n' "$session" $n $size
      ((n += size))
    else
      printf 'SELECT test.step(%d, %d);\n' "$session" $n
      ((++n))
    fi
  done
}

processes=()
for ((s = 1; s <= SESSIONS; s++)); do
  session $s | sql_script $DATABASE >/dev/null 2>"$SCRATCH/errors.$s" &
  processes+=($!)
done
failed=0
for process in "${processes[@]}"; do wait "$process" || ((++failed)); done
is "$failed$(cat "$SCRATCH"/errors.*)" 0 'no session ended with an error'

is "$(sql $DATABASE "SELECT count(*) >= $((SESSIONS * COMMANDS)), count(*) FILTER (WHERE outcome = 'ok' AND changed AND NOT replayed) > 200, count(*) FILTER (WHERE outcome <> 'ok') > 20 FROM test.outcomes")" 't|t|t' \
  'commands were carried out, and refused'
sql $DATABASE "SELECT '# ' || string_agg(outcome || ' ' || times, ', ' ORDER BY times DESC) FROM (SELECT CASE WHEN replayed THEN 'replayed' WHEN changed = false THEN 'unchanged' ELSE outcome END AS outcome,
  count(*) AS times FROM test.outcomes GROUP BY 1) AS o"
is "$(sql $DATABASE "SELECT DISTINCT outcome FROM test.outcomes WHERE outcome !~ '^(ok|TB\\d{3}|version_conflict|not_found|forbidden|invalid|rule|limit|command_id_reused|unknown_type)\$'")" '' 'nobody met anything but a refusal'
is "$(sql $DATABASE 'SELECT differing_id, left(difference, 300) FROM collab.verify()')" '' 'verify finds nothing'
is "$(sql $DATABASE 'SELECT count(*) FROM test.broken_logs')" 0 'no log has a gap, and versions agree everywhere'
# What creates a workspace or a board is another command when another user sends it, whatever its id.
is "$(sql $DATABASE "SELECT count(*) FROM (SELECT 1 FROM collab.events WHERE command_id IS NOT NULL
  GROUP BY command_id, CASE WHEN event_type IN ('WorkspaceCreated', 'BoardCreated') THEN user_id END HAVING count(*) > 1) AS twice")" 0 'each command is there at most once'
is "$(sql $DATABASE "SELECT count(*) FROM test.outcomes o WHERE outcome = 'ok' AND changed AND NOT EXISTS (SELECT FROM collab.events e WHERE e.command_id = (o.command->>'id')::uuid AND e.user_id = o.actor)")" 0 \
  'what was acknowledged is in a log'
is "$(sql $DATABASE "SELECT count(*) FROM collab.events e WHERE command_id IS NOT NULL AND NOT EXISTS (SELECT FROM test.outcomes o WHERE e.command_id = (o.command->>'id')::uuid AND outcome = 'ok')")" 0 'and what is in a log was acknowledged'
# There are no foreign keys: that nothing hangs in the air is the projection's doing.
is "$(sql $DATABASE "SELECT 'task of no list', count(*) FROM collab.tasks t WHERE NOT EXISTS (SELECT FROM collab.lists l WHERE (l.board_id, l.id) = (t.board_id, t.list_id)) HAVING count(*) > 0
  UNION ALL SELECT 'assignment', count(*) FROM collab.task_assignees a WHERE NOT EXISTS (SELECT FROM collab.tasks t WHERE (t.board_id, t.id) = (a.board_id, a.task_id))
    OR NOT EXISTS (SELECT FROM collab.users u WHERE u.id = a.user_id) HAVING count(*) > 0
  UNION ALL SELECT 'label', count(*) FROM collab.task_labels a WHERE NOT EXISTS (SELECT FROM collab.tasks t WHERE (t.board_id, t.id) = (a.board_id, a.task_id))
    OR NOT EXISTS (SELECT FROM collab.labels l WHERE (l.board_id, l.id) = (a.board_id, a.label_id)) HAVING count(*) > 0
  UNION ALL SELECT 'list of no board', count(*) FROM collab.lists l WHERE NOT EXISTS (SELECT FROM collab.boards b WHERE b.id = l.board_id) HAVING count(*) > 0
  UNION ALL SELECT 'board of no workspace', count(*) FROM collab.boards b WHERE NOT EXISTS (SELECT FROM collab.workspaces w WHERE w.id = b.workspace_id) HAVING count(*) > 0
  UNION ALL SELECT 'member', count(*) FROM collab.members m WHERE NOT EXISTS (SELECT FROM collab.users u WHERE u.id = m.user_id)
    OR NOT EXISTS (SELECT FROM collab.workspaces w WHERE w.id = m.workspace_id) HAVING count(*) > 0")" '' 'every row hangs on one that is there'
is "$(sql $DATABASE 'SELECT count(*) FROM collab.lists l WHERE task_count <> (SELECT count(*) FROM collab.tasks t WHERE t.board_id = l.board_id AND t.list_id = l.id AND archived_at IS NULL AND deleted_at IS NULL)')" 0 \
  'lists count their open tasks right'
is "$(sql $DATABASE 'SELECT count(*) FROM (SELECT 1 FROM collab.tasks WHERE archived_at IS NULL AND deleted_at IS NULL GROUP BY board_id, list_id, rank HAVING count(*) > 1) AS tied')" 0 'no two open tasks of a list share a rank'
is "$(sql $DATABASE "SELECT count(*) FROM collab.events e JOIN collab.events f ON f.aggregate_id = e.aggregate_id AND f.version = e.version + 1 WHERE f.created_at < e.created_at OR f.id <= e.id OR f.acl_version < e.acl_version")" 0 \
  'in each log ids, times and rights go up with the versions'
is "$(sql $DATABASE "SELECT count(*) FROM collab.lists WHERE wip_limit < task_count AND board_id NOT IN (SELECT id FROM collab.boards WHERE name = 'Labelled')")" 0 'no list is above its limit'
# Everything that was carried out, sent once more
sql_script $DATABASE <<'SQL' >"$SCRATCH/resent"
SELECT count(*), count(*) FILTER (WHERE code = 'replayed') FROM (SELECT DISTINCT ON (command->>'id') command, actor FROM test.outcomes WHERE outcome = 'ok' AND changed ORDER BY command->>'id') AS o,
	LATERAL collab.execute_batch(ARRAY[actor], ARRAY[(command->>'id')::uuid], ARRAY[command::text]) AS b WHERE kind <> 'event';
SQL
is "$(cut -d'|' -f1 "$SCRATCH/resent")" "$(cut -d'|' -f2 "$SCRATCH/resent")" 'sent once more, all of it is replayed'
plan_done
