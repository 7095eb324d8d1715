# common.sh: what the demo's and the tests' shell scripts share. Sourced, never run.
#
# Owns: how they speak, which ordinary user they act as, and how that user runs a program.
# The user: PostgreSQL refuses to run as root, and nothing of the demo should. A person who is not root acts as
# himself. Root acts as the owner of the source tree, so that `sudo make run` in somebody's clone leaves no files of
# root's behind; where that is root too, as the system user collab-demo, made for this. Neither `postgres`, who may
# enter the machine's real clusters, nor `nobody`, whom other services share, would be a safe choice for a daemon that
# speaks to browsers.
# shellcheck shell=bash

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
export LC_ALL=C.UTF-8

say() { printf '%s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

am_root() { [[ $(id -u) == 0 ]]; }

# Prints the ordinary user's name, making the system user first where there is none.
ordinary_user() {
  local owner
  if ! am_root; then
    id -un
    return
  fi
  owner=$(stat -c %U "$TOP")
  if [[ $owner == root || $owner == UNKNOWN ]]; then
    owner=collab-demo
    if ! getent passwd "$owner" >/dev/null; then
      printf 'making the system user %s: neither PostgreSQL nor the bridge runs as root\n' "$owner" >&2
      useradd --system --user-group --create-home --home-dir "/var/lib/$owner" --shell /usr/sbin/nologin "$owner" ||
        fail "cannot make the user $owner; run as an ordinary user instead"
    fi
  fi
  printf '%s\n' "$owner"
}

# as_user COMMAND…: runs it as the ordinary user $DEMO_OS_USER. Replaces this process where it stands last in a subshell.
as_user() {
  if am_root; then
    # setpriv does not fork, so that the child's process id and signals are the command's own
    env HOME="$(getent passwd "$DEMO_OS_USER" | cut -d: -f6)" USER="$DEMO_OS_USER" LOGNAME="$DEMO_OS_USER" \
      setpriv --reuid="$DEMO_OS_USER" --regid="$(id -g "$DEMO_OS_USER")" --init-groups "$@"
  else
    "$@"
  fi
}

# The building itself is done by whoever called, except that root builds as the tree's owner.
as_builder() {
  if am_root && [[ $(stat -c %U "$TOP") == "$DEMO_OS_USER" ]]; then as_user "$@"; else "$@"; fi
}

# as_root COMMAND…: sudo only where it is needed.
as_root() {
  if am_root; then "$@"; else
    command -v sudo >/dev/null || fail "this needs root: $*"
    sudo "$@"
  fi
}

# Where the server chosen by pg_config keeps its programs.
postgres_bin() { printf '%s\n' "$("${PG_CONFIG:-pg_config}" --bindir)"; }

# wait_until SECONDS COMMAND…: true as soon as the command is, false when the time is over.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}
