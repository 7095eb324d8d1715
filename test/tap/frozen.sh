#!/usr/bin/env bash
# frozen.sh: a finished version's install script is never edited again. While 0.1 is the current version its frozen copy
# is what the fragments join to; a later version brings the step from the one before. Prints TAP, reads files only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

current=$(sed -n "s/^default_version *= *'\([^']*\)'.*/\1/p" collab.control)
frozen=extension/upgrade/collab--$current.sql

if [[ -f $frozen ]]; then
  if difference=$(cat extension/schema/[0-9]*.sql | diff "$frozen" -); then
    printf 'ok 1 - %s is what the fragments join to\n' "$frozen"
  else
    printf 'not ok 1 - %s is what the fragments join to\n' "$frozen"
    printf '#   bump default_version and bring a step script, or take the change back\n'
    head -n 20 <<<"$difference" | sed 's/^/#   /'
  fi
elif compgen -G 'extension/upgrade/collab--*.sql' >/dev/null; then
  step=$(compgen -G "extension/upgrade/collab--*--$current.sql" || true)
  if [[ -n $step ]]; then printf 'ok 1 - there is a step to %s\n' "$current"; else printf 'not ok 1 - there is a step to %s\n' "$current"; fi
else
  printf 'ok 1 - nothing is frozen yet # SKIP no version is finished\n'
fi
printf '1..1\n'
