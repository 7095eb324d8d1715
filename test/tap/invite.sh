#!/usr/bin/env bash
# invite.sh: an invite's token is in the answer and nowhere else: not in a dump, and not in the server's log, however
# JOIN_BY_INVITE ends; and a resent CREATE_INVITE answers with the same one after a restore.
# shellcheck source=test/tap/tap.bash
source "$(dirname "${BASH_SOURCE[0]}")/tap.bash"
export PGOPTIONS='-c collab.user_id=1 -c client_min_messages=warning'
LOG=$COLLAB_TEST_CLUSTER/server.log

DATABASE=tap_invite
team_database $DATABASE
make_invite="SELECT collab.create_invite((SELECT id FROM collab.workspaces WHERE name = 'Team'), command_id => test.cid(1))->'result'->>'token'"
token=$(sql $DATABASE "$make_invite")
like "$token" '^[A-Za-z0-9_-]{43}$' 'there is a token'
sql $DATABASE "SELECT collab.upsert_user('test', 'guest', 'Guest')" >/dev/null
guest=$(sql $DATABASE "SELECT id FROM collab.users WHERE handle = 'guest'")

# refused_join SETTINGS NAME: joins as a script would, the token in the statement, and looks for it in the log.
refused_join() {
  local before said
  before=$(wc -l <"$LOG")
  said=$(PGOPTIONS="-c client_min_messages=warning $1" sql $DATABASE "SELECT collab.join_by_invite('$token')" 2>&1) || true
  like "$said" 'ERROR' "$2: refused"
  like "$(tail -n "+$((before + 1))" "$LOG")" 'ERROR' "$2: … which the log says"
}
refused_join "-c collab.user_id=$guest -c collab.member_limit=1" 'a full workspace'
refused_join '-c collab.user_id=99' 'an unknown user'
refused_join '' 'nobody'
refused_join "-c collab.user_id=$guest -c default_transaction_isolation=serializable" 'a wrong isolation level'

session_open $DATABASE
session_do "BEGIN; SELECT collab.update_workspace((SELECT id FROM collab.workspaces WHERE name = 'Team'), '{\"name\": \"The team\"}');" >/dev/null
refused_join "-c collab.user_id=$guest -c lock_timeout=50ms" 'a lock not had'
session_do 'ROLLBACK;' >/dev/null
session_close

before=$(wc -l <"$LOG")
sql $DATABASE "SELECT collab.revoke_invite(test.cid(7))" 2>/dev/null || true
like "$(tail -n "+$((before + 1))" "$LOG")" 'STATEMENT:.*revoke_invite' 'other statements are in the log as ever'
is "$(PGOPTIONS="-c collab.user_id=$guest" sql $DATABASE "SELECT collab.join_by_invite('$token')->'changed'")" true 'the token was good all the time'
is "$(grep -cF -- "$token" "$LOG" || true)" 0 'it is not in the log'

"$PGBIN/pg_dump" -f "$SCRATCH/dump" $DATABASE
is "$(grep -cF -- "$token" "$SCRATCH/dump" || true)" 0 'it is not in a dump'
new_database tap_invite_restored
sql_script tap_invite_restored -o /dev/null <"$SCRATCH/dump"
is "$(sql tap_invite_restored "$make_invite")" "$token" 'a resent CREATE_INVITE answers with it after a restore, too'
plan_done
