#!/usr/bin/env bash
# cluster.sh: a throwaway PostgreSQL with this tree's extension, for the tests.
#
#   cluster.sh run COMMAND…     runs it with PGHOST, PGPORT, PGUSER set, and leaves nothing behind, however it ends
#   cluster.sh start DIR        makes one in DIR (which must not exist) and prints its environment
#   cluster.sh stop DIR         ends it and removes DIR
#   cluster.sh standby DIR OF   makes a physical standby of the one in OF, in DIR; stop it before the other
#   cluster.sh promote DIR      makes a standby the primary
#   cluster.sh halt DIR MODE    stops the server (fast, immediate) and keeps its files; cluster.sh resume DIR starts it
#
# The extension is not installed into the system: DIR/root holds a private copy of the server's installation, with this
# build of the extension in it, so that a test never meets another tree's. A server found under another prefix looks for
# its files there; only its programs have to be copies, the rest are links.
# COLLAB_TEST_DURABLE=1 leaves fsync on. COLLAB_TEST_WRAPPER is a command the server runs under (valgrind).
# When root, everything runs as the ordinary user that bridge/demo/common.sh chooses.
set -euo pipefail
# shellcheck source=bridge/demo/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../bridge/demo/common.sh"

PG_CONFIG=${PG_CONFIG:-pg_config}

