#!/usr/bin/env bash
# random.sh: four sessions carry out random commands on the same boards: valid ones, invalid ones, stale ones, resent ones,
# alone and in batches. Afterwards every log is whole, the read model is what the log says, each command is there at most
# once, and nobody met anything but a refusal. RANDOM_SEED repeats a run's choices (not its schedule).
# shellcheck source=test/tap/tap.bash
source "$(dirname "${BASH_SOURCE[0]}")/tap.bash"
export PGOPTIONS='-c client_min_messages=warning'

SEED=${RANDOM_SEED:-$((RANDOM * 32768 + RANDOM))}
SESSIONS=4
COMMANDS=${RANDOM_COMMANDS:-400} # each session's
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
CREATE TABLE test.tokens (token text);
CREATE SEQUENCE test.turns;
-- What the run works on, whatever it will be called.
CREATE TABLE test.kept AS SELECT id FROM collab.workspaces WHERE name = 'Team' UNION SELECT id FROM collab.boards WHERE name IN ('Plan', 'Labelled', 'Other');

-- Every command with its fields, as its typed function has them: what comes to commands.def comes into the run.
CREATE TABLE test.fields AS SELECT c.command, c.aggregate, a.name, a.n > p.pronargs - p.pronargdefaults AND a.name NOT IN ('title', 'to_list_id') AS is_optional FROM collab.commands() c
	JOIN pg_proc p ON p.pronamespace = 'collab'::regnamespace AND p.proname = lower(c.command), unnest(p.proargnames[:p.pronargs]) WITH ORDINALITY AS a (name, n) WHERE a.name NOT IN ('command_id', 'version');
-- What would soon leave nothing to write on comes rarely, the ordinary work of a board often.
CREATE TABLE test.weights AS SELECT command, CASE WHEN command ~ '^(DELETE_WORKSPACE|DELETE_BOARD)$' THEN 0.05 WHEN command ~ '^(ARCHIVE_BOARD|REMOVE_MEMBER|LEAVE_MEMBERSHIP|TRANSFER_WORKSPACE|IMPORT_BOARD|DUPLICATE_BOARD|CREATE_WORKSPACE|REVOKE_INVITE)$' THEN 0.3
	WHEN command ~ '^(CREATE_TASK|MOVE_TASK|UPDATE_TASK)$' THEN 10 WHEN command ~ 'TASK|DEPENDENCY|CHECK|COMMENT|UNDO' THEN 3 ELSE 1 END AS weight FROM collab.commands();

CREATE FUNCTION test.any(VARIADIC choices anyarray) RETURNS anyelement LANGUAGE sql VOLATILE AS
	'SELECT choices[1 + floor(random() * cardinality(choices))::int]';
