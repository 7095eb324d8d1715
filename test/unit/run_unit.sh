#!/bin/sh
# Runs the unit test programs given, shows their TAP output, and ends with a line of counts.
# Fails when a test fails, when a program ends badly, or when one reports no test at all.
set -u
passed=0
failed=0
export CMOCKA_MESSAGE_OUTPUT=TAP
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}"

output=$(mktemp) || exit 1
trap 'rm -f "$output"' EXIT INT TERM

for program in "$@"; do
  echo "# $(basename "$program")"
  "$program" >"$output" 2>&1
  status=$?
  cat "$output"
  ok=$(grep -c '^ok ' "$output")
  not_ok=$(grep -c '^not ok ' "$output")
  passed=$((passed + ok))
  failed=$((failed + not_ok))
  if [ "$status" -ne 0 ] && [ "$not_ok" -eq 0 ]; then
    echo "not ok - $(basename "$program") ended with status $status"
    failed=$((failed + 1))
  elif [ "$ok" -eq 0 ] && [ "$not_ok" -eq 0 ]; then
    echo "not ok - $(basename "$program") ran no test"
    failed=$((failed + 1))
  fi
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
