# place.sh: where the demo keeps its things. Sourced by demo.sh after common.sh.
#
# RUN_DIR is what people see. STATE is where the things really are: RUN_DIR itself, unless the ordinary user cannot get
# there (a clone in root's home) or a socket in it would have a name longer than the 107 bytes the kernel allows. Then
# STATE is a directory that user owns, RUN_DIR holds links to what is in it, and no permission of anybody's is touched.
# shellcheck shell=bash

SOCKET_NAME=.s.PGSQL.5432
LINKED=(pgdata socket jwt.key bridge.conf bridge.pid bridge.port bridge.log server.log)

# RUN_DIR as it was given, or .run in the clone. Makes nothing.
place_name() {
  RUN_DIR=${RUN_DIR:-.run}
  [[ $RUN_DIR == /* ]] || RUN_DIR=$TOP/$RUN_DIR
}

place_make_run_dir() {
  as_builder mkdir -p "$RUN_DIR" || fail "cannot make $RUN_DIR; choose another place with RUN_DIR="
  RUN_DIR=$(realpath "$RUN_DIR")
}

# Where a demo that was made keeps its things.
place_find() {
  if [[ -L $RUN_DIR/pgdata ]]; then STATE=$(dirname "$(readlink "$RUN_DIR/pgdata")"); else STATE=$RUN_DIR; fi
  SOCKET_DIR=$STATE/socket
}

# Where this one will: called with the lock held.
place_choose() {
  place_find
  if [[ $STATE == "$RUN_DIR" ]] && ! place_suits "$RUN_DIR"; then
    STATE=$(place_elsewhere)
    SOCKET_DIR=$STATE/socket
  fi
}

# Can the user live in DIR, and is the socket's name short enough there?
place_suits() {
  local dir=$1 socket=$1/socket/$SOCKET_NAME
  ((${#socket} <= 107)) && as_user test -x "$(dirname "$dir")" &&
    { as_user test -w "$dir" || place_may_be_given "$dir"; }
}

# Root may give a directory of its own, with nothing but its lock in it, to the user it acts as.
place_may_be_given() {
  am_root && [[ $(stat -c %u "$1") == 0 && -z $(find "$1" -mindepth 1 ! -name lock -print -quit) ]]
}

# A new directory of the user's own.
place_elsewhere() {
  local home base socket
  home=$(getent passwd "$DEMO_OS_USER" | cut -d: -f6)
  for base in "$home/.local/share" "$home" /var/tmp; do
    socket=$base/collab-XXXXXX/socket/$SOCKET_NAME
    if ((${#socket} <= 107)) && as_user mkdir -p "$base" 2>/dev/null && as_user test -w "$base"; then
      as_user mktemp -d "$base/collab-XXXXXX"
      return
    fi
  done
  fail "$DEMO_OS_USER has no directory for the demo; choose one with RUN_DIR="
}

place_make() {
  local name
  if [[ $STATE != "$RUN_DIR" ]]; then
    for name in "${LINKED[@]}"; do
      as_builder ln -sfn "$STATE/$name" "$RUN_DIR/$name"
    done
  elif place_may_be_given "$RUN_DIR"; then
    chown "$DEMO_OS_USER:" "$RUN_DIR"
  fi
  as_user mkdir -p -m 700 "$SOCKET_DIR"
}

# What the daemon reads from the tree must be readable for the user: where the tree is not, a copy is.
place_readable() {
  local source=$1 name=$2
  if as_user test -r "$source"; then
    printf '%s\n' "$source"
  else
    as_user rm -rf "$STATE/$name"
    tar -C "$(dirname "$source")" -cf - "$(basename "$source")" | as_user tar -C "$STATE" -xf - --transform "s|^[^/]*|$name|"
    printf '%s\n' "$STATE/$name"
  fi
}
