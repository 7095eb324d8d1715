#!/usr/bin/env bash
# generate.sh: `make documentation`: writes the pages of docs/ that are made from the tables that the code and the tests go by, and the man
# pages, which are made from pages of docs/. --check prints the names of those that are not current and writes nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# fields_table TABLE…: what each field of the tables is, by its kind.
fields_table() {
  cat <<'FIELDS'

## Fields

| field | is |
| --- | --- |
FIELDS
  awk '
    FILENAME ~ /support_field\.h$/ {
      if (match($0, /^\tFIELD_[A-Z_]+,/)) {
        kind = substr($0, RSTART + 7, RLENGTH - 8)
        text = ""
        if (match($0, /\/\*.*\*\//)) text = substr($0, RSTART + 3, RLENGTH - 6)
        sub(/; cmd_[a-z_]*\.c knows.*/, "", text)
        is[kind] = text != "" ? text : kind == "UUID" ? "a uuid" : kind == "OBJECT" ? "a JSON object" : kind == "BOOLEAN" ? "true or false" : tolower(kind)
      }
      next
    }
    {
      rest = $0
      while (match(rest, /FIELD\([^)]*\)/)) {
        split(substr(rest, RSTART + 6, RLENGTH - 7), field, /, */)
        rest = substr(rest, RSTART + RLENGTH)
        if (field[1] ~ /^(name|kind)$/ && field[2] ~ /^kind$/) continue # the heading comment
        if (!((field[1], field[2]) in seen)) {
          seen[field[1], field[2]] = 1
          meaning[field[1]] = meaning[field[1]] (meaning[field[1]] == "" ? "" : "; or ") is[field[2]]
          if (!(field[1] in place)) { place[field[1]] = ++count; order[count] = field[1] }
        }
      }
    }
    END { for (i = 1; i <= count; i++) printf "| `%s` | %s |\n", order[i], meaning[order[i]] }
  ' extension/support/support_field.h "$@"
}

commands_md() {
  cat <<'HEAD'
# Commands

Made by `make documentation` from `extension/command/commands.def`, `updates.def` and `support_field.h`: change those.

Everything that changes anything is one of these commands, and each comes in through one frame, whichever door it takes:
`{"type": "MOVE_TASK", "id": "…", "payload": {…}}` to `collab.execute`, to a bridge's WebSocket, or a call of the typed SQL
function of the same name in lower case: `collab.move_task(task_id => …, to_list_id => …)`. The function's parameters are the
fields in the order given here, then `command_id`, and `version` where something that can have changed is named.

A question mark: the field may be left out. Besides its own, every command takes `board_id` (it routes the command and must
fit what else is named) and `version` (the board's version that you had seen: the command is refused with `version_conflict`
when what it names was changed since, as the board's `conflict_policy` says). A field that the table does not name is ignored.

The *least role* is the one in the workspace concerned: with a lower one the command is `forbidden`, with none the thing is
`not_found`, as it is for members who are not on a private board. On an archived board everything but `RESTORE_BOARD`,
`DUPLICATE_BOARD` and `DELETE_BOARD` is against the `rule`. Who may do what in detail is in [roles.md](roles.md), what each command writes into the
log in [events.md](events.md), every refusal in [errors.md](errors.md).

HEAD
  awk -v mode=doc -f extension/schema/commands.awk extension/command/commands.def
  cat <<'UPDATES'

## What `updates` may name

An UPDATE command changes the fields that `updates` names and leaves the others alone. `config` and `settings` are JSON merge
patches (RFC 7396). Where null clears a field it is marked ∅.

| command | fields |
| --- | --- |
UPDATES
  awk '
    /^UPDATES\(/ { noun = $0; sub(/^UPDATES\(/, "", noun); sub(/,.*/, "", noun); line = "" }
    match($0, /FIELD\([^)]*\)/) {
      split(substr($0, RSTART + 6, RLENGTH - 7), field, /, */)
      line = line (line == "" ? "" : ", ") field[1] (field[3] == "NULLABLE" ? " ∅" : "")
      if ($0 ~ /\)\)$/) printf "| `UPDATE_%s` | %s |\n", toupper(noun), line
    }' extension/command/updates.def
  fields_table extension/command/commands.def extension/command/updates.def
}

reads_md() {
  cat <<'HEAD'
# Reads

Made by `make documentation` from `extension/read/reads.def` and `support_field.h`: change those.

Everything that can be asked for is one of these reads, `{"type": "GET_TASK", "payload": {…}}`. A bridge hands it to
`collab.user_read(user_id, request)`, which carries it out as that user and answers in one row:

| column | |
| --- | --- |
| `code` | null, or why it was refused ([errors.md](errors.md)) |
| `version`, `event` | of the board that the read is inside of, at the moment of the read; else null |
| `content_type` | of the body |
| `body` | the result; when refused `{"code", "message", "hint"?}` |

In SQL the [functions and views](sql-api.md) tell the same to the session's user. A question mark: the field may be left out. A field
that the table does not name is ignored. Nothing is written or locked; but for `GET_BOARD_AT` they can be asked of a standby.

The *least role* is the one in the workspace concerned: with a lower one the read is `forbidden`, with none what it names is
`not_found`, as it is for members who are not on a private board. An archived board can be read. *Anyone*: one's own things.
A user who is deactivated is `unauthenticated` in every read.

Every `next_cursor` is a text that the field `cursor` or `before` takes for the next page, or null on the last one. Times are RFC
3339 in UTC, durations seconds. The shapes of documents are in [The wire](protocol.md).

| read | least role | what it tells | fields | result |
| --- | --- | --- | --- | --- |
HEAD
  awk '
    /^READ\(/ { entry = ""; inside = 1 }
    inside { entry = entry " " $0 }
    inside && /"\)$/ {
      inside = 0
      n = split(entry, quoted, "\"")
      split(quoted[1], head, /, */)
      name = head[1]; sub(/.*READ\(/, "", name)
      list = ""
      rest = quoted[1]
      while (match(rest, /FIELD\([^)]*\)/)) {
        split(substr(rest, RSTART + 6, RLENGTH - 7), field, /, */)
        rest = substr(rest, RSTART + RLENGTH)
        list = list (list == "" ? "" : ", ") field[1] (field[3] == "REQUIRED" ? "" : "?")
      }
      printf "| `%s` | %s | %s | %s | %s |\n", name, tolower(head[4]), quoted[4], list, quoted[2]
    }' extension/read/reads.def
  fields_table extension/read/reads.def
}

roles_md() {
  cat <<'HEAD'
# Who may do what

Made by `make documentation` from the table that `test/pgtap/role_matrix.sql` walks, command by command and role by role:
change that.

A person has one role in a workspace: owner, admin, member or viewer; everybody else is an outsider to it. **yes**: it is
carried out. **no**: `forbidden`, the thing is seen but the role does not allow this. **unseen**: `not_found`, told no
different from what does not exist. **rule**: the role would do, but a rule forbids it (a workspace keeps an owner).
**conflict**: what was seen is out of date.

The table is of an ordinary board. A *private* board is unseen by members and viewers who are not on it, in every command and
every read; those who are on it, and owners and admins, have there what the table says. On an *archived* board, what would be
a yes is against the rule, but for `RESTORE_BOARD`, `DUPLICATE_BOARD` and `DELETE_BOARD` (`ARCHIVE_BOARD` changes nothing then); it can be read.

| command | | owner | admin | member | viewer | outsider |
| --- | --- | --- | --- | --- | --- | --- |
HEAD
  sed -n "/^-- begin: commands/,/^-- end: commands/p" test/pgtap/role_matrix.sql | sed -nE "s/^\t\('([A-Z_]+)', '([^']*)', '.*', ('[a-z_]+'(, '[a-z_]+'){4})\)[,;]\$/\1|\2|\3/p" |
    awk -F'|' '
      BEGIN { word["ok"] = "yes"; word["forbidden"] = "no"; word["not_found"] = "unseen"; word["rule"] = "rule"; word["conflict"] = "conflict" }
      {
        gsub(/[\x27 ]/, "", $3)
        n = split($3, cell, ",")
        printf "| `%s` | %s |", $1, $2
        for (i = 1; i <= n; i++) printf " %s |", word[cell[i]]
        print ""
      }'
  cat <<'READS'

`CREATE_TASK` with neither list nor board goes to the default board of the workspace named, or of one's personal workspace.

## Reading

Who is in a workspace reads all of it, but for private boards that one is not on: with the functions and views below, which
answer an outsider with `not_found` or no rows. Those named `room_…` and `user_…` are the bridge's, which names the user. Only
owners and admins see a workspace's invites.

READS
  sed -n "/^-- begin: reads/,/^-- end: reads/p" test/pgtap/role_matrix.sql | sed -nE "s/^\t\('([a-z_]+)', '.*\$/\`\1\`/p" | paste -sd' ' | sed 's/ /, /g' | fold -s -w 120 | sed 's/ *$//'
}

configuration_md() { awk -f bridge/core/options_doc.awk bridge/core/options.def; }

# The man pages are made from pages of docs/: what is in one is in the other.
man_1() {
  awk -v page=collab-bridge -v section=1 -v about='the bridge between browsers and a collab database' -f docs/man.awk docs/collab-bridge.md
}
man_5() {
  awk -v page=collab-bridge.conf -v section=5 -v about='configuration of collab-bridge' -f docs/man.awk docs/configuration.md
}

# made FILE COMMAND MODE: writes the file, or says that it is not current.
made() {
  local wanted
  wanted=$("$2")
  if [[ $3 == --check ]]; then
    [[ $wanted == "$(cat "$1" 2>/dev/null)" ]] || echo "$1 is not current: make documentation"
  else
    printf '%s\n' "$wanted" >"$1"
  fi
}

main() {
  local name
  for name in commands reads roles configuration; do made "docs/$name.md" "${name}_md" "${1:-}"; done
  made bridge/dist/collab-bridge.1 man_1 "${1:-}"
  made bridge/dist/collab-bridge.conf.5 man_5 "${1:-}"
  node docs/openapi.mjs "$@" # rest.md, openapi.json
  node docs/asyncapi.mjs "$@" # messages.md, asyncapi.json
}

main "$@"
