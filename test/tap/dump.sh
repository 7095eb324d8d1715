#!/usr/bin/env bash
# dump.sh: pg_dump and a restore give the same database: log, read model, users, rights, sequences; verify finds nothing,
# and commands go on where they were, in an epoch of their own. A dump with --inserts is refused with the way out.
# shellcheck source=test/tap/tap.bash
source "$(dirname "${BASH_SOURCE[0]}")/tap.bash"
export PGOPTIONS='-c collab.user_id=1 -c client_min_messages=warning'

SOURCE=tap_dump
team_database $SOURCE
new_database tap_restore
sql postgres 'DROP ROLE IF EXISTS tap_dump_bob, tap_dump_bridge' 'CREATE ROLE tap_dump_bob' 'CREATE ROLE tap_dump_bridge'
sql_script $SOURCE <<'SQL'
\set full `cat test/fixtures/trello-full.json`
\set real `cat test/fixtures/trello-project100.json`
SELECT collab.grant_access('tap_dump_bob', 'person', 2), collab.grant_access('tap_dump_bridge', 'bridge') \g /dev/null
SELECT collab.import_trello(w.id, :'full'), collab.import_trello(w.id, :'real') FROM collab.workspaces w WHERE name = 'Team' \g /dev/null
SELECT collab.create_task(test.board(), test.list(), 'Task ' || n, command_id => test.cid(n)) FROM generate_series(1, 200) AS n \g /dev/null
SELECT collab.move_task(test.task('Task ' || n), test.list('Done'), 0) FROM generate_series(1, 60) AS n \g /dev/null
SELECT collab.delete_task(test.task('Task ' || n)) FROM generate_series(50, 70) AS n \g /dev/null
SELECT collab.create_label(test.board(), 'Bug', 'red'), collab.update_task(test.task('Task 1'), '{"labels": ["Bug"]}') \g /dev/null
SELECT collab.define_custom_field(test.board(), 'Size', 'choice', ARRAY['S', 'L'])->'result'->>'field_id' AS field \gset
SELECT collab.set_custom_field(test.task('Task 1'), :'field', '"L"'), collab.add_dependency(test.task('Task 1'), test.task('Task 2')) \g /dev/null
SELECT collab.create_checklist(test.task('Task 1'), 'Steps')->'result'->>'checklist_id' AS checklist \gset
SELECT collab.add_checklist_item(:'checklist', 'One'), collab.add_checklist_item(:'checklist', 'Two', due_date => '2026-11-21', assigned_to => 2) \g /dev/null
SELECT collab.add_comment(test.task('Task 1'), 'Look, @bob')->'result'->>'comment_id' AS comment \gset
SELECT collab.add_comment(test.task('Task 1'), 'I do', reply_to => :'comment'), collab.update_comment(:'comment', 'Look at it, @bob'), collab.archive_task(test.task('Task 3')), collab.assign_task(test.task('Task 4'), 2) \g /dev/null
SELECT collab.add_attachment(test.task('Task 1'), 'Page', 'https://example.org/'), collab.attach_file(test.task('Task 1'), 'a.txt', convert_to(E'tab\t, quote '' and \\ backslash, line\nbreak', 'UTF8'), 'text/plain'), collab.upload('left over', 'x', 'text/plain') \g /dev/null
SELECT collab.create_invite(id, 'viewer', 3600, 2)->'result'->>'token' AS token, id AS workspace FROM collab.workspaces WHERE name = 'Team' \gset
SELECT collab.upsert_user('test', 'guest', 'Guest'), set_config('collab.user_id', (SELECT id::text FROM collab.users WHERE handle = 'guest'), false) \g /dev/null
SELECT collab.join_by_invite(:'token') \g /dev/null
SET collab.user_id = '1';
SELECT collab.bridge_alive(md5('b')::uuid, 'bridge'), collab.connection_opened(md5('b')::uuid, md5('c')::uuid, 1), collab.subscribe('search'), collab.set_preferences('{"due_soon": false}') \g /dev/null
SELECT collab.create_board(:'workspace', 'Doomed')->>'board_id' AS doomed \gset
SELECT collab.delete_board(:'doomed'), collab.purge(:'doomed', 'Asked for') \g /dev/null
SELECT collab.create_board(:'workspace', 'Private', visibility => 'private')->'board_id', collab.update_list(test.list('In progress'), '{"wip_limit": 50}'), collab.archive_list(test.list('Done')), collab.restore_list(test.list('Done')) \g /dev/null
SELECT collab.update_task(test.task('Task 100'), '{"description": "tab\t, quote '' \" and \\ backslash, line\nbreak, é, 🎈", "config": {"a": [1, null, "x"]}}') \g /dev/null
SQL

