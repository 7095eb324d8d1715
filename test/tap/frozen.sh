#!/usr/bin/env bash
# frozen.sh: a finished version's install script is never edited again, and from each there is a way to the current one.
# Prints TAP, reads files only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

number=0
# check NAME WRONG: nothing wrong is a pass.
check() {
  ((++number))
  if [[ -z $2 ]]; then printf 'ok %d - %s\n' "$number" "$1"; else printf 'not ok %d - %s\n#   %s\n' "$number" "$1" "$2"; fi
}

# One line per finished version: what its script was when it was finished.
finished() {
  cat <<'SUMS'
adf6a336aa2dd8b104ade79cfeca35d68412e30e35a5b63c0d2ec52e5eb23a62  extension/upgrade/collab--0.1.sql
8c72ae0131e7e790ded5547be9d41c452f9df4ac2d267d2b6cf2a8591a2d7c5f  extension/upgrade/collab--0.1--0.2.sql
eb676866e89497692b6d6691aede0dc43d00b3e69487d058512f290b5c421e28  extension/upgrade/collab--0.2.sql
SUMS
}

current=$(sed -n "s/^default_version *= *'\([^']*\)'.*/\1/p" collab.control)
while read -r sum script; do
  version=${script##*--} version=${version%.sql}
  now=$(sha256sum <"$script" 2>/dev/null || echo gone)
  check "$script is as it was finished" "$([[ ${now%% *} == "$sum" ]] || echo 'a finished version is changed by a step to the next one')"
  step=$(compgen -G "extension/upgrade/collab--$version--*.sql" || compgen -G "extension/build/collab--$version--*.sql" || true)
  check "there is a step from $version" "$([[ $version == "$current" || -n $step ]] || echo "bring extension/upgrade/collab--$version--….sql")"
done < <(finished)
for script in extension/upgrade/collab--*.sql; do
  check "$script is watched" "$(grep -qF "$script" <(finished) || [[ $script =~ --.*-- ]] || echo 'it has no line above')"
done
if [[ -f extension/upgrade/collab--$current.sql ]]; then
  check "the fragments join to the finished $current" "$(cmp -s extension/build/collab--"$current".sql extension/upgrade/collab--"$current".sql ||
    echo 'a change of the schema needs a new default_version and a step script')"
fi
check 'the current version is built' "$([[ -s extension/build/collab--$current.sql ]] || echo 'run make')"
printf '1..%d\n' "$number"
