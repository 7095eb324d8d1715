#!/usr/bin/env bash
# package.sh: `make test-package`: builds the Debian packages, installs them in a Debian 12 of their own, starts the bridge from them
# against a cluster there, and purges them again; and make install and uninstall into a folder. Not a part of `make test`: the first
# run fetches some 300 MB from the Debian mirror that this machine's apt uses, and needs root for debootstrap and chroot.
#
# The folder is kept for the next run: PACKAGE_DIR, else .cache/collab-package in root's home. Remove it with rm -rf --one-file-system.
set -euo pipefail
# shellcheck source=bridge/demo/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../bridge/demo/common.sh"

SUITE=bookworm
# What the packages depend on, and what asks them questions.
PACKAGES=postgresql-15,adduser,libwebsockets-evlib-ev,libev4,libjson-c5,libjwt0,libmicrohttpd12,libpq5,libssl3,libsystemd0,libwebsockets17,zlib1g,curl

number=0
failed=0
# check NAME COMMAND…
check() {
  local name=$1 said
  shift
  ((++number))
  if said=$("$@" 2>&1); then
    printf 'ok %d - %s\n' "$number" "$name"
  else
    printf 'not ok %d - %s\n' "$number" "$name"
    tail -n 30 <<<"$said" | sed 's/^/#   /'
    ((++failed))
  fi
}

mirror() {
  local found
  # shellcheck disable=SC2016  # apt's own
  found=$(apt-get indextargets --format '$(REPO_URI)' 'Label: Debian' 'Created-By: Packages' | sort -u | head -n 1)
  [[ -n $found ]] || fail "apt knows no Debian mirror; this is made for Debian"
  printf '%s\n' "$found"
}

make_root() {
  local stamp=$ROOT/.collab-package
  [[ $(cat "$stamp" 2>/dev/null) != "$PACKAGES" ]] || return 0
  command -v debootstrap >/dev/null || { say 'installing debootstrap' && apt-get install -y -qq debootstrap >/dev/null; }
  say "fetching $SUITE into $ROOT"
  rm -rf --one-file-system "$ROOT"
  mkdir -p "$ROOT"
  debootstrap --variant=minbase --include="$PACKAGES" "$SUITE" "$ROOT" "$(mirror)" >"$ROOT.log" 2>&1 ||
    { tail -n 20 "$ROOT.log" >&2; fail "debootstrap failed; the whole of what it said is in $ROOT.log"; }
  # its server must not be older than the headers here: the updates and security fixes that this machine's apt knows
  # shellcheck disable=SC2016  # apt's own
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' | sort -u |
    grep " $SUITE" >"$ROOT/etc/apt/sources.list"
  { chroot "$ROOT" apt-get update -q && chroot "$ROOT" env DEBIAN_FRONTEND=noninteractive apt-get dist-upgrade -qy; } >>"$ROOT.log" 2>&1 ||
    { tail -n 20 "$ROOT.log" >&2; fail "the updates could not be fetched; the whole of it is in $ROOT.log"; }
  printf '%s\n' "$PACKAGES" >"$stamp"
}

# A copy, so that nothing of the packaging is left in the tree. node may come from elsewhere than dpkg: -d asks it nothing.
build_packages() {
  mkdir "$WORK/tree"
  tar -C "$TOP" --exclude=./.git --exclude=./.run --exclude='./test/*/node_modules' --exclude='./bridge/build*' --exclude=./extension/build \
    --exclude='./test/unit/build*' --exclude=./collab.so -cf - . | tar -C "$WORK/tree" -xf -
  (cd "$WORK/tree" && dpkg-buildpackage -us -uc -b -d)
}