# private_installation ROOT: the copy, at ROOT, of the server pg_config names.
private_installation() {
  local root=$1 bin share lib kind
  bin=$("$PG_CONFIG" --bindir) share=$("$PG_CONFIG" --sharedir) lib=$("$PG_CONFIG" --pkglibdir)
  mkdir -p "$root$bin" "$root${share%/*}" "$root${lib%/*}"
  cp "$bin"/{postgres,initdb,pg_ctl,pg_dump,pg_restore,psql} "$root$bin"
  cp -as "$share" "$root${share%/*}"
  for kind in "$lib"/*; do
    [[ -d $kind ]] || { mkdir -p "$root$lib" && ln -s "$kind" "$root$lib"; }
  done
  rm -f "$root$share"/extension/collab[.-]* "$root$lib"/collab.so
  make --no-print-directory -s -C "$TOP" PARTS= PG_CONFIG="$PG_CONFIG" DESTDIR="$root" install >"$root/install.log" 2>&1 ||
    { cat "$root/install.log" >&2; fail "the extension does not install"; }
}

# Without autovacuum: the moment of a worker's transaction would hold back what the feed hands out.
cluster_configuration() {
  local dir=$1
  cat <<CONF
listen_addresses = ''
unix_socket_directories = '$dir/socket'
port = 5432
max_connections = 200
max_prepared_transactions = 4
autovacuum = off
shared_buffers = 64MB
log_line_prefix = '%m [%p] %a %d '
log_statement = none
lc_messages = C
timezone = UTC
datestyle = 'ISO, MDY'
wal_level = replica
CONF
  [[ ${COLLAB_TEST_DURABLE:-} == 1 ]] || printf '%s\n' 'fsync = off' 'full_page_writes = off'
}

cluster_start() {
  local dir=$1 bin
  bin=$dir/root$("$PG_CONFIG" --bindir)
  mkdir -m 700 "$dir" "$dir/socket" || fail "$dir is in the way"
  private_installation "$dir/root"
  "$bin/initdb" -D "$dir/pgdata" -U postgres --encoding=UTF8 --locale=C.UTF-8 --auth=peer --no-sync >"$dir/initdb.log" 2>&1 ||
    { cat "$dir/initdb.log" >&2; fail "initdb failed"; }
  cluster_configuration "$dir" >>"$dir/pgdata/postgresql.conf"
  # the tests come as many roles, and only this user can enter the socket's directory
  printf 'local all,replication all trust\n' >"$dir/pgdata/pg_hba.conf"
  postmaster_start "$dir" || { tail -5 "$dir/server.log" >&2; fail "the test server does not start"; }
}

postmaster_start() {
  local dir=$1 bin
  bin=$dir/root$("$PG_CONFIG" --bindir)
  if [[ -n ${COLLAB_TEST_WRAPPER:-} ]]; then
    # shellcheck disable=SC2086  # the wrapper brings its own arguments
    setsid $COLLAB_TEST_WRAPPER "$bin/postgres" -D "$dir/pgdata" >>"$dir/server.log" 2>&1 </dev/null &
    wait_until 60 "$bin/psql" -X -h "$dir/socket" -U postgres -qAtc 'SELECT' postgres >/dev/null 2>&1
  else
    "$bin/pg_ctl" -D "$dir/pgdata" -l "$dir/server.log" -w -t 60 start >/dev/null
  fi
}

cluster_standby() {
  local dir=$1 of=$2
  mkdir -m 700 "$dir" "$dir/socket" || fail "$dir is in the way"
  ln -s "$of/root" "$dir/root"
  "$("$PG_CONFIG" --bindir)/pg_basebackup" -h "$of/socket" -U postgres -D "$dir/pgdata" -R -X stream -c fast 2>"$dir/backup.log" ||
    { cat "$dir/backup.log" >&2; fail "pg_basebackup failed"; }
  printf "unix_socket_directories = '%s/socket'\nhot_standby_feedback = on\n" "$dir" >>"$dir/pgdata/postgresql.conf"
  postmaster_start "$dir" || { tail -5 "$dir/server.log" >&2; fail "the standby does not start"; }
}

cluster_environment() {
  local dir=$1
  printf 'export PGHOST=%q PGPORT=5432 PGUSER=postgres COLLAB_TEST_CLUSTER=%q PGBIN=%q\n' "$dir/socket" "$dir" \
    "$dir/root$("$PG_CONFIG" --bindir)"
}

cluster_stop() {
  local dir=$1
  if [[ -d $dir/pgdata ]]; then
    "$dir/root$("$PG_CONFIG" --bindir)/pg_ctl" -D "$dir/pgdata" -m immediate -w stop >/dev/null 2>&1 || true
  fi
  rm -rf "$dir"
}

postmaster_stop() { "$1/root$("$PG_CONFIG" --bindir)/pg_ctl" -D "$1/pgdata" -m "${2:-fast}" -w stop >/dev/null; }

cluster_run() {
  local dir
  dir=$(mktemp -d "${TMPDIR:-/tmp}/collab-test.XXXXXX")
  # shellcheck disable=SC2064  # this directory, whatever happens to the variable
  trap "cluster_stop '$dir/c'; rm -rf '$dir'" EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  cluster_start "$dir/c"
  eval "$(cluster_environment "$dir/c")"
  "$@"
}

main() {
  (($# >= 2)) || fail "usage: cluster.sh run COMMAND… | start DIR | stop DIR | standby DIR OF | promote DIR | halt DIR MODE | resume DIR"
  if am_root; then
    DEMO_OS_USER=$(ordinary_user)
    if [[ $1 == run || $1 == start ]]; then make --no-print-directory -s -C "$TOP" PARTS= PG_CONFIG="$PG_CONFIG" all >&2; fi
    as_user "${BASH_SOURCE[0]}" "$@"
    return
  fi
  case $1 in
    run) shift && cluster_run "$@" ;;
    start) cluster_start "$2" && cluster_environment "$2" ;;
    stop) cluster_stop "$2" ;;
    standby) cluster_standby "$2" "$3" && cluster_environment "$2" ;;
    promote) "$2/root$("$PG_CONFIG" --bindir)/pg_ctl" -D "$2/pgdata" -w -t 60 promote >/dev/null ;;
    halt) postmaster_stop "$2" "${3:-fast}" ;;
    resume) postmaster_start "$2" ;;
    *) fail "unknown: $1" ;;
  esac
}

main "$@"
