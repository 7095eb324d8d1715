# tap.bash: what the shell tests of the database share. Sourced, never run.
#
# Owns: TAP lines, psql calls, background sessions. A test script runs in a throwaway cluster: started without one, it
# starts itself again under test/cluster.sh.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if [[ -z ${COLLAB_TEST_CLUSTER:-} ]]; then exec test/cluster.sh run "test/tap/${0##*/}" "$@"; fi

SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/collab-tap.XXXXXX")
trap 'rm -rf "$SCRATCH"' EXIT
number=0

# pass_if STATUS NAME: 0 is a pass.
pass_if() {
  ((++number))
  if (($1 == 0)); then printf 'ok %d - %s\n' "$number" "$2"; else printf 'not ok %d - %s\n' "$number" "$2"; fi
}

# is GOT WANTED NAME
is() {
  local same=0
  [[ $1 == "$2" ]] || same=1
  pass_if "$same" "$3"
  if ((same)); then printf '#   got:    %s\n#   wanted: %s\n' "${1//$'\n'/$'\n#           '}" "${2//$'\n'/$'\n#           '}"; fi
}

# like GOT PATTERN NAME: an extended regular expression.
like() {
  local same=0
  [[ $1 =~ $2 ]] || same=1
  pass_if "$same" "$3"
  if ((same)); then printf '#   got:     %s\n#   pattern: %s\n' "${1//$'\n'/$'\n#            '}" "$2"; fi
}

plan_done() { printf '1..%d\n' "$number"; }

# sql DATABASE STATEMENT…: values, nothing else; ends with psql's status at the first error.
sql() {
  local database=$1 statement
  local -a arguments=()
  shift
  for statement in "$@"; do arguments+=(-c "$statement"); done
  "$PGBIN/psql" -XqAt -v ON_ERROR_STOP=1 -d "$database" "${arguments[@]}"
}

# sql_script DATABASE [ARGUMENT…]: the same from standard input.
sql_script() {
  local database=$1
  shift
  "$PGBIN/psql" -XqAt -v ON_ERROR_STOP=1 -d "$database" "$@"
}

new_database() {
  PGOPTIONS='-c client_min_messages=warning' sql postgres "DROP DATABASE IF EXISTS \"$1\"" "CREATE DATABASE \"$1\""
}

# wait_for SECONDS COMMAND…: until the command succeeds; its status when the time is over.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || return 1
    # a pause between two looks at the condition, not a guess how long it takes
    read -rt 0.05 <> <(:) || true
  done
}

# A session that keeps a transaction open: session_open DATABASE, session_do STATEMENT (returns when it is done), session_close.
session_open() {
  coproc SESSION { "$PGBIN/psql" -XqAt -d "$1" 2>&1; }
  # shellcheck disable=SC2153,SC2154  # made by coproc
  exec {session_out}<&"${SESSION[0]}" {session_in}>&"${SESSION[1]}"
  session_process=$SESSION_PID
}

session_do() {
  local line
  printf '%s\n\\echo the-end-of-it\n' "$1" >&"$session_in"
  while read -ru "$session_out" line && [[ $line != the-end-of-it ]]; do printf '%s\n' "$line"; done
}

session_close() {
  exec {session_in}>&- {session_out}<&-
  eval "exec ${SESSION[1]:-$session_in}>&-" 2>/dev/null || true
  wait "$session_process" 2>/dev/null || true
}

# A database with two people, a workspace and the board Plan; functions in the schema test to name things by.
team_database() {
  new_database "$1"
  sql_script "$1" <<'SQL'
CREATE EXTENSION collab;
CREATE SCHEMA test;
CREATE FUNCTION test.board(wanted text DEFAULT 'Plan') RETURNS uuid LANGUAGE sql AS 'SELECT id FROM collab.boards WHERE name = wanted';
CREATE FUNCTION test.list(wanted text DEFAULT 'To do') RETURNS uuid LANGUAGE sql AS
	'SELECT id FROM collab.lists WHERE board_id = test.board() AND name = wanted';
CREATE FUNCTION test.task(wanted text) RETURNS uuid LANGUAGE sql AS 'SELECT id FROM collab.tasks WHERE title = wanted';
CREATE FUNCTION test.cid(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT ('c0000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
CREATE FUNCTION test.new_list(name text, board text DEFAULT 'Plan') RETURNS text LANGUAGE sql AS $$
	SELECT jsonb_build_object('type', 'CREATE_LIST', 'payload', jsonb_build_object('board_id', test.board(board), 'name', name))::text
$$;
-- Whether each log is without gaps, and versions agree everywhere.
CREATE VIEW test.broken_logs AS SELECT a.id FROM collab.aggregates a WHERE a.version IS DISTINCT FROM (SELECT max(version) FROM collab.events e
		WHERE e.aggregate_id = a.id) OR a.version <> (SELECT count(*) FROM collab.events e WHERE e.aggregate_id = a.id)
	OR a.version IS DISTINCT FROM coalesce((SELECT version FROM collab.boards b WHERE b.id = a.id), (SELECT version FROM collab.workspaces w WHERE w.id = a.id));
DO $$
DECLARE
	team uuid;
BEGIN
	PERFORM collab.upsert_user('test', name, name) FROM unnest(ARRAY['alice', 'bob']) AS name;
	PERFORM set_config('collab.user_id', '1', true);
	team := collab.create_workspace('Team')->>'workspace_id';
	PERFORM collab.add_member(team, 2);
	PERFORM collab.create_board(team, 'Plan');
	PERFORM collab.create_board(team, 'Other');
END
$$;
SQL
}
