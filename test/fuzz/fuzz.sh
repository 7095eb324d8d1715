#!/usr/bin/env bash
# fuzz.sh SECONDS TARGET…: replays what was once found (found/TARGET-*), then runs each target for so long, two at a time.
# Prints TAP, a line a target with what it did.
#
# A crash fails its target and leaves the input in found/, where it is replayed from then on; in a copy of the tree that is
# thrown away it is printed in base64, too. FUZZ_KEEP=1 goes on with the corpus of the last time, and keeps it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

SECONDS_EACH=$1
shift
JOBS=2
WORK=$(mktemp -d "${TMPDIR:-/tmp}/collab-fuzz.XXXXXX")
trap 'rm -rf "$WORK"' EXIT

export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=0:detect_stack_use_after_return=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}

# run_target TARGET NUMBER: its line goes to $WORK/NUMBER.tap
run_target() {
  local target=$1 number=$2 log=$WORK/$2.log corpus=$WORK/$1.corpus status=0 replay=() dictionary=()
  if [[ ${FUZZ_KEEP:-} == 1 ]]; then corpus=build/corpus/$target; fi
  mkdir -p "$corpus" found
  if [[ -e build/seeds/$target.dict ]]; then dictionary=("-dict=build/seeds/$target.dict"); fi
  mapfile -t replay < <(find found -name "$target-*" | sort)
  local limits=(-timeout=20 -rss_limit_mb=1024 -max_len=16384 "-artifact_prefix=found/$target-")
  {
    if ((${#replay[@]} > 0)); then "build/fuzz_$target" "${limits[@]}" "${replay[@]}"; fi
    "build/fuzz_$target" "${limits[@]}" "${dictionary[@]}" "-max_total_time=$SECONDS_EACH" -use_value_profile=1 -print_final_stats=1 \
      "$corpus" "build/seeds/$target"
  } >"$log" 2>&1 || status=$?
  if ((status == 0)); then
    printf 'ok %d - %s: %s\n' "$number" "$target" "$(summary "$log")" >"$WORK/$number.tap"
  else
    { printf 'not ok %d - %s: %s\n' "$number" "$target" "$(summary "$log")"; complaint "$log"; } >"$WORK/$number.tap"
  fi
}

# "1234 executions, 567 edges, 890 in the corpus": from its last lines.
summary() {
  local executions edges
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$1" | tail -n 1)
  edges=$(sed -n 's/.* cov: \([0-9]*\).*/\1/p' "$1" | tail -n 1)
  printf '%s executions, %s edges reached' "${executions:-0}" "${edges:-0}"
}

# The report and the input, each line a comment.
complaint() {
  {
    grep -vE '^(#[0-9]|INFO|stat::|\s*NEW|Loaded|Dictionary)' "$1" | head -n 60 || true
    sed -n 's/.*Test unit written to //p' "$1" | while read -r input; do
      printf '%s holds, in base64:\n' "$input"
      base64 "$input"
    done
  } | sed 's/^/# /'
}

number=0
for target in "$@"; do
  ((++number))
  if ((number > JOBS)); then wait -n || true; fi
  run_target "$target" "$number" &
done
wait
cat "$WORK"/*.tap | sort -k1,1r -s
! grep -q '^not ok' "$WORK"/*.tap
