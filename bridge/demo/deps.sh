#!/usr/bin/env bash
# deps.sh [run|test|coverage]: installs with apt what building, running (and testing) needs and this machine lacks.
#
# Says what and why first, uses sudo only when not root, and touches nothing that is there already. Installing Debian's
# server package normally makes and starts a cluster of the system's own; the demo has a private one, and the tests start
# what they need themselves. So for the time of the installation that is switched off, and afterwards the machine is as it
# was.
set -euo pipefail
# shellcheck source=bridge/demo/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

PG_CONFIG=${PG_CONFIG:-pg_config}
DROP_IN=/etc/postgresql-common/createcluster.d/collab-demo.conf
POLICY=/usr/sbin/policy-rc.d

# ---- what is needed ------------------------------------------------------------------------------------------------

# "package: why", one a line. The server's version is the installed one's, or the one Debian would install.
needed() {
  local purpose=$1 pg=$2
  cat <<LIST
gcc: compiles the extension and the bridge
libc6-dev: compiles the extension and the bridge
pkg-config: finds the libraries below
libwebsockets-dev: the bridge's WebSocket
libwebsockets-evlib-ev: lets libwebsockets run on libev
libmicrohttpd-dev: the bridge's HTTP
zlib1g-dev: the bridge compresses what it answers
libev-dev: the bridge's event loop
libpq-dev: the bridge's way to PostgreSQL
libjson-c-dev: the bridge reads JSON and key sets
libjwt-dev: the bridge checks tokens (HS256)
libssl-dev: the bridge checks tokens (RS256, ES256), reads their keys and speaks TLS
libsystemd-dev: the bridge tells systemd how it is
LIST
  if pg_from_debian; then
    cat <<LIST
postgresql-$pg: the server
postgresql-server-dev-$pg: compiles the extension for that server
LIST
  fi
  if ! command -v node >/dev/null; then
    printf '%s\n' 'nodejs: builds the web page' 'npm: builds the web page'
  elif ! command -v npm >/dev/null; then
    printf '%s\n' 'npm: builds the web page'
  fi
  [[ $purpose == run ]] || tools_of_tests "$pg"
  [[ $purpose != coverage ]] || printf '%s\n' 'gcovr: counts what the tests reach in C'
}

tools_of_tests() {
  if pg_from_debian; then printf 'postgresql-%s-pgtap: SQL tests\n' "$1"; fi
  cat <<LIST
libtap-parser-sourcehandler-pgtap-perl: SQL tests
libcmocka-dev: unit tests in C
valgrind: memory errors in the extension
clang: the fuzz targets of the bridge
libclang-rt-dev: libFuzzer and the sanitizers, for them
chromium: the browser test
git: the test that clones
pgbouncer: the bridge behind a connection pooler
shellcheck: reads the shell scripts
systemd: checks the unit of the bridge
prometheus: promtool checks metrics and alert rules
mandoc: checks the man pages
LIST
}