# Every table that a dump takes: not presence, which a crash may forget as well, and not what can be made again.
mapfile -t tables < <(sql $SOURCE "SELECT c.relname FROM pg_extension e, unnest(e.extconfig) AS config JOIN pg_class c ON c.oid = config WHERE e.extname = 'collab' AND c.relkind = 'r' ORDER BY c.relname")
mapfile -t sequences < <(sql $SOURCE "SELECT c.relname FROM pg_extension e, unnest(e.extconfig) AS config JOIN pg_class c ON c.oid = config WHERE e.extname = 'collab' AND c.relkind = 'S' ORDER BY c.relname")

# One line per table and sequence.
fingerprint() {
  local table
  for table in "${tables[@]}"; do
    sql "$1" "SELECT '$table', count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM collab.$table AS t"
  done
  for table in "${sequences[@]}"; do
    sql "$1" "SELECT '$table', last_value, is_called FROM collab.$table"
  done
}
original=$(fingerprint $SOURCE)
is "$(grep -E '^[a-z_]+\|0\|' <<<"$original")" '' 'every table has rows to lose'

# check_restored DATABASE HOW
check_restored() {
  local database=$1 how=$2
  is "$(fingerprint "$database")" "$original" "$how: every table and sequence is as it was"
  is "$(sql "$database" 'SELECT count(*) FROM collab.verify()')" 0 "$how: verify finds nothing"
  is "$(sql "$database" 'SELECT count(*) FROM collab.epochs')" 1 "$how: the epoch is still the old one"
  is "$(sql "$database" "SELECT count(*) FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e' AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'collab')")" \
    "$(sql $SOURCE "SELECT count(*) FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e' AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'collab')")" \
    "$how: it is the extension, with all its members"
  is "$(sql "$database" "SELECT a->>'replayed', a->>'version' FROM collab.create_task(test.board(), test.list(), 'Task 7', command_id => test.cid(7)) AS a")" 'true|8' "$how: a command of before is known"
  is "$(sql "$database" 'SELECT count(*) FROM collab.epochs')" 1 "$how: … which appended nothing"
  is "$(sql "$database" "SELECT (collab.create_task(test.board(), test.list(), 'After'))->'version' = to_jsonb(b.version + 1) FROM collab.boards b WHERE name = 'Plan'")" t "$how: a new command has the next version"
  is "$(sql "$database" "SELECT e.id > (SELECT max(id) FROM collab.events WHERE version < e.version AND aggregate_id = e.aggregate_id), e.epoch FROM collab.events e WHERE event_data->'task'->>'title' = 'After'")" 't|2' \
    "$how: … the next id, and an epoch of its own"
  is "$(sql "$database" "SELECT epoch, system_identifier = (SELECT system_identifier FROM pg_control_system()), database_oid = (SELECT oid FROM pg_database WHERE datname = current_database()) FROM collab.epochs ORDER BY epoch")" \
    $'1|t|f\n2|t|t' "$how: … which says where it is"
  is "$(sql "$database" "SELECT collab.move_task(test.task('After'), test.list('Done'))->'changed'" 'SELECT count(*) FROM collab.epochs')" $'true\n2' "$how: the next command opens no other"
  is "$(sql "$database" "SELECT user_id = (SELECT max(id) FROM collab.users WHERE handle <> 'newcomer') + 1 FROM collab.upsert_user('test', 'newcomer', 'Newcomer')")" t "$how: a new user gets the next id"
  is "$(PGOPTIONS='' sql "$database" 'SET ROLE tap_dump_bob' 'SELECT collab.current_user_id()')" 2 "$how: a role acts as the user it was given"
  is "$(PGOPTIONS='' sql "$database" 'SET ROLE tap_dump_bridge' "SELECT count(*) FROM collab.execute_batch('{}', '{}', '{}')")" 0 "$how: the bridge's role may call what it may call"
  is "$(PGOPTIONS='' sql "$database" 'SET ROLE tap_dump_bob' 'SELECT count(*) FROM collab.events' 2>&1 | grep -c 'permission denied')" 1 "$how: and nobody may read tables"
  is "$(sql "$database" 'UPDATE collab.events SET user_id = 2' 2>&1 | grep -c 'append-only')" 1 "$how: the log is append-only"
  is "$(sql "$database" 'SELECT collab.rebuild_all() > 0' 'SELECT count(*) FROM collab.verify()' 'SELECT count(*) FROM test.broken_logs')" $'t\n0\n0' "$how: everything can be rebuilt"
}