lintian_finds_no_error() { lintian --allow-root --fail-on error "$WORK"/*.changes; }

# Everything lands below DESTDIR and prefix, and uninstall leaves no file.
install_and_uninstall() {
  local to=$WORK/destdir
  make --no-print-directory -s -C "$WORK/tree" DESTDIR="$to" prefix=/opt/collab install
  "$to/opt/collab/bin/collab-bridge" --version
  [[ -f $to/opt/collab/share/man/man1/collab-bridge.1 && -f $to/opt/collab/share/collab/web/index.html ]]
  grep -qx 'ExecStart=/opt/collab/bin/collab-bridge --config /etc/collab/bridge.conf' "$to/opt/collab/lib/systemd/system/collab-bridge.service"
  make --no-print-directory -s -C "$WORK/tree" DESTDIR="$to" prefix=/opt/collab uninstall
  [[ -z $(find "$to" -type f) ]] || { find "$to" -type f; return 1; }
}

# What runs inside, as root of the other Debian. Prints one line a check.
inside() {
  cat <<'INSIDE'
set -uo pipefail
export LC_ALL=C.UTF-8 PGOPTIONS='-c client_min_messages=warning'
say() { if [ "$1" -eq 0 ]; then echo "ok - $2"; else echo "not ok - $2"; sed 's/^/#   /' /tmp/out | tail -n 20; fi; }
try() { local name=$1; shift; "$@" >/tmp/out 2>&1; say $? "$name"; }
as() { local user=$1; shift; setpriv --reuid="$user" --regid="$user" --init-groups "$@"; }
wait_for() { for _ in $(seq 200); do "$@" >/tmp/out 2>&1 && return 0; sleep 0.05; done; return 1; }

dpkg --purge collab-bridge postgresql-15-collab >/dev/null 2>&1
rm -rf /etc/collab
pg_dropcluster --stop 15 collab >/dev/null 2>&1
pg_dropcluster --stop 15 main >/dev/null 2>&1

try 'the packages install' dpkg -i /root/postgresql-15-collab.deb /root/collab-bridge.deb
try 'the configuration is readable by root and the service only' test "$(stat -c %a:%U:%G /etc/collab/bridge.conf)" = 640:root:collab-bridge
try 'the first key is root'\''s alone' test "$(stat -c %a:%U /etc/collab/keys /etc/collab/keys/jwt.key | tr '\n' ' ')" = '700:root 600:root '
try 'every part is there' ls /lib/systemd/system/collab-bridge.service /usr/share/man/man1/collab-bridge.1.gz \
  /usr/share/man/man5/collab-bridge.conf.5.gz /usr/share/collab/alerts.yml /usr/share/collab/grafana-dashboard.json
key=$(cat /etc/collab/keys/jwt.key)
try 'installing again keeps the key' bash -c "dpkg -i /root/collab-bridge.deb && test '$key' = \"\$(cat /etc/collab/keys/jwt.key)\""

pg_createcluster 15 collab --start >/tmp/out 2>&1
say $? 'a cluster'
try 'the database as the documents say' bash -ec "
  setpriv --reuid=postgres --regid=postgres --init-groups createdb collab
  setpriv --reuid=postgres --regid=postgres --init-groups psql -X -v ON_ERROR_STOP=1 -d collab -c 'CREATE EXTENSION collab' \
    -c 'CREATE ROLE \"collab-bridge\" LOGIN' -c \"SELECT collab.grant_access('collab-bridge', 'bridge')\""

# what systemd does with LoadCredential
credentials=/run/credentials/collab-bridge.service
mkdir -p $credentials && cp /etc/collab/keys/jwt.key $credentials/keys_jwt.key && chown -R collab-bridge $credentials && chmod 400 $credentials/keys_jwt.key
try 'the example configuration is valid for the service' as collab-bridge collab-bridge --check-config
# no function: the signal must reach the bridge itself
setpriv --reuid=collab-bridge --regid=collab-bridge --init-groups collab-bridge >/tmp/bridge.log 2>&1 &
bridge=$!
wait_for curl -fsS http://127.0.0.1:8080/readyz
say $? 'the bridge is ready'
token=$(collab-bridge token --key-file /etc/collab/keys/jwt.key --issuer demo --subject alice --name Alice)
try 'a user is known' bash -c "curl -fsS -H 'Authorization: Bearer $token' http://127.0.0.1:8080/api/me | grep -q Alice"
try 'the board is served' bash -c 'curl -fsS http://127.0.0.1:8080/ | grep -qi "<!doctype html>"'
kill -TERM $bridge
wait $bridge
status=$?
cp /tmp/bridge.log /tmp/out
say $status 'it drains and ends with 0'

dpkg -L collab-bridge postgresql-15-collab | while read -r path; do [ ! -f "$path" ] || echo "$path"; done >/tmp/installed
try 'the packages are purged' dpkg --purge collab-bridge postgresql-15-collab
while read -r path; do [ ! -e "$path" ] || echo "$path"; done </tmp/installed >/tmp/out
[ ! -e /etc/collab ] || echo /etc/collab >>/tmp/out
[ -s /tmp/installed ] && [ ! -s /tmp/out ]
say $? 'nothing of them is left'
pg_dropcluster --stop 15 collab
INSIDE
}

# Its own mounts and processes: whatever it leaves running ends with it, and nothing stays mounted.
run_inside() {
  inside >"$ROOT/root/inside.sh"
  # shellcheck disable=SC2016  # the inner shell's own
  unshare --mount --pid --fork --kill-child sh -c '
    mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && mount --make-rslave "$0/dev" && mount -t tmpfs tmpfs "$0/tmp" && chmod 1777 "$0/tmp" &&
    mount -t tmpfs tmpfs "$0/run" && mkdir -m 777 "$0/run/postgresql" "$0/run/lock" && exec chroot "$0" bash /root/inside.sh' "$ROOT"
}

main() {
  local line
  am_root || fail "this makes a system of its own in a folder, with debootstrap and chroot: run it as root"
  ROOT=${PACKAGE_DIR:-$(getent passwd root | cut -d: -f6)/.cache/collab-package}/$SUITE
  mkdir -p "${ROOT%/*}"
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
  check 'the packages are built' build_packages
  ((failed == 0)) || exit 1
  if command -v lintian >/dev/null; then check 'lintian finds no error' lintian_finds_no_error; fi
  check 'make install and uninstall' install_and_uninstall
  make_root
  cp "$WORK"/collab-bridge_*.deb "$ROOT/root/collab-bridge.deb"
  cp "$WORK"/postgresql-15-collab_*.deb "$ROOT/root/postgresql-15-collab.deb"
  while IFS= read -r line; do
    case $line in
      'ok - '*) printf 'ok %d - %s\n' "$((++number))" "${line#ok - }" ;;
      'not ok - '*) printf 'not ok %d - %s\n' "$((++number))" "${line#not ok - }" && ((++failed)) ;;
      *) printf '%s\n' "$line" ;;
    esac
  done < <(run_inside)
  printf '\n%d passed, %d failed\n' "$((number - failed))" "$failed"
  ((failed == 0))
}

main "$@"