# A pg_config outside /usr/bin belongs to somebody's own PostgreSQL: apt has no part in it.
pg_from_debian() {
  local found
  found=$(command -v "$PG_CONFIG" || true)
  [[ -z $found || $(realpath "$found") == /usr/bin/* || $(realpath "$found") == /usr/lib/postgresql/* ]]
}

pg_version() {
  local newest
  if [[ $PG_CONFIG == /usr/lib/postgresql/*/bin/pg_config ]]; then
    newest=${PG_CONFIG#/usr/lib/postgresql/}
    newest=${newest%%/*}
  else
    newest=$(find /usr/lib/postgresql -path '*/bin/postgres' 2>/dev/null | cut -d/ -f5 | sort -n | tail -1)
  fi
  [[ -n $newest ]] || newest=$(apt-cache depends postgresql 2>/dev/null | sed -n 's/.*Depends: postgresql-\([0-9]\+\)$/\1/p' | head -1)
  printf '%s\n' "${newest:-15}"
}

installed() { [[ $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) == 'install ok installed' ]]; }

missing() {
  local package why
  needed "$@" | while IFS=: read -r package why; do
    installed "$package" || printf '%s:%s\n' "$package" "$why"
  done
}

# ---- installing it -------------------------------------------------------------------------------------------------

clusters_running() { [[ -x /usr/bin/pg_lsclusters ]] && pg_lsclusters -h 2>/dev/null | grep -q ' online'; }

hold_clusters_back() {
  as_root mkdir -p "${DROP_IN%/*}"
  printf '%s\n' '# made by collab while it installs packages, removed afterwards' 'create_main_cluster = false' |
    as_root tee "$DROP_IN" >/dev/null
  # the server's starting is forbidden only where none runs: an upgrade of a running one must be able to start it again
  if [[ ! -e $POLICY ]]; then
    printf '%s\n' '#!/bin/sh' '# made by collab while it installs packages, removed afterwards' \
      "case \"\$1\" in $(clusters_running || printf 'postgresql*|')pgbouncer*|prometheus*) exit 101 ;; *) exit 0 ;; esac" |
      as_root tee "$POLICY" >/dev/null
    as_root chmod 755 "$POLICY"
  fi
}

let_clusters_go() {
  as_root rm -f "$DROP_IN"
  if grep -qs 'made by collab' "$POLICY"; then as_root rm -f "$POLICY"; fi
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

# The index may be old or absent: only when the first attempt fails is it fetched.
install_packages() {
  local log=$1
  shift
  apt_install "$@" >"$log" 2>&1 ||
    { as_root apt-get update -q >>"$log" 2>&1 && apt_install "$@" >>"$log" 2>&1; }
}

install_missing() {
  local packages=("$@") log
  command -v apt-get >/dev/null || fail "this machine has no apt; install what stands above with its own tools, then try again"
  am_root || command -v sudo >/dev/null || fail "installing needs root and there is no sudo; as root: apt-get install ${packages[*]}"
  log=$(mktemp)
  # shellcheck disable=SC2064  # this file, now
  trap "let_clusters_go; rm -f '$log'" EXIT
  hold_clusters_back
  if ! install_packages "$log" "${packages[@]}"; then
    fail "apt could not install them ($(grep -m1 -E '^(E|Err)[: ]' "$log" || echo 'no network?')); once it can: apt-get install ${packages[*]}"
  fi
  let_clusters_go
  rm -f "$log"
  trap - EXIT
}

# ---- what apt cannot mend ------------------------------------------------------------------------------------------

check_server() {
  local pgxs version
  command -v "$PG_CONFIG" >/dev/null || fail "there is no $PG_CONFIG; set PG_CONFIG= to your server's"
  version=$("$PG_CONFIG" --version)
  pgxs=$("$PG_CONFIG" --pgxs)
  [[ -e $pgxs && -e $("$PG_CONFIG" --includedir-server)/postgres.h ]] ||
    fail "$version ($(command -v "$PG_CONFIG")) has no server headers; install its development package, or set PG_CONFIG= to a server that has them"
  [[ -x $(postgres_bin)/postgres ]] ||
    fail "$PG_CONFIG speaks of $version, but $(postgres_bin)/postgres is not there; install that server, or set PG_CONFIG="
}

check_node() {
  local major
  command -v npm >/dev/null || fail "there is a node ($(command -v node)) but no npm; install npm beside it"
  major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
  ((major >= 18)) || fail "node $(node --version) is too old to build the web page; 18 is needed ($(command -v node))"
}

main() {
  local purpose=${1:-run} lines pg packages=()
  pg=$(pg_version)
  lines=$(missing "$purpose" "$pg")
  if [[ -n $lines ]]; then
    say "installing with apt$(am_root || printf ' (sudo)'), because it is missing:"
    # shellcheck disable=SC2001  # every line, not the first
    sed 's/^/  /' <<<"$lines"
    mapfile -t packages < <(cut -d: -f1 <<<"$lines")
    install_missing "${packages[@]}"
  fi
  check_server
  check_node
}

main "$@"
