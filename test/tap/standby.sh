#!/usr/bin/env bash
# standby.sh: on a physical standby every read answers as on the primary: each function and view of the levels reader and
# bridge is called there, and nothing is written. A new one without a line here fails the test.
# shellcheck source=test/tap/tap.bash
source "$(dirname "${BASH_SOURCE[0]}")/tap.bash"

# A cluster of its own to copy, and the copy beside it: unix sockets, so no port is anybody's.
CLUSTER=$SCRATCH/primary
STANDBY=$SCRATCH/standby
test/cluster.sh start "$CLUSTER" >"$SCRATCH/environment"
stop_both() {
  test/cluster.sh stop "$STANDBY"
  test/cluster.sh stop "$CLUSTER"
  rm -rf "$SCRATCH"
}
trap stop_both EXIT
# shellcheck source=/dev/null
source "$SCRATCH/environment"
export PGOPTIONS='-c collab.user_id=1 -c client_min_messages=warning'

DATABASE=tap_standby
team_database $DATABASE
sql_script $DATABASE -o /dev/null <<'SQL'
\set full `cat test/fixtures/trello-full.json`
SELECT collab.import_trello(id, :'full') FROM collab.workspaces WHERE name = 'Team';
SELECT collab.create_task(test.board(), test.list(), 'Task ' || n, assignees => '{1}') FROM generate_series(1, 20) AS n;
SELECT collab.attach_file(test.task('Task 1'), 'a.txt', 'text', 'text/plain');
SELECT collab.create_invite(id) FROM collab.workspaces WHERE name = 'Team';
SELECT collab.bridge_alive(test.cid(1), 'bridge'), collab.connection_opened(test.cid(1), test.cid(2), 1);
SQL
# What a level may call, but for what writes.
objects() {
  sql $DATABASE "SELECT DISTINCT btrim(split_part(split_part(object_name, '(', 1), '.', 2), '\"') FROM (SELECT * FROM collab.access_objects('reader') UNION SELECT * FROM collab.access_objects('bridge') UNION SELECT * FROM collab.access_objects('consumer')
    UNION SELECT * FROM collab.access_objects('admin')) AS o WHERE split_part(split_part(object_name, '(', 1), '.', 2) NOT IN (SELECT lower(command) FROM collab.commands()) ORDER BY 1"
}
# What writes, and so is refused; and board_at, which writes and takes it back.
writers='board_at execute execute_batch import_trello run_command rebuild rebuild_all verify verify_aggregate upsert_user
  bridge_alive bridge_changes bridge_gone live_key connection_closed connection_opened connection_seen room_joined room_left deactivate_user reactivate_user attach_file upload user_upload user_task_upload
  ack fetch subscribe unsubscribe due_soon inbox_delivered mark_delivered clean_slow_commands clean_uploads purge purge_deleted'