"$PGBIN/pg_dump" -Fc -f "$SCRATCH/custom" $SOURCE
new_database tap_restore
"$PGBIN/pg_restore" --exit-on-error -d tap_restore "$SCRATCH/custom"
check_restored tap_restore 'custom format'

new_database tap_restore
"$PGBIN/pg_restore" --exit-on-error --jobs=4 -d tap_restore "$SCRATCH/custom"
is "$(fingerprint tap_restore)" "$original" 'with --jobs: every table and sequence is as it was'
is "$(sql tap_restore 'SELECT count(*) FROM collab.verify()')" 0 'with --jobs: verify finds nothing'

# pg_restore --jobs takes the tables in no particular order: backwards must do as well.
"$PGBIN/pg_restore" --list "$SCRATCH/custom" | awk '/ TABLE DATA collab /{ data[++n] = $0; next } { rest[++m] = $0 }
  END { for (i = 1; i <= m; i++) { print rest[i]; if (rest[i] ~ / EXTENSION - collab /) for (j = n; j > 0; j--) print data[j] } }' >"$SCRATCH/backwards"
is "$(grep -c ' TABLE DATA collab ' "$SCRATCH/backwards")" "${#tables[@]}" 'the list for a backward restore has every table'
new_database tap_restore
status=0
"$PGBIN/pg_restore" --exit-on-error --use-list "$SCRATCH/backwards" -d tap_restore "$SCRATCH/custom" 2>"$SCRATCH/error" || status=$?
is "$status$(<"$SCRATCH/error")" 0 'the tables can be restored in any order, as pg_restore --jobs does'
if ((status == 0)); then is "$(fingerprint tap_restore)" "$original" '… and every table and sequence is as it was'; fi

"$PGBIN/pg_dump" -f "$SCRATCH/plain" $SOURCE
new_database tap_restore
sql_script tap_restore -o /dev/null <"$SCRATCH/plain"
check_restored tap_restore 'plain format'

# What was restored can be dumped again.
"$PGBIN/pg_dump" -Fc -f "$SCRATCH/again" tap_restore
before=$(fingerprint tap_restore)
new_database tap_restore_again
"$PGBIN/pg_restore" --exit-on-error -d tap_restore_again "$SCRATCH/again"
is "$(fingerprint tap_restore_again)" "$before" 'a dump of the restored database restores, both epochs with it'

# --inserts
"$PGBIN/pg_dump" --inserts -f "$SCRATCH/inserts" $SOURCE
new_database tap_restore
said=$(sql_script tap_restore -o /dev/null -1 <"$SCRATCH/inserts" 2>&1) || true
like "$said" 'events are appended by commands only' 'a dump made with --inserts is refused'
like "$said" 'HINT: .*without --inserts' '… with the way out'
is "$(sql tap_restore "SELECT count(*) FROM pg_namespace WHERE nspname = 'collab'")" 0 '… and in one transaction nothing is left'

sql postgres 'DROP DATABASE tap_restore' 'DROP DATABASE tap_restore_again' "DROP DATABASE $SOURCE" 'DROP ROLE tap_dump_bob, tap_dump_bridge'
plan_done
