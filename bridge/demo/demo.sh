#!/usr/bin/env bash
# demo.sh: `make run`, `make start`, `make stop`, `make token`, `make psql`: a private PostgreSQL with a real board in
# it, and the bridge in front. PORT (8080, or where a bridge that died was) and RUN_DIR (.run in the clone) change the
# place.
#
#   run             installs, builds and starts what is needed, prints where to look, stays; Ctrl-C stops it all
#   start           the same in the background; again: restarts whichever of server and bridge is dead
#   stop            ends both, wherever they were started from
#   token [NAME]    prints a token of that user for the running demo, and nothing else
#   psql            the database as its owner; ARGS holds psql's options
#
# common.sh says who runs it, place.sh where its things are, install.sh builds, server.sh and daemon.sh are the two
# programs. Starting and stopping hold a lock in RUN_DIR (fd 9), so that two at once take turns.
set -euo pipefail
DEMO=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=bridge/demo/common.sh
source "$DEMO/common.sh"
# shellcheck source=bridge/demo/place.sh
source "$DEMO/place.sh"
# shellcheck source=bridge/demo/install.sh
source "$DEMO/install.sh"
# shellcheck source=bridge/demo/server.sh
source "$DEMO/server.sh"
# shellcheck source=bridge/demo/daemon.sh
source "$DEMO/daemon.sh"

PG_CONFIG=${PG_CONFIG:-pg_config}

lock() {
  own_file lock
  exec 9>>"$RUN_DIR/lock"
  flock 9
}
unlock() { exec 9>&-; }

# A file in RUN_DIR that also whoever builds can write again, when this was started with sudo.
own_file() { [[ -e $RUN_DIR/$1 ]] || as_builder touch "$RUN_DIR/$1"; }

# ---- starting ------------------------------------------------------------------------------------------------------

prepare() {
  # the user may not be allowed where the caller stands
  cd /
  place_make_run_dir
  lock
  place_choose
  if [[ -z $PORT ]]; then PORT=$(bridge_port 2>/dev/null || echo 8080); fi
  if [[ $COMMAND == run ]] && bridge_is_up; then
    fail "the demo already runs at http://127.0.0.1:$(bridge_port)/; 'make stop' ends it, another one needs RUN_DIR= and PORT="
  fi
  # before the minutes of a first build, not after
  if ! bridge_is_up; then bridge_check_port; fi
  place_make
  # services that apt starts must not hold the lock
  "$DEMO/deps.sh" run 9>&-
  own_file build.log
  BUILD_LOG=$RUN_DIR/build.log
  build_and_install
}

start_what_is_dead() {
  # a server that runs with the library of an earlier build would mix the two
  if [[ -n $INSTALLED_NEW ]]; then cluster_stop; fi
  cluster_make
  cluster_start
  cluster_fill
  if bridge_is_up && [[ $PORT != 0 && $(bridge_port) != "$PORT" ]]; then
    fail "the demo runs on port $(bridge_port); to move it: make stop, then make start PORT=$PORT"
  fi
  if ! bridge_is_up; then bridge_start; fi
}

# What a person needs now. The tokens in it live twelve hours.
greet() {
  local port base user socket=$RUN_DIR/socket
  if ((${#socket} + ${#SOCKET_NAME} + 1 > 107)); then socket=$SOCKET_DIR; fi
  port=$(bridge_port)
  base=http://127.0.0.1:$port
  say "
collab runs at $base/
"
  for user in alice bob; do
    say "  log in as ${user^}:
    $base/#token=$(bridge_token $user)&board=$BOARD"
  done
  say "
  from a terminal:
    wscat -c \"ws://127.0.0.1:$port/ws?token=$(bridge_token alice)\"
    psql -h $socket -U postgres collab
"
}

command_start() {
  prepare
  start_what_is_dead
  unlock
  greet
  say "  it runs in the background; 'make stop' ends it"
}

# ---- staying -------------------------------------------------------------------------------------------------------

command_run() {
  prepare
  trap 'finish $?' EXIT
  trap 'finish 130' INT
  trap 'finish 143' TERM HUP
  start_what_is_dead
  # the port that was given or found stays, whatever happens to the bridge
  PORT=$(bridge_port)
  own_file run.pid
  printf '%s\n' $$ >"$RUN_DIR/run.pid"
  unlock
  greet
  say "  Ctrl-C stops it"
  watch
}

# Brings back what dies. A server that somebody restarts by hand gets a few seconds before it counts as dead.
watch() {
  local server_missed=0
  while true; do
    # in the background, so that a signal does not have to wait for it
    sleep 0.5 &
    wait $! || true
    if [[ ! -e $RUN_DIR/run.pid ]]; then exit 0; fi
    if cluster_is_up; then server_missed=0; else ((++server_missed)); fi
    if ((server_missed >= 6)); then
      warn "PostgreSQL is gone; starting it again"
      (cluster_start) || exit 1
      server_missed=0
    fi
    if ! bridge_is_up && [[ -e $RUN_DIR/run.pid ]]; then
      warn "the bridge is gone; starting it again"
      (bridge_start) || exit 1
    fi
  done
}

finish() {
  local status=$1
  trap '' INT TERM HUP
  trap - EXIT
  say "
stopping"
  rm -f "$RUN_DIR/run.pid"
  bridge_stop
  cluster_stop
  exit "$status"
}

# ---- the rest ------------------------------------------------------------------------------------------------------

command_stop() {
  if [[ ! -d $RUN_DIR ]]; then return; fi
  cd /
  lock
  # a `make run` elsewhere must not bring back what is stopped here
  rm -f "$RUN_DIR/run.pid"
  bridge_stop
  if as_user test -e "$STATE/pgdata/PG_VERSION"; then cluster_stop; fi
  unlock
}

command_token() {
  bridge_is_up || fail "the demo does not run in $RUN_DIR; 'make start' starts it"
  bridge_token "${1:-alice}"
}

command_psql() {
  cluster_is_up || fail "the demo does not run in $RUN_DIR; 'make start' starts it"
  # as words of the shell, so that what is quoted stays one
  local words=()
  eval "words=(${ARGS:-})"
  owner_psql "${words[@]}" collab
}

main() {
  local name
  COMMAND=${1:-run}
  PORT=${PORT:-}
  # the person's own settings for other servers mean nothing here
  for name in $(compgen -e PG); do
    if [[ $name != PG_* ]]; then unset "$name"; fi
  done
  DEMO_OS_USER=$(ordinary_user)
  place_name
  case $COMMAND in
    run | start) "command_$COMMAND" ;;
    stop | token | psql)
      place_find
      shift
      "command_$COMMAND" "$@"
      ;;
    *) fail "usage: demo.sh run|start|stop|token [NAME]|psql" ;;
  esac
}

main "$@"