# One read a line: name, statement. %board% and the like are filled in below. Every view that people read is among them.
reads() {
  cat <<'READS'
activity SELECT count(*), md5(string_agg(a::text, ' ')) FROM collab.activity(%board%) AS a
admin_boards SELECT count(*) FROM collab.admin_boards
admin_connections SELECT count(*) >= 0 FROM collab.admin_connections
admin_feeds SELECT count(*) FROM collab.admin_feeds
admin_rooms SELECT count(*) >= 0 FROM collab.admin_rooms
admin_purges SELECT count(*) FROM collab.admin_purges
admin_slow_commands SELECT count(*) >= 0 FROM collab.admin_slow_commands
archived SELECT md5(collab.archived(%board%)::text)
attachment_content SELECT count(*), md5(string_agg(a::text, ' ')) FROM collab.attachment_content((SELECT id FROM collab.attachments WHERE upload_id IS NOT NULL LIMIT 1)) AS a
board_presence SELECT bool_or(online) FROM collab.board_presence(%board%)
board_state SELECT md5(collab.board_state(%board%)::text), md5(collab.board_state(%board%, 'cards')::text)
burndown SELECT md5(string_agg(b::text, ' ')) FROM collab.burndown(%board%) AS b
commands SELECT count(*) FROM collab.commands()
cumulative_flow SELECT md5(string_agg(c::text, ' ')) FROM collab.cumulative_flow(%board%) AS c
current_user_id SELECT collab.current_user_id()
events_after SELECT count(*), md5(string_agg(e::text, ' ')) FROM collab.events_after(%board%, 2, 1000) AS e
export_board SELECT md5(collab.export_board(%board%)::text)
export_tasks_csv SELECT md5(collab.export_tasks_csv(%board%)::text)
feed_horizon SELECT count(*) FROM collab.feed_horizon()
feed_mark SELECT collab.feed_mark(1, '2', 3)
find_events SELECT count(*) FROM collab.find_events(%board%, 'TaskCreated')
flow_times SELECT md5(string_agg(f::text, ' ')) FROM collab.flow_times(%board%) AS f
inbox SELECT count(*), md5(string_agg(i::text, ' ')) FROM collab.inbox('{1,2}', '{0,0}', '{1}') AS i
live_connections SELECT count(*) >= 0 FROM collab.live_connections()
live_room_members SELECT count(*) >= 0 FROM collab.live_room_members()
my_tasks SELECT jsonb_array_length(collab.my_tasks())
my_workspaces SELECT md5(collab.my_workspaces()::text)
notification_preferences SELECT collab.notification_preferences()
notifications SELECT collab.notifications()
reads SELECT count(*) FROM collab.reads()
room_events SELECT count(*), md5(string_agg(e::text, ' ')) FROM collab.room_events(%board%, 0, 1000) AS e
room_heads SELECT count(*), md5(string_agg(h::text, ' ' ORDER BY h::text)) FROM collab.room_heads(ARRAY(SELECT id FROM collab.aggregates)) AS h
room_presence SELECT count(*) >= 0 FROM collab.room_presence(NULL, ARRAY[%board%])
room_readers SELECT acl_version, user_ids FROM collab.room_readers(%board%)
room_resume SELECT resumable, version FROM collab.room_resume(1, %board%, 3, NULL)
room_state SELECT version, md5(body) FROM collab.room_state(2, %board%, 'full')
search SELECT md5(collab.search('Task', board_id => %board%)::text), md5(collab.search('Streamed OR 7', workspace_id => %workspace%)::text)
task_state SELECT md5(collab.task_state(%task%)::text)
throughput SELECT md5(string_agg(t::text, ' ')) FROM collab.throughput(%board%) AS t
unread_count SELECT collab.unread_count(1)
user_activity SELECT count(*), md5(string_agg(u::text, ' ')) FROM collab.user_activity(1) AS u
user_attachment_content SELECT count(*), md5(string_agg(a::text, ' ')) FROM collab.user_attachment_content(2, (SELECT id FROM collab.attachments WHERE upload_id IS NOT NULL LIMIT 1)) AS a
user_notifications SELECT count(*), md5(string_agg(n::text, ' ')) FROM collab.user_notifications(1) AS n
user_is_active SELECT collab.user_is_active('{1,2}')
user_read SELECT r.code, r.version, md5(r.body) FROM unnest(ARRAY['GET_BOARD', 'GET_LABELS', 'GET_ARCHIVED', 'EXPORT_BOARD', 'GET_ACTIVITY', 'SEARCH', 'GET_EVENTS', 'GET_TASK']) AS t, collab.user_read(2, jsonb_build_object('type', t, 'payload', jsonb_build_object('format', 'json', 'after_version', 1) || CASE t WHEN 'GET_TASK' THEN jsonb_build_object('task_id', %task%) ELSE jsonb_build_object('board_id', %board%) END)::text) AS r
user_workspaces SELECT md5(collab.user_workspaces(2))
visible_board_heads SELECT md5(string_agg(v::text, ' ')) FROM collab.visible_board_heads(2, %workspace%) AS v
workload SELECT md5(string_agg(w::text, ' ')) FROM collab.workload(%board%) AS w
workspace_board_marks SELECT mark FROM collab.workspace_board_marks(ARRAY[%workspace%])
workspace_invites SELECT count(*), md5(string_agg(i::text, ' ')) FROM collab.workspace_invites(%workspace%) AS i
workspace_members_text SELECT json_array_length(collab.workspace_members_text(%workspace%)::json)
workspace_presence SELECT count(*), string_agg(username || ' ' || role, ', '), max(last_seen) FROM collab.workspace_presence(%workspace%)
workspace_readers SELECT acl_version, user_ids FROM collab.workspace_readers(%workspace%)
workspace_state SELECT s - 'members', jsonb_array_length(s->'members') FROM collab.workspace_state(%workspace%) AS s
workspace_stream SELECT code, version, event, acl_version, md5((body::jsonb - 'presence' #- '{workspace,members}')::text) FROM collab.workspace_stream(2, %workspace%)
READS
  sql $DATABASE "SELECT relname || ' SELECT count(*), md5(string_agg(v::text, '' '' ORDER BY v::text)) FROM collab.' || relname || ' AS v' FROM pg_class WHERE relnamespace = 'collab'::regnamespace AND relname LIKE 'visible\\_%'"
}
is "$(reads | awk '{ print $1 }' | sort -u)" "$(objects | grep -vxFf <(xargs -n 1 <<<"$writers"))" 'every read has a line here'

# ---- the standby ---------------------------------------------------------------------------------------------------

test/cluster.sh standby "$STANDBY" "$CLUSTER" >/dev/null
on_standby() { PGHOST=$STANDBY/socket sql "$@"; }
caught_up() { [[ $(on_standby postgres "SELECT pg_last_wal_replay_lsn() >= '$1'::pg_lsn") == t ]]; }
# A command after the copy: what comes by streaming is read as well.
sql $DATABASE "SELECT collab.create_list(test.board(), 'Streamed')" >/dev/null
wait_for 30 caught_up "$(sql postgres 'SELECT pg_current_wal_lsn()')" || true
is "$(on_standby postgres 'SELECT pg_is_in_recovery()')" t 'the standby is one'

board="'$(sql $DATABASE 'SELECT test.board()')'::uuid"
task="'$(sql $DATABASE "SELECT test.task('Task 7')")'::uuid"
workspace="'$(sql $DATABASE "SELECT id FROM collab.workspaces WHERE name = 'Team'")'::uuid"
while read -r name statement; do
  statement=${statement//%board%/$board} statement=${statement//%task%/$task} statement=${statement//%workspace%/$workspace}
  there=$(on_standby $DATABASE "$statement" 2>&1) || true
  is "$there" "$(sql $DATABASE "$statement" 2>&1)" "$name: as on the primary"
  is "$(grep -c 'ERROR' <<<"$there")" 0 "$name: … without an error"
done < <(reads)

# Who is online is not written to the log that a standby reads: there it is not known.
presence="SELECT string_agg(DISTINCT coalesce(online::text, 'unknown'), ' '), bool_or(last_seen IS NOT NULL) FROM collab.workspace_presence($workspace)"
like "$(sql $DATABASE "$presence")" 'true\|t$' 'presence: the primary knows who is online'
is "$(on_standby $DATABASE "$presence")" 'unknown|t' 'presence: the standby knows only when somebody was last seen'

# ---- what writes ---------------------------------------------------------------------------------------------------

refused() {
  local said
  said=$(on_standby $DATABASE "$2" 2>&1) || true
  like "$said" 'ERROR:.*(read-only transaction|during recovery|standby)' "$1 is refused"
}
refused 'a command' "SELECT collab.create_list(test.board(), 'Never')"
refused 'a batch' "SELECT collab.execute_batch('{1}', ARRAY[gen_random_uuid()], ARRAY[test.new_list('Never')])"
refused 'a new user' "SELECT collab.upsert_user('test', 'newcomer', 'Newcomer')"
refused 'the past of a board' 'SELECT collab.board_at(test.board(), 1)'
refused 'a file' "SELECT collab.upload('a.txt', 'text', 'text/plain')"
refused 'a rebuild' 'SELECT collab.rebuild(test.board())'
is "$(on_standby $DATABASE 'SELECT 1')" 1 'and the standby still answers'
plan_done
