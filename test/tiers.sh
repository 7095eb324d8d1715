#!/usr/bin/env bash
# tiers.sh: runs the tiers named on its command line, one after the other, and counts. Called by run.sh through
# cluster.sh, in a copy of the tree, as an ordinary user, with PGHOST naming the shared throwaway cluster.
#
# A tier writes one log; what it passed and failed is counted from that log. A passing tier prints one line, a failing
# one its log. RESULTS gets "tier passed failed seconds". `tiers.sh --count TIER LOG SECONDS` only counts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# ---- what a tier runs ----------------------------------------------------------------------------------------------

# Server programs as pg_config knows them; the pg_regress family is installed beside PGXS.
pgxs_test() { printf '%s/../test/%s\n' "$(dirname "$("${PG_CONFIG:-pg_config}" --pgxs)")" "$1"; }

tier_tree() { test/tap/tree.sh; }

tier_unit() { make --no-print-directory -s -C test/unit check; }

# Built before, in the tree. FUZZ_SHORT: seconds a target.
tier_fuzz() { make --no-print-directory -s -C test/fuzz check; }

tier_regress() {
  local file name
  for file in sql/*.sql; do
    name=$(basename "$file" .sql)
    "$(pgxs_test regress)/pg_regress" --bindir="$PGBIN" --inputdir=. --outputdir="$LOGS/regress" \
      --dbname="regress_$name" "$name" || regression_diffs "$LOGS/regress"
  done
}

tier_isolation() {
  local file name
  for file in test/isolation/specs/*.spec; do
    name=$(basename "$file" .spec)
    "$(pgxs_test isolation)/pg_isolation_regress" --bindir="$PGBIN" --inputdir=test/isolation \
      --outputdir="$LOGS/isolation" --dbname="isolation_${name//-/_}" "$name" || regression_diffs "$LOGS/isolation"
  done
}

regression_diffs() {
  if [[ -f $1/regression.diffs ]]; then cat "$1/regression.diffs"; fi
}

tier_pgtap() {
  local file name
  for file in test/pgtap/*.sql; do
    name=pgtap_$(basename "$file" .sql)
    "$PGBIN/psql" -XqAt -d postgres -c "CREATE DATABASE \"$name\""
    "$PGBIN/psql" -XqAt -d "$name" -c 'CREATE EXTENSION pgtap' -c 'CREATE EXTENSION collab'
    pg_prove --verbose --psql-bin "$PGBIN/psql" -d "$name" "$file" >"$LOGS/pgtap.out" 2>&1 || grep -q '^not ok' "$LOGS/pgtap.out" ||
      printf 'not ok - %s ended badly\n' "$file" >>"$LOGS/pgtap.out"
    cat "$LOGS/pgtap.out"
  done
}

# Faults that take a server of their own: a failure at commit, dump and restore, a crash, a random run.
tier_tap() {
  local script
  for script in commit dump random crash frozen upgrade standby invite history feed; do
    "test/tap/$script.sh" || printf 'not ok - %s.sh ended with status %s\n' "$script" "$?"
  done
}

tier_web() { (cd bridge/web && npx --no-install vitest run --reporter=tap-flat ${COVERAGE:+--coverage --coverage.reporter=json-summary}); }

node_test() { node --test --test-reporter=tap "$@"; }

tier_bridge() { COLLAB_BRIDGE=$PWD/bridge/build-$(if [[ -n ${COVERAGE:-} ]]; then echo cov; else echo asan; fi)/collab-bridge node_test test/bridge/*.test.mjs; }

# The release bridge: the sanitizers keep freed memory, and nothing could be said about its growth.
tier_load() { COLLAB_BRIDGE=$PWD/bridge/build/collab-bridge node_test test/load/*.test.mjs; }

tier_browser() { COLLAB_BRIDGE=$PWD/bridge/build/collab-bridge node_test test/browser/*.test.mjs; }

# A server under valgrind is slow, so this is one file. Stock servers know nothing of valgrind's memory contexts: what
# can be seen are malloc'd blocks and uninitialised values, and only reports with our library in the stack are ours.
tier_valgrind() {
  local log=$LOGS/valgrind
  mkdir -p "$log"
  COLLAB_TEST_WRAPPER="valgrind --quiet --trace-children=yes --leak-check=no --num-callers=40 --log-file=$log/%p.log" \
    test/cluster.sh run bash -c "'$(pgxs_test regress)/pg_regress' --bindir=\"\$PGBIN\" --inputdir=. \
      --outputdir='$LOGS/valgrind_regress' --dbname=regress_valgrind task_move" ||
    regression_diffs "$LOGS/valgrind_regress"
  if ! ls "$log"/*.log >/dev/null 2>&1; then
    echo 'not ok - valgrind left no log'
  elif grep -h -B 20 -A 20 'collab\.so' "$log"/*.log; then
    echo 'not ok - valgrind reports collab.so, above'
  else
    echo 'ok - no report with collab.so in its stack'
  fi
}

# ---- counting ------------------------------------------------------------------------------------------------------

# Prints "passed failed" for a log: TAP (cmocka, pgTAP, vitest, node, our scripts) or pg_regress's lines.
count() {
  awk '
    # the runners of node and vitest repeat their totals; subtests are indented, their parents are not tests
    /^# pass [0-9]+/                     { summary = 1; pass += $3 }
    /^# (fail|cancelled) [0-9]+/         { summary = 1; fail += $3 }
    /^ok /                               { if (!/# SKIP/) tap++ }
    /^not ok /                           { nottap++ }
    /^(test| ) .* \.\.\. +ok /           { tap++ }
    /^(test| ) .* \.\.\. +FAILED/        { nottap++ }
    END { if (summary) print pass + 0, fail + 0; else print tap + 0, nottap + 0 }' "$1"
}

count_tier() {
  local tier=$1 log=$2 seconds=$3
  printf '%s %s %s\n' "$tier" "$(count "$log")" "$seconds"
}

run_tier() {
  local tier=$1 log=$LOGS/$1.log started=$SECONDS passed failed
  ("tier_$tier") >"$log" 2>&1 || printf 'tier %s ended with status %s\n' "$tier" "$?" >>"$log"
  read -r passed failed < <(count "$log")
  # a tier that stopped in the middle failed, whatever its log counts
  if ((failed == 0)) && grep -q "^tier $tier ended with status" "$log"; then failed=1; fi
  printf '%s %s %s %s\n' "$tier" "$passed" "$failed" "$((SECONDS - started))" >>"$RESULTS"
  if ((failed > 0 || passed == 0)); then
    printf '\n==== %s: %s passed, %s failed ====\n' "$tier" "$passed" "$failed"
    failures "$log" || true # head may end before grep does
  else
    printf '%-10s %s passed in %s s\n' "$tier" "$passed" "$((SECONDS - started))"
  fi
}

# A log without what passed, and not without end.
failures() {
  grep -vE '^ *(ok\b|# Subtest: |---$|duration_ms|\.\.\.$|type:|[0-9]+\.\.[0-9]+$)|^(SET|CREATE DATABASE|DROP DATABASE|ALTER DATABASE|NOTICE:.*|=====.*|)$|\.\.\. +ok ' "$1" |
    head -n 400
}

if [[ ${1:-} == --count ]]; then
  count_tier "$2" "$3" "$4"
  exit
fi

shopt -s nullglob
for tier in "$@"; do run_tier "$tier"; done
