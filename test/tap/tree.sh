#!/usr/bin/env bash
# tree.sh: what can be read off the files themselves: the layout, the direction of the includes, the tables against the
# documents. Prints TAP. Run from anywhere; touches nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

number=0
# check NAME COMMAND…: the command prints what is wrong; nothing printed is a pass.
check() {
  local name=$1 wrong
  shift
  ((++number))
  if wrong=$("$@" 2>&1) && [[ -z $wrong ]]; then
    printf 'ok %d - %s\n' "$number" "$name"
  else
    printf 'not ok %d - %s\n' "$number" "$name"
    printf '%s\n' "${wrong:-it ended with an error}" | head -40 | sed 's/^/#   /'
  fi
}

# Our own files below the folders given, without what is built or fetched. Further arguments are find's.
ours() {
  local folders=()
  while (($#)) && [[ $1 != -* ]]; do folders+=("$1"); shift; done
  find "${folders[@]}" \( -name node_modules -o -name 'build*' -o -name dist -o -name '.git' -o -name '.run' \) -prune -o -type f \( "$@" \) -print
}

# ---- layout --------------------------------------------------------------------------------------------------------

only_these_at_the_top() {
  local entry
  for entry in *; do
    case $entry in
      extension | bridge | sql | expected | test | docs | debian | Makefile | collab.control | README.md | LICENSE | CHANGELOG.md) ;;
      collab.so | libcollab.a | libcollab.pc | coverage | results | output_iso | regression.*) ;; # built, not kept
      *) echo "$entry has no place at the top" ;;
    esac
  done
}

names_are_unique() {
  ours extension bridge test -name '*.[ch]' -o -name '*.def' -o -name '*.sh' | sed 's|.*/||' | sort | uniq -d
}

extension_names_say_their_folder() {
  local folder prefix
  while read -r folder prefix; do
    ours "extension/$folder" -name '*.[ch]' | grep -vE "/($prefix)[^/]*$" || true
  done <<<$'command cmd_|command\nprojection proj\nevent event\nnotify notify\nsupport support\nread read'
}

files_open_with_their_purpose() {
  local file
  ours extension bridge -name '*.[ch]' -o -name '*.def' | while read -r file; do
    head -n 2 "$file" | grep -qF "${file##*/}" || echo "$file does not open with its name and what it is for"
  done
}

# ---- includes ------------------------------------------------------------------------------------------------------

# A folder may include itself and what is left of it; folders joined by a comma do not know each other.
BRIDGE_ORDER='base core proto,auth,pg hub conn door .'
EXTENSION_ORDER='support event projection,notify command,read .'

# "folder level" for every folder of an order.
levels() {
  tr ' ' '\n' <<<"$1" | awk -F, '{ for (i = 1; i <= NF; i++) print $i, NR }'
}