CREATE FUNCTION test.word(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT test.any(VARIADIC choices)';
CREATE FUNCTION test.any_board() RETURNS uuid LANGUAGE sql VOLATILE AS $$
	SELECT b.id FROM collab.boards b JOIN collab.workspaces w ON w.id = b.workspace_id WHERE b.deleted_at IS NULL AND b.archived_at IS NULL OR random() < 0.05
	ORDER BY random() * CASE WHEN b.id IN (SELECT id FROM test.kept) THEN 1 WHEN w.id IN (SELECT id FROM test.kept) THEN 4 ELSE 40 END LIMIT 1
$$;
-- A row of a board's, now and then another board's, a deleted one, or none at all.
CREATE FUNCTION test.any_of(relation text, board uuid) RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	found uuid;
BEGIN
	EXECUTE format('SELECT id FROM collab.%I WHERE (%s OR random() < 0.02) ORDER BY random() * CASE WHEN board_id = $1 THEN 1 ELSE 100 END LIMIT 1', relation,
		CASE relation WHEN 'lists' THEN 'archived_at IS NULL' ELSE 'deleted_at IS NULL' END) INTO found USING board;
	RETURN CASE WHEN random() < 0.02 THEN gen_random_uuid() ELSE coalesce(found, gen_random_uuid()) END;
END
$$;
CREATE FUNCTION test.any_position() RETURNS jsonb LANGUAGE sql VOLATILE AS $$ SELECT to_jsonb(test.any(0, 0, 1, 2, 3, 5, 1000, -1)) $$;
CREATE FUNCTION test.any_value(command text, field text, board uuid) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	relation text := CASE WHEN field IN ('list_id', 'to_list_id', 'from_list_id') THEN 'lists' WHEN field IN ('task_id', 'before_task_id', 'after_task_id', 'blocked_by') THEN 'tasks' WHEN field = 'label_id' THEN 'labels'
		WHEN field = 'field_id' THEN 'custom_fields' WHEN field = 'checklist_id' THEN 'checklists' WHEN field = 'item_id' THEN 'checklist_items' WHEN field IN ('comment_id', 'reply_to') THEN 'comments' WHEN field = 'attachment_id' THEN 'attachments' END;
BEGIN
	IF relation IS NOT NULL THEN RETURN to_jsonb(test.any_of(relation, board)); END IF;
	RETURN CASE field
		WHEN 'board_id' THEN to_jsonb(board) WHEN 'workspace_id' THEN (SELECT to_jsonb(id) FROM collab.workspaces ORDER BY random() * CASE WHEN id IN (SELECT id FROM test.kept) THEN 1 ELSE 20 END LIMIT 1)
		WHEN 'invite_id' THEN (SELECT to_jsonb(id) FROM collab.invites ORDER BY random() LIMIT 1) WHEN 'token' THEN coalesce((SELECT to_jsonb(token) FROM test.tokens ORDER BY random() LIMIT 1), '"none"')
		WHEN 'upload_id' THEN 'null' WHEN 'url' THEN '"https://example.org/"' WHEN 'user_id' THEN to_jsonb(test.any(1, 2, 3, 4, 5)) WHEN 'assigned_to' THEN to_jsonb(test.any(1, 2, 3, NULL)) WHEN 'before' THEN to_jsonb(test.any(1, 100))
		WHEN 'ids' THEN '[1, 2, 3]' WHEN 'assignees' THEN test.word('[1]', '[2, 1]', '[]', '[3]', '[4]')::jsonb WHEN 'labels' THEN test.word('["Bug"]', '["Idea", "Bug"]', '[]', '["Nope"]')::jsonb
		WHEN 'options' THEN test.word('["S", "M"]', '["S"]', '["S", "M", "L"]')::jsonb WHEN 'value' THEN test.word('"S"', '"M"', '7', 'true', 'null', '"2026-11-21"', '"words"')::jsonb WHEN 'kind' THEN to_jsonb(test.word('text', 'number', 'date', 'checkbox', 'choice'))
		WHEN 'role' THEN to_jsonb(test.word('viewer', 'member', 'member', 'admin')) WHEN 'position' THEN test.any_position() WHEN 'new_position' THEN test.any_position() WHEN 'category' THEN to_jsonb(test.word('todo', 'doing', 'done', 'never'))
		WHEN 'status' THEN to_jsonb(test.word('todo', 'doing', 'done')) WHEN 'wip_limit' THEN to_jsonb(test.any(3, 10, NULL)) WHEN 'max_uses' THEN to_jsonb(test.any(1, 2, 3)) WHEN 'expires_in' THEN to_jsonb(test.any(1, 3600))
		WHEN 'with_tasks' THEN to_jsonb(random() < 0.5) WHEN 'checked' THEN to_jsonb(random() < 0.5) WHEN 'visibility' THEN to_jsonb(test.word('workspace', 'workspace', 'private')) WHEN 'color' THEN to_jsonb(test.word('red', 'blue', '#aabbcc', 'none'))
		WHEN 'format' THEN '"trello"' WHEN 'document' THEN '{"name": "Imported", "lists": [{"id": "a", "name": "A", "pos": 1}], "cards": [{"id": "k", "name": "K", "idList": "a", "pos": 1}]}' WHEN 'settings' THEN
			test.word('{}', '{"conflict_policy": "field"}', '{"conflict_policy": "entity"}')::jsonb WHEN 'config' THEN test.word('{"a": 1}', '{"a": null}', '{"b": {"c": 2}}', '{"b": {"c": null, "d": [1]}}', '{}')::jsonb
		WHEN 'cover' THEN test.word('{"color": "red"}', 'null')::jsonb WHEN 'preferences' THEN '{"mentioned": false}' WHEN 'priority' THEN to_jsonb(test.word('low', 'high', NULL, 'urgent', 'top')) WHEN 'due_date' THEN
			to_jsonb(test.word('2026-11-21', NULL, '2026-12-01T10:00:00Z', 'soon')) WHEN 'start_date' THEN '"2026-11-01"' WHEN 'description' THEN to_jsonb(test.word('', 'Words', E'Two\nlines')) WHEN 'text' THEN to_jsonb(test.word('Look, @bob', 'Words', ''))
		WHEN 'title' THEN to_jsonb(test.word('A', 'B', 'C', 'D', ' ')) WHEN 'updates' THEN (SELECT coalesce(jsonb_object_agg(u.name, test.any_value(command, u.name, board)), '{}') FROM
			(SELECT name FROM unnest(string_to_array(CASE command WHEN 'UPDATE_TASK' THEN 'title,description,priority,status,labels,assignees,assigned_to,start_date,due_date,config,cover' WHEN 'UPDATE_BOARD' THEN 'name,description,visibility,settings'
				WHEN 'UPDATE_WORKSPACE' THEN 'name,description' WHEN 'UPDATE_LIST' THEN 'name,category,wip_limit' WHEN 'UPDATE_LABEL' THEN 'name,color' WHEN 'UPDATE_CUSTOM_FIELD' THEN 'name,options' WHEN 'UPDATE_CHECKLIST' THEN 'name,position'
				ELSE 'text,due_date,assigned_to' END, ',')) AS name ORDER BY random() LIMIT 1 + floor(random() * 3)::int) AS u)
		ELSE to_jsonb(test.word('A', 'B', 'Bug', 'Idea', 'Name', format('%s %s', command, floor(random() * 100)))) END;
END
$$;
CREATE FUNCTION test.any_command(session int) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	board uuid := test.any_board();
	-- every command once, then as it comes
	turn bigint := nextval('test.turns');
	chosen text := coalesce((SELECT command FROM (SELECT command, row_number() OVER (ORDER BY weight DESC, command) AS n FROM test.weights) AS w WHERE n * 4 = turn),
		(SELECT command FROM test.weights ORDER BY -ln(1 - random()) / weight LIMIT 1));
	payload jsonb;
	resent jsonb;
BEGIN
	-- One in eight is sent again, by its id.
	IF random() < 0.125 AND turn % 4 > 0 THEN
		SELECT o.command INTO resent FROM test.outcomes o WHERE o.session = any_command.session ORDER BY random() LIMIT 1;
		IF resent IS NOT NULL THEN RETURN resent; END IF;
	END IF;
	IF random() < 0.01 AND turn % 4 > 0 THEN RETURN jsonb_build_object('id', gen_random_uuid(), 'type', 'JUMP', 'payload', '{}'::jsonb); END IF;
	SELECT coalesce(jsonb_object_agg(f.name, test.any_value(chosen, f.name, board)), '{}') INTO payload FROM test.fields f
		WHERE f.command = chosen AND (NOT f.is_optional OR random() < CASE f.name WHEN 'list_id' THEN 0.8 WHEN 'new_position' THEN 0.6 WHEN 'url' THEN 1 WHEN 'upload_id' THEN 0 ELSE 0.2 END);
	-- What ends a board or a place in a workspace is mostly about others than those that the run works on.
	IF chosen IN ('DELETE_WORKSPACE', 'LEAVE_MEMBERSHIP', 'TRANSFER_WORKSPACE', 'REMOVE_MEMBER', 'CHANGE_ROLE') AND (chosen ~ 'WORKSPACE|LEAVE' OR random() < 0.9) THEN
		payload := payload || jsonb_build_object('workspace_id', coalesce((SELECT id FROM collab.workspaces WHERE id NOT IN (SELECT id FROM test.kept) AND deleted_at IS NULL AND NOT personal ORDER BY random() LIMIT 1), gen_random_uuid()));
	ELSIF chosen IN ('DELETE_BOARD', 'ARCHIVE_BOARD') THEN
		payload := payload || jsonb_build_object('board_id', coalesce((SELECT id FROM collab.boards WHERE id NOT IN (SELECT id FROM test.kept) AND name <> 'Tasks' AND deleted_at IS NULL ORDER BY random() LIMIT 1), gen_random_uuid()));
	END IF;
	IF payload ? 'task_id' OR payload ? 'list_id' THEN payload := payload - CASE WHEN random() < 0.95 THEN 'board_id' ELSE '' END; END IF;
	IF chosen = 'CREATE_TASK' AND random() < 0.95 THEN payload := payload - 'workspace_id' || jsonb_build_object('board_id', board); END IF;
	IF random() < 0.3 THEN
		payload := payload || jsonb_build_object('version', (SELECT greatest(0, b.version + test.any(0, 0, -1, -5, 1)) FROM collab.boards b WHERE b.id = board));
	END IF;
	RETURN jsonb_build_object('id', gen_random_uuid(), 'type', chosen, 'payload', payload);
END
$$;
-- One command alone, as a person sends it.
CREATE FUNCTION test.step(session int, n int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	chosen jsonb := test.any_command(session);
	actor bigint := coalesce((SELECT o.actor FROM test.outcomes o WHERE o.command->>'id' = chosen->>'id' LIMIT 1), test.any(1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 4));
	ack jsonb;
BEGIN
	PERFORM set_config('collab.user_id', actor::text, true);
	ack := collab.execute(chosen);
	INSERT INTO test.outcomes VALUES (session, n, chosen, actor, 'ok', (ack->>'changed')::boolean, (ack->>'replayed')::boolean);
	INSERT INTO test.tokens SELECT ack->'result'->>'token' WHERE ack->'result' ? 'token';
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
is "$(sql $DATABASE "SELECT DISTINCT outcome FROM test.outcomes WHERE outcome !~ '^(ok|TB\\d{3}|version_conflict|not_found|forbidden|invalid|rule|limit|command_id_reused|unknown_type|invite_[a-z_]+)\$'")" '' 'nobody met anything but a refusal'
is "$(sql $DATABASE 'SELECT differing_id, left(difference, 300) FROM collab.verify()')" '' 'verify finds nothing'
is "$(sql $DATABASE 'SELECT count(*) FROM test.broken_logs')" 0 'no log has a gap, and versions agree everywhere'
# What creates a workspace or a board is another command when another user sends it, whatever its id.
is "$(sql $DATABASE "SELECT count(*) FROM (SELECT 1 FROM collab.events WHERE command_id IS NOT NULL
  GROUP BY command_id, CASE WHEN event_type IN ('WorkspaceCreated', 'BoardCreated') THEN user_id END HAVING count(*) > 1) AS twice")" 0 'each command is there at most once'
is "$(sql $DATABASE "SELECT count(*) FROM test.outcomes o WHERE outcome = 'ok' AND changed AND command->>'type' NOT IN ('MARK_READ', 'SET_PREFERENCES') AND NOT EXISTS (SELECT FROM collab.events e WHERE e.command_id = (o.command->>'id')::uuid AND e.user_id = o.actor)")" 0 \
  'what was acknowledged is in a log'
is "$(sql $DATABASE "SELECT count(*) FROM collab.events e WHERE command_id IS NOT NULL AND NOT coalesce((event_data->'workspace'->>'personal')::boolean, false) AND NOT EXISTS (SELECT FROM test.outcomes o WHERE e.command_id = (o.command->>'id')::uuid AND outcome = 'ok')")" 0 'and what is in a log was acknowledged'
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
is "$(sql $DATABASE "SELECT count(*) FROM collab.lists l WHERE wip_limit < task_count AND board_id NOT IN (SELECT id FROM collab.boards WHERE name = 'Labelled')
  AND NOT EXISTS (SELECT FROM collab.events e WHERE e.aggregate_id = l.board_id AND e.event_type = 'ListUpdated' AND e.event_data->>'list_id' = l.id::text AND e.event_data->'updates' ? 'wip_limit')")" 0 \
  'no list is above its limit, but where the limit was lowered'
# counted DATABASE: what a running count says, and what there is.
is "$(sql $DATABASE "SELECT 'comments', count(*) FROM collab.tasks t WHERE comments_count <> (SELECT count(*) FROM collab.comments c WHERE c.board_id = t.board_id AND c.task_id = t.id AND c.deleted_at IS NULL) HAVING count(*) > 0
  UNION ALL SELECT 'attachments', count(*) FROM collab.tasks t WHERE attachments_count <> (SELECT count(*) FROM collab.attachments c WHERE c.board_id = t.board_id AND c.task_id = t.id AND c.deleted_at IS NULL) HAVING count(*) > 0
  UNION ALL SELECT 'uses of invites', count(*) FROM collab.invites i WHERE uses <> (SELECT count(*) FROM collab.events e WHERE e.aggregate_id = i.workspace_id AND e.event_type = 'MemberAdded' AND e.event_data->>'invite_id' = i.id::text)
    OR uses > max_uses HAVING count(*) > 0")" '' 'running counts are right'
is "$(sql $DATABASE "WITH RECURSIVE way AS (SELECT board_id, task_id, blocked_by, 1 AS steps FROM collab.task_dependencies
  UNION SELECT w.board_id, w.task_id, d.blocked_by, w.steps + 1 FROM way w JOIN collab.task_dependencies d ON d.board_id = w.board_id AND d.task_id = w.blocked_by WHERE w.steps < 100)
  SELECT count(*) FROM way WHERE task_id = blocked_by")" 0 'no task waits for itself'
# A task that is reopened stays in its done list when the board has no other one that is open.
is "$(sql $DATABASE "SELECT 'dependency', count(*) FROM collab.task_dependencies d WHERE NOT EXISTS (SELECT FROM collab.tasks t WHERE (t.board_id, t.id) = (d.board_id, d.blocked_by)) OR NOT EXISTS (SELECT FROM collab.tasks t WHERE (t.board_id, t.id) = (d.board_id, d.task_id)) HAVING count(*) > 0
  UNION ALL SELECT 'deleted label', count(*) FROM collab.task_labels a JOIN collab.labels l ON (l.board_id, l.id) = (a.board_id, a.label_id) WHERE l.deleted_at IS NOT NULL HAVING count(*) > 0
  UNION ALL SELECT 'value of no field', count(*) FROM collab.tasks t, jsonb_object_keys(t.custom_fields) AS f WHERE t.deleted_at IS NULL AND NOT EXISTS (SELECT FROM collab.custom_fields c WHERE c.board_id = t.board_id AND c.id::text = f AND c.deleted_at IS NULL) HAVING count(*) > 0
  UNION ALL SELECT 'item of no checklist', count(*) FROM collab.checklist_items i WHERE i.deleted_at IS NULL AND NOT EXISTS (SELECT FROM collab.checklists c WHERE (c.board_id, c.id, c.task_id) = (i.board_id, i.checklist_id, i.task_id) AND c.deleted_at IS NULL) HAVING count(*) > 0
  UNION ALL SELECT 'board member who is none of the workspace', count(*) FROM collab.board_members b JOIN collab.boards w ON w.id = b.board_id WHERE NOT EXISTS (SELECT FROM collab.members m WHERE m.workspace_id = w.workspace_id AND m.user_id = b.user_id)
    AND EXISTS (SELECT FROM collab.board_readers r WHERE r.board_id = b.board_id AND r.user_id = b.user_id) HAVING count(*) > 0
  UNION ALL SELECT 'workspace without owner', count(*) FROM collab.workspaces w WHERE deleted_at IS NULL AND NOT EXISTS (SELECT FROM collab.members m WHERE m.workspace_id = w.id AND m.role = 'owner' AND m.user_id = w.owner_id) HAVING count(*) > 0
  UNION ALL SELECT 'two labels of a name', count(*) FROM (SELECT 1 FROM collab.labels WHERE deleted_at IS NULL GROUP BY board_id, name HAVING count(*) > 1) AS twice HAVING count(*) > 0
  UNION ALL SELECT 'tied lists', count(*) FROM (SELECT 1 FROM collab.lists WHERE archived_at IS NULL GROUP BY board_id, rank HAVING count(*) > 1) AS tied HAVING count(*) > 0
  UNION ALL SELECT 'tied items', count(*) FROM (SELECT 1 FROM collab.checklist_items WHERE deleted_at IS NULL GROUP BY board_id, checklist_id, rank HAVING count(*) > 1) AS tied HAVING count(*) > 0
  UNION ALL SELECT 'default board that is gone', count(*) FROM collab.workspaces w JOIN collab.boards b ON b.id = w.default_board_id WHERE w.deleted_at IS NULL AND (b.deleted_at IS NOT NULL OR b.archived_at IS NOT NULL) HAVING count(*) > 0
  UNION ALL SELECT 'done without a date', count(*) FROM collab.tasks t JOIN collab.lists l ON (l.board_id, l.id) = (t.board_id, t.list_id) WHERE l.category = 'done' AND t.completed_at IS NULL AND t.deleted_at IS NULL AND t.archived_at IS NULL
    AND NOT EXISTS (SELECT FROM collab.events e WHERE e.aggregate_id = l.board_id AND (e.event_type = 'ListUpdated' AND e.event_data->>'list_id' = l.id::text
      OR e.event_type = 'TaskReopened' AND e.event_data->>'task_id' = t.id::text AND NOT e.event_data ? 'to_list_id')) HAVING count(*) > 0")" '' 'what the rules of a board promise holds'
# Every command took part, and every key of every event stands in the documents.
is "$(sql $DATABASE "SELECT c.command FROM collab.commands() c WHERE NOT EXISTS (SELECT FROM test.outcomes o WHERE o.command->>'type' = c.command)")" '' 'every command was given'
undocumented() {
  local event key
  sql $DATABASE "SELECT DISTINCT event_type || ' ' || key FROM collab.events, jsonb_object_keys(event_data) AS key WHERE key NOT IN ('imported', 'occurred_at', 'undo_of', 'before', 'ranks') ORDER BY 1" |
    while read -r event key; do grep -E "^\| [A-Za-z, ]*\b$event\b" docs/events.md | grep -q "\`$key\`" || echo "$event.$key"; done
}
is "$(undocumented)" '' 'docs/events.md knows every key of every event'
# Everything that was carried out, sent once more
sql_script $DATABASE <<'SQL' >"$SCRATCH/resent"
SELECT count(*), count(*) FILTER (WHERE code = 'replayed') FROM (SELECT DISTINCT ON (command->>'id') command, actor FROM test.outcomes WHERE outcome = 'ok' AND changed AND command->>'type' NOT IN ('MARK_READ', 'SET_PREFERENCES') ORDER BY command->>'id') AS o,
	LATERAL collab.execute_batch(ARRAY[actor], ARRAY[(command->>'id')::uuid], ARRAY[command::text]) AS b WHERE kind <> 'event';
SQL
is "$(cut -d'|' -f1 "$SCRATCH/resent")" "$(cut -d'|' -f2 "$SCRATCH/resent")" 'sent once more, all of it is replayed'
plan_done
