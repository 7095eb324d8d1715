# install.sh: builds everything and installs the extension into the server's own directories. Sourced by demo.sh.
#
# Two clones on one machine share that one installed extension. Beside it lies a note saying which tree it came from,
# so that the second one can say whose build it replaces.
# shellcheck shell=bash

# Programs are rebuilt and installed by one process at a time per tree; fd 8 is this lock. Makefile is there in any case.
build_and_install() {
  exec 8<"$TOP/Makefile"
  flock 8
  say "building"
  as_builder make --no-print-directory -s -C "$TOP" PG_CONFIG="$PG_CONFIG" >"$BUILD_LOG" 2>&1 8>&- 9>&- ||
    { grep -E 'error|ERR!|cannot|No such' "$BUILD_LOG" | head -n 5 >&2; fail "the build failed; the whole of it: $BUILD_LOG"; }
  INSTALLED_NEW=
  if [[ $(installed_sum) != "$(built_sum)" ]]; then
    warn_of_another_build
    say "installing the extension into $("$PG_CONFIG" --pkglibdir)$(am_root || printf ' (sudo)')"
    install_extension
    # shellcheck disable=SC2034  # demo.sh restarts a server that runs with the old one
    INSTALLED_NEW=1
  fi
  exec 8<&-
}

origin_file() { printf '%s/extension/collab.origin\n' "$("$PG_CONFIG" --sharedir)"; }

# One number for the library and the scripts; nothing when not all of it is there.
sum_of() { cat "$@" 2>/dev/null | sha256sum | cut -c1-16; }
built_sum() { sum_of "$TOP/collab.so" "$TOP/collab.control" "$TOP"/extension/build/collab--*.sql; }

installed_sum() {
  local script share
  share=$("$PG_CONFIG" --sharedir)/extension
  script=("$TOP"/extension/build/collab--*.sql)
  sum_of "$("$PG_CONFIG" --pkglibdir)/collab.so" "$share/collab.control" "${script[@]/#*\//$share/}"
}

warn_of_another_build() {
  local library origin
  library=$("$PG_CONFIG" --pkglibdir)/collab.so
  [[ -e $library ]] || return 0
  origin=$(head -n 1 "$(origin_file)" 2>/dev/null || true)
  if [[ $origin != "$TOP" ]]; then
    warn "the installed collab extension is another's build (${origin:-not made by make run}); this clone's replaces it, and 'make start' there would put its own back"
  fi
}

install_extension() {
  as_root make --no-print-directory -s -C "$TOP" PARTS= PG_CONFIG="$PG_CONFIG" install >>"$BUILD_LOG" 2>&1 8>&- 9>&- ||
    { tail -n 5 "$BUILD_LOG" >&2; fail "the extension could not be installed; the whole of it: $BUILD_LOG"; }
  printf '%s\n' "$TOP" | as_root tee "$(origin_file)" >/dev/null
}
