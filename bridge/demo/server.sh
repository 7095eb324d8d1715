# server.sh: the demo's private PostgreSQL: made once, started, stopped, filled. Sourced by demo.sh after place.sh.
#
# Owns $STATE/pgdata and $STATE/socket and nothing else; a cluster of the system's own is never looked at. It listens on
# the unix socket only, and who comes in is decided by `peer` with a map: the demo's user (and root, who could become it)
# as the owner `postgres`, the demo's user as the bridge's role. Durability settings are the server's own defaults.
# shellcheck shell=bash

PGDATA_MAKING=pgdata.making

# pg PROGRAM ARGUMENT…: one of the server's programs, as the user the cluster belongs to.
pg() {
  local program
  program=$(postgres_bin)/$1
  shift
  # in / because the directory of whoever called may be closed to that user
  as_user env -C / "$program" "$@"
}

# psql as the database's owner; the map lets root in too, so it runs as whoever called.
owner_psql() { "$(postgres_bin)/psql" -h "$SOCKET_DIR" -U postgres "$@"; }

# The same for scripts: no start-up file, bare output, the first error stops it.
owner_sql() { owner_psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

# True while the server of this directory lives. Asked without starting a program, and stricter than pg_ctl: a number
# that another process got since does not count, nor a killed server that nobody has collected yet.
cluster_is_up() {
  local pid
  { read -r pid <"$STATE/pgdata/postmaster.pid"; } 2>/dev/null && [[ $(readlink "/proc/$pid/cwd") == "$(realpath "$STATE/pgdata")" ]]
}

cluster_make() {
  local made
  if as_user test -e "$STATE/pgdata/PG_VERSION"; then
    made=$(as_user cat "$STATE/pgdata/PG_VERSION")
    [[ $("$PG_CONFIG" --version) =~ ^PostgreSQL\ $made([.a-z]|$) ]] ||
      fail "$RUN_DIR/pgdata was made by PostgreSQL $made; set PG_CONFIG= to that server, or choose another RUN_DIR="
    return
  fi
  say "making a private PostgreSQL cluster in $RUN_DIR/pgdata"
  # made under another name first: one that was interrupted is not taken for a finished one
  as_user rm -rf "$STATE/$PGDATA_MAKING"
  pg initdb -D "$STATE/$PGDATA_MAKING" -U postgres --auth=peer --encoding=UTF8 --locale=C.UTF-8 --data-checksums >/dev/null ||
    fail "initdb failed in $STATE"
  as_user mv -T "$STATE/$PGDATA_MAKING" "$STATE/pgdata"
}

# Written at every start, so that a moved RUN_DIR or a changed user is followed.
cluster_configure() {
  as_user tee "$STATE/pgdata/collab.conf" >/dev/null <<CONF
# written by make run and make start
listen_addresses = ''
unix_socket_directories = '$SOCKET_DIR'
unix_socket_permissions = 0700
port = 5432
log_line_prefix = '%m [%p] %q%u '
CONF
  as_user grep -qx "include = 'collab.conf'" "$STATE/pgdata/postgresql.conf" ||
    printf "include = 'collab.conf'\n" | as_user tee -a "$STATE/pgdata/postgresql.conf" >/dev/null
  printf '%s\n' 'local all,replication all peer map=demo' | as_user tee "$STATE/pgdata/pg_hba.conf" >/dev/null
  printf 'demo %s %s\n' "$DEMO_OS_USER" postgres root postgres "$DEMO_OS_USER" collab_bridge |
    as_user tee "$STATE/pgdata/pg_ident.conf" >/dev/null
}

cluster_start() {
  if cluster_is_up; then return; fi
  cluster_configure
  cluster_forget_the_dead
  # backends of a killed server may take a moment to notice; until then a new one refuses to start
  wait_until 10 cluster_try ||
    fail "PostgreSQL does not start; the end of $RUN_DIR/server.log says: $(as_user tail -n 1 "$STATE/server.log")"
}

cluster_try() { pg pg_ctl -D "$STATE/pgdata" -l "$STATE/server.log" -w -t 120 start >/dev/null 2>&1 9>&-; }

# Where nothing collects orphans (a container without an init), a killed server stays in the process table and the next
# one takes it for alive. In the lock files its number is replaced by one that cannot be; the check that nobody uses its
# shared memory any more is PostgreSQL's own and stays.
cluster_forget_the_dead() {
  local lock pid
  for lock in "$STATE/pgdata/postmaster.pid" "$SOCKET_DIR/$SOCKET_NAME.lock"; do
    { read -r pid <"$lock"; } 2>/dev/null || continue
    if grep -qs '^State:[[:space:]]*Z' "/proc/$pid/status"; then as_user sed -i '1s/.*/2147483647/' "$lock"; fi
  done
}

cluster_stop() {
  if cluster_is_up; then pg pg_ctl -D "$STATE/pgdata" -m fast -w -t 60 stop >/dev/null; fi
}

# The database, the extension at the installed version, the bridge's role, two users and their board ($BOARD).
cluster_fill() {
  if [[ $(owner_sql -c "SELECT 1 FROM pg_database WHERE datname = 'collab'" postgres) != 1 ]]; then
    owner_sql -c 'CREATE DATABASE collab' postgres
  fi
  owner_sql -f "$TOP/bridge/demo/database.sql" collab
  cluster_check_schema
  # shellcheck disable=SC2034  # demo.sh prints it
  BOARD=$(TRELLO_EXPORT="$TOP/test/fixtures/trello-full.json" owner_sql -f "$TOP/bridge/demo/board.sql" collab)
}

# Between releases one version can have several builds: a database made by another one is said to be.
cluster_check_schema() {
  local now made
  now=$(sha256sum "$TOP"/extension/build/collab--*.sql | sort | sha256sum | cut -c1-16)
  made=$(as_user cat "$STATE/pgdata/collab.schema" 2>/dev/null || true)
  if [[ -z $made ]]; then
    printf '%s\n' "$now" | as_user tee "$STATE/pgdata/collab.schema" >/dev/null
  elif [[ $made != "$now" ]]; then
    warn "the database in $RUN_DIR was made by another build of the same version; if anything is odd: make stop, rm -rf $RUN_DIR/pgdata"
  fi
}
