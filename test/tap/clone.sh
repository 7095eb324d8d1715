#!/usr/bin/env bash
# clone.sh: does what a newcomer does: clones the repository, runs `make start` there, and walks through what the README
# promises (clone.test.mjs does the walking, and prints TAP). Called by run.sh.
#
# The clone is of HEAD with what is not committed yet laid over it. `make start` installs the extension into the
# system's server: what was installed there before is put back at the end.
set -euo pipefail
# shellcheck source=bridge/demo/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../bridge/demo/common.sh"

PG_CONFIG=${PG_CONFIG:-pg_config}

make_clone() {
  local git=(git -c safe.directory='*' -C "$TOP")
  if ! "${git[@]}" rev-parse --git-dir >/dev/null 2>&1; then
    # unpacked from an archive: the same without what is built
    mkdir "$CLONE"
    tar -C "$TOP" --exclude=node_modules --exclude=.run --exclude='build*' --exclude=dist --exclude=collab.so -cf - . | tar -C "$CLONE" -xf -
    return
  fi
  git -c safe.directory='*' clone -q "$TOP" "$CLONE"
  "${git[@]}" ls-files -z --deleted | (cd "$CLONE" && xargs -0r rm -f)
  "${git[@]}" ls-files -z --modified --others --exclude-standard --deduplicate |
    (cd "$TOP" && while IFS= read -rd '' file; do if [[ -e $file ]]; then printf '%s\0' "$file"; fi; done) |
    tar -C "$TOP" --null -T - -cf - | tar -C "$CLONE" -xf -
}

# The files of the extension in the system's server.
installed_files() {
  find "$("$PG_CONFIG" --pkglibdir)" "$("$PG_CONFIG" --sharedir)/extension" -maxdepth 1 \
    \( -name 'collab.*' -o -name 'collab--*.sql' \) -print0
}

keep_installed() { installed_files | tar --null -T - -P -cf "$WORK/installed.tar"; }

put_back_installed() {
  installed_files | as_root xargs -0r rm -f
  as_root tar -P -xf "$WORK/installed.tar"
}

clean_up() {
  make --no-print-directory -s -C "$CLONE" stop >/dev/null 2>&1 || true
  put_back_installed
  rm -rf "$WORK"
}

# not mktemp's 0700: a clone usually lies where others may look
WORK=$(mktemp -d "${TMPDIR:-/tmp}/collab-clone.XXXXXX")
chmod 755 "$WORK"
CLONE=$WORK/clone
keep_installed
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
make_clone
unset RUN_DIR PORT ARGS
COLLAB_CLONE=$CLONE node --test --test-reporter=tap "$TOP/test/tap/clone.test.mjs"