# includes_point_down ROOT ORDER: prints every include that points up or sideways.
includes_point_down() {
  local root=$1
  ours "$root" -name '*.[ch]' -o -name '*.def' | xargs grep -HnoE '^ *# *include +"[^"]+"' |
    sed -E "s|^$root/||; s|^([^:]+):([0-9]+):.*\"([^\"]+)\"|\1 \2 \3|" |
    awk -v root="$root" -v order="$(levels "$2" | tr '\n' ' ')" '
      BEGIN { n = split(order, word, " "); for (i = 1; i < n; i += 2) level[word[i]] = word[i + 1] }
      function folder(path) { return path ~ /\// ? substr(path, 1, index(path, "/") - 1) : "." }
      {
        from = folder($1); to = folder($3)
        # the shared tables of the extension are the one thing the bridge may see of it
        if (root == "bridge" && $3 ~ /^\.\.\/\.\.\/extension\/.*\.def$/) next
        # errors.h is the vocabulary of all; what has no folder of ours is the system'"'"'s
        if (to == "." || !(to in level)) next
        if (from != to && !(level[to] < level[from])) print root "/" $1 ":" $2 " includes " $3
      }'
}

# ---- tables and documents ------------------------------------------------------------------------------------------

# names FILE MACRO: the first argument of every MACRO(…) in a table.
names() { grep -oE "^$2\([A-Za-z_]+" "$1" | sed 's/.*(//'; }

# mentions DOCUMENT: of the names read, those that do not stand in it as a word.
mentions() {
  local name
  while read -r name; do
    grep -qE -- "(\\b|_)$name\\b" "$1" || echo "$name is not in $1"
  done
}

options_are_documented() { names bridge/core/options.def OPTION | mentions docs/configuration.md; }
documents_are_current() { docs/generate.sh --check; }
commands_are_documented() { names extension/command/commands.def COMMAND | mentions docs/commands.md; }
messages_are_documented() { names bridge/proto/messages.def '(CLIENT|SERVER)_MESSAGE' | mentions docs/messages.md; }
events_are_documented() { names extension/event/event_types.def EVENT | mentions docs/events.md; }
errors_are_documented() { grep -oE 'TB[0-9]{3}' extension/errors.h | sort -u | mentions docs/errors.md; }
metrics_are_documented() {
  sed -nE 's/^(METRIC_FAMILY\(|HISTOGRAM\([A-Z_]+, )([a-z_]+).*/\2/p' bridge/core/metrics.def | mentions docs/operations.md
}

# Each line of usage.def's, joined, as it stands in the page that the man page is made from.
usage_is_documented() {
  sed -n '/^USAGE(/,/)$/p' bridge/core/usage.def | tr -d '\n\t' | sed 's/" *"//g; s/)USAGE(/\n/g; s/USAGE(//; s/)$/\n/' | tr -d '"' |
    while read -r usage; do grep -qxF -- "collab-bridge $usage" docs/collab-bridge.md || echo "collab-bridge $usage is not in docs/collab-bridge.md"; done
}
man_pages_are_clean() { mandoc -Tlint -Wwarning bridge/dist/*.[15]; }

# ---- what is installed ---------------------------------------------------------------------------------------------

# systemd looks for the program, which stands elsewhere until it is installed. 20: an exposure of 2.0 out of 10.
service_is_sound() {
  local copy
  copy=$(mktemp -d)
  sed 's|/usr/bin/collab-bridge|/bin/true|' bridge/dist/collab-bridge.service >"$copy/collab-bridge.service"
  systemd-analyze verify --man=no "$copy/collab-bridge.service"
  systemd-analyze security --offline=true --threshold=20 --no-pager "$copy/collab-bridge.service" >/dev/null ||
    echo 'it may do more than it must: systemd-analyze security --offline=true bridge/dist/collab-bridge.service'
  rm -r "$copy"
}

package_has_the_version() {
  local version
  version=$(sed -n "s/^default_version *= *'\([^']*\)'.*/\1/p" collab.control)
  head -n 1 debian/changelog | grep -qE "^collab \($version(~dev|[.-][0-9]+)?\) " || echo "debian/changelog does not begin with version $version"
}

# ---- the rest ------------------------------------------------------------------------------------------------------

shell_scripts_are_clean() { ours . -name '*.sh' -o -path './.ci/run' | xargs shellcheck -x; }

c_is_formatted() { ours extension bridge test -name '*.[ch]' | xargs clang-format --dry-run -Werror 2>&1 | grep -E 'error:' || true; }

merges_are_finished() { ours . -name '*' | grep -v '\.out$' | xargs grep -lE '^(<<<<<<<|>>>>>>>) ' || true; }

locks_name_no_registry() { ours bridge test -name package-lock.json | xargs grep -nE '"resolved"|https?://' | grep -v '"url"' || true; }

check 'only what belongs there is at the top' only_these_at_the_top
check 'file names are unique' names_are_unique
check "the extension's files carry their folder's name" extension_names_say_their_folder
check 'every C file opens with its purpose' files_open_with_their_purpose
check "the bridge's includes point one way" includes_point_down bridge "$BRIDGE_ORDER"
check "the extension's includes point one way" includes_point_down extension "$EXTENSION_ORDER"
check 'every option is documented' options_are_documented
check 'every command is documented' commands_are_documented
check 'what is made from tables is current' documents_are_current
check 'every message is documented' messages_are_documented
check 'every event is documented' events_are_documented
check 'every SQLSTATE is documented' errors_are_documented
check 'every metric is documented' metrics_are_documented
check 'how the program is called is documented' usage_is_documented
check 'the generator writes the fixture' node test/fixtures/trello-full.mjs --check
check 'the package has the version' package_has_the_version
check 'shell scripts are clean' shell_scripts_are_clean
check 'no merge is left unfinished' merges_are_finished
check 'lock files name no registry' locks_name_no_registry
if command -v mandoc >/dev/null; then check 'the man pages are clean' man_pages_are_clean; fi
if command -v systemd-analyze >/dev/null; then check 'the systemd unit is sound' service_is_sound; fi
if command -v clang-format >/dev/null; then check 'C is formatted' c_is_formatted; fi
