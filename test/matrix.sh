#!/usr/bin/env bash
# matrix.sh: `make test-matrix`: the database's tiers under another PostgreSQL than this system's: Debian trixie's 17, in a
# folder of its own. Not a part of `make test`: the first run fetches some 600 MB from the Debian mirror that this machine's
# apt uses, and needs root for debootstrap and chroot. What runs inside runs as an ordinary user.
#
#   matrix.sh [TIER…]     regress pgtap isolation tap, or these
#
# The folder is kept for the next run: MATRIX_DIR, else .cache/collab-matrix in root's home. Remove it with rm -rf --one-file-system.
set -euo pipefail
# shellcheck source=bridge/demo/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../bridge/demo/common.sh"

SUITE=trixie
SERVER=17
PACKAGES=postgresql-$SERVER,postgresql-server-dev-$SERVER,postgresql-$SERVER-pgtap,libtap-parser-sourcehandler-pgtap-perl,make,gcc,libc6-dev
TIERS=(regress pgtap isolation tap)

# The mirror that apt is set up with: no host is named here.
mirror() {
  local found
  # shellcheck disable=SC2016  # apt's own
  found=$(apt-get indextargets --format '$(REPO_URI)' 'Label: Debian' 'Created-By: Packages' | sort -u | head -n 1)
  [[ -n $found ]] || fail "apt knows no Debian mirror; this is made for Debian"
  printf '%s\n' "$found"
}

make_root() {
  local stamp=$ROOT/.collab-matrix
  [[ $(cat "$stamp" 2>/dev/null) != "$PACKAGES" ]] || return 0
  command -v debootstrap >/dev/null || { say 'installing debootstrap' && apt-get install -y -qq debootstrap >/dev/null; }
  say "fetching $SUITE with PostgreSQL $SERVER into $ROOT"
  rm -rf --one-file-system "$ROOT"
  mkdir -p "$ROOT"
  # a server that an installation script starts would be in the way, and must not run as anybody
  debootstrap --variant=minbase --include="$PACKAGES" "$SUITE" "$ROOT" "$(mirror)" >"$ROOT.log" 2>&1 ||
    { tail -n 20 "$ROOT.log" >&2; fail "debootstrap failed; the whole of what it said is in $ROOT.log"; }
  chroot "$ROOT" useradd --create-home tester
  printf '%s\n' "$PACKAGES" >"$stamp"
}

copy_tree() {
  rm -rf "$ROOT/home/tester/tree"
  mkdir "$ROOT/home/tester/tree"
  tar -C "$TOP" --exclude=./.git --exclude=./.run --exclude=node_modules --exclude='./bridge/build*' --exclude=./extension/build \
    --exclude='./test/unit/build*' --exclude=./collab.so --exclude=./bridge/web/dist -cf - . | tar -C "$ROOT/home/tester/tree" -xf -
  chroot "$ROOT" chown -R tester: /home/tester/tree
}

# What runs inside, as tester. It prints what tiers.sh prints, then one line a tier.
inside() {
  cat <<'INSIDE'
set -euo pipefail
export LC_ALL=C.UTF-8 PG_CONFIG=/usr/lib/postgresql/$1/bin/pg_config HOME=/home/tester USER=tester
shift
cd /home/tester/tree
rm -rf ../logs ../results
mkdir ../logs
make --no-print-directory -s -j2 PARTS= >../logs/build.log 2>&1 || { cat ../logs/build.log; exit 1; }
RESULTS=/home/tester/results LOGS=/home/tester/logs test/cluster.sh run test/tiers.sh "$@" || true
cat ../results
INSIDE
}

# Its own mounts and processes: whatever it leaves running ends with it, and nothing stays mounted.
run_inside() {
  inside >"$ROOT/home/tester/inside.sh"
  # shellcheck disable=SC2016  # the inner shell's own
  unshare --mount --pid --fork --kill-child sh -c '
    mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && mount --make-rslave "$0/dev" && mount -t tmpfs tmpfs "$0/tmp" && chmod 1777 "$0/tmp" &&
    root=$0 && exec chroot "$root" setpriv --reuid=tester --regid=tester --init-groups bash /home/tester/inside.sh "$@"' "$ROOT" "$SERVER" "$@"
}

main() {
  local tiers=("$@") tier passed failed seconds all_failed=0 all_passed=0
  ((${#tiers[@]} > 0)) || tiers=("${TIERS[@]}")
  am_root || fail "this makes a system of its own in a folder, with debootstrap and chroot: run it as root"
  ROOT=${MATRIX_DIR:-$(getent passwd root | cut -d: -f6)/.cache/collab-matrix}/$SUITE
  mkdir -p "${ROOT%/*}"
  make_root
  copy_tree
  run_inside "${tiers[@]}"
  for tier in "${tiers[@]}"; do
    read -r _ passed failed seconds < <(grep "^$tier " "$ROOT/home/tester/results" || echo "$tier 0 1 0")
    ((passed + failed > 0)) || failed=1
    printf 'PostgreSQL %s  %-10s %5d passed %5d failed %5d s\n' "$SERVER" "$tier" "$passed" "$failed" "$seconds"
    ((all_passed += passed, all_failed += failed)) || true
  done
  printf '\n%d passed, %d failed\n' "$all_passed" "$all_failed"
  ((all_failed == 0))
}

main "$@"
