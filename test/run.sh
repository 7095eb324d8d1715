#!/usr/bin/env bash
# run.sh: `make test`. Installs what is missing, builds, runs every tier, and ends with one line:
# N passed, N failed, and how many of which kind.
#
#   run.sh            every tier          run.sh TIER…     only these (see test/README.md for their names)
#
# The tiers run in a copy of the built tree, as an ordinary user: so nothing is left in the tree, root's own clone (which
# that user may not even enter) works like any other, and two runs at once do not meet. Only the clone test works from
# the tree itself, because it does what a newcomer does. COLLAB_TEST_KEEP=1 keeps the copy and its logs.
# COVERAGE=1 (`make coverage`) builds with gcov, in the copy, runs the tiers that reach the code from below, and ends
# with a table of what they reached.
set -euo pipefail
# shellcheck source=bridge/demo/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../bridge/demo/common.sh"

ALL_TIERS=(tree unit fuzz regress pgtap isolation tap web bridge load browser valgrind clone)
COVERAGE_TIERS=(unit regress pgtap isolation tap web bridge)

build_everything() {
  # with COVERAGE the compiling is left to the copy: two builds of one tree would take turns
  if [[ -z $COVERAGE ]]; then
    as_builder make --no-print-directory -s -C "$TOP"
    as_builder env -u CFLAGS -u CPPFLAGS -u LDFLAGS make --no-print-directory -s -C "$TOP/bridge" ASAN=1
  fi
  if [[ " ${tiers[*]} " == *" fuzz "* ]]; then
    as_builder env -u CFLAGS -u CPPFLAGS -u LDFLAGS make --no-print-directory -s -j2 -C "$TOP/test/fuzz"
  fi
  local folder
  for folder in bridge/web test/bridge test/browser; do
    as_builder make --no-print-directory -s -C "$TOP" "$folder/node_modules/.installed"
  done
}

copy_tree() {
  local but=(--exclude=./.git --exclude=./.run --exclude='build-cov' --exclude=./test/fuzz/build/corpus)
  if [[ -n $COVERAGE ]]; then but+=(--exclude=./extension/build --exclude=./collab.so); fi
  as_user mkdir "$WORK/tree"
  tar -C "$TOP" "${but[@]}" -cf - . | as_user tar -C "$WORK/tree" -xf -
  if [[ -n $COVERAGE ]]; then
    as_user make --no-print-directory -s -C "$WORK/tree" PARTS=bridge COVERAGE=1
  fi
}

# The tiers that share one throwaway cluster, in the copy, and in a process group of their own: so that this script can
# end all of it when it is told to end, and wait until the cluster is gone too.
run_in_copy() {
  (($# > 0)) || return 0
  # shellcheck disable=SC2016  # the inner shell's own
  as_user env -C "$WORK/tree" COVERAGE="$COVERAGE" RESULTS="$WORK/results" LOGS="$WORK/logs" \
    setsid bash -c 'echo $$ >"$0" && exec "$@"' "$WORK/group" test/cluster.sh run test/tiers.sh "$@" &
  wait $! || true
}

stop() {
  trap '' INT TERM HUP
  if [[ -s $WORK/group ]]; then kill -TERM -- "-$(cat "$WORK/group")" 2>/dev/null || true; fi
  wait
  exit "$1"
}

run_clone_test() {
  local log=$WORK/clone.log started=$SECONDS
  "$TOP/test/tap/clone.sh" >"$log" 2>&1 || printf 'not ok - clone.sh ended with status %s\n' "$?" >>"$log"
  "$TOP/test/tiers.sh" --count clone "$log" "$((SECONDS - started))" >>"$WORK/results"
  tail -n 1 "$WORK/results" | grep -q ' 0 [0-9]*$' || cat "$log"
}

# unit: a module alone; integration: our programs and a real server; end-to-end: what a person or an application meets.
kind_of() {
  case $1 in
    unit | web) echo unit ;;
    browser | clone | load) echo end-to-end ;;
    tree) echo other ;;
    *) echo integration ;;
  esac
}

report() {
  local tier passed failed seconds all_passed=0 all_failed=0 expected
  local -A of_kind=([unit]=0 [integration]=0 [end-to-end]=0 [other]=0)
  printf '\n%-10s %7s %7s %7s\n' tier passed failed seconds
  for expected in "$@"; do
    read -r tier passed failed seconds < <(grep "^$expected " "$WORK/results" || echo "$expected 0 1 0")
    # a tier that ran nothing has shown nothing
    if ((passed + failed == 0)); then failed=1; fi
    printf '%-10s %7d %7d %7d\n' "$tier" "$passed" "$failed" "$seconds"
    ((all_passed += passed, all_failed += failed)) || true
    of_kind[$(kind_of "$tier")]=$((of_kind[$(kind_of "$tier")] + passed + failed))
  done
  printf '\n%d passed, %d failed: %d unit, %d integration, %d end-to-end, %d of the tree\n' "$all_passed" "$all_failed" \
    "${of_kind[unit]}" "${of_kind[integration]}" "${of_kind[end-to-end]}" "${of_kind[other]}"
  ((all_failed == 0))
}

main() {
  local tiers=("$@") shared=() tier clone='' status=0
  COVERAGE=${COVERAGE:-}
  if ((${#tiers[@]} == 0)); then
    if [[ -n $COVERAGE ]]; then tiers=("${COVERAGE_TIERS[@]}"); else tiers=("${ALL_TIERS[@]}"); fi
  fi
  for tier in "${tiers[@]}"; do
    [[ " ${ALL_TIERS[*]} " == *" $tier "* ]] || fail "no tier $tier; there are: ${ALL_TIERS[*]}"
    if [[ $tier == clone ]]; then clone=1; else shared+=("$tier"); fi
  done
  "$TOP/bridge/demo/deps.sh" "$(if [[ -n $COVERAGE ]]; then echo coverage; else echo test; fi)"
  DEMO_OS_USER=$(ordinary_user)
  build_everything

  WORK=$(as_user mktemp -d "${TMPDIR:-/tmp}/collab-run.XXXXXX")
  as_user mkdir "$WORK/logs"
  as_user touch "$WORK/results"
  if [[ ${COLLAB_TEST_KEEP:-} == 1 ]]; then say "working in $WORK"; else trap 'rm -rf "$WORK"' EXIT; fi
  trap 'stop 130' INT
  trap 'stop 143' TERM HUP
  copy_tree
  run_in_copy "${shared[@]}"
  if [[ -n $clone ]]; then run_clone_test; fi
  report "${tiers[@]}" || status=1
  if [[ -n $COVERAGE ]]; then as_user env -C "$WORK/tree" test/coverage.sh; fi
  return "$status"
}

main "$@"
