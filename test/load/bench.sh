#!/usr/bin/env bash
# bench.sh: `make bench`. Measures the database side against honest peers in one run, on a throwaway cluster with fsync
# on, and prints a table: figure, ours, the peer, the ratio, what it must be. docs/benchmarks.md says what each row is.
#
#   BENCH_SIZES="100 1000 5000"  tasks of the boards     BENCH_REPEATS=15  rounds, of which the median counts
#   BENCH_SECONDS=5              of each pgbench run
#
# It fails only when something does not work: a ratio that is missed is for the reader to see. A new row is a function
# that fills bench.samples, called in main.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SIZES=${BENCH_SIZES:-100 1000 5000}
REPEATS=${BENCH_REPEATS:-15}
SECONDS_EACH=${BENCH_SECONDS:-5}

sql() { psql -XqAt -v ON_ERROR_STOP=1 -d bench "$@"; }

make_boards() {
  psql -Xq -d postgres -c 'CREATE DATABASE bench'
  sql -c 'ALTER DATABASE bench SET jit = off' # it would only cost the peer
  sql -c "ALTER DATABASE bench SET collab.user_id = '1'" -f "$HERE/boards.sql" >/dev/null
  local size
  for size in $SIZES; do
    sql -c "SELECT collab.import_trello((SELECT id FROM collab.workspaces WHERE name = 'Bench'), bench.trello('Board $size', $size, 0))" >/dev/null
  done
  sql -c 'VACUUM ANALYZE'
}

# ---- the rows ------------------------------------------------------------------------------------------------------

board_documents() {
  local size board
  for size in $SIZES; do
    board=$(sql -c "SELECT id FROM collab.boards WHERE name = 'Board $size'")
    same_document "$board"
    sql -c "CALL bench.compare('board_document, $size tasks, ms', 0.5, \$\$SELECT length(collab.board_document('$board', 'full'))\$\$,
      \$\$SELECT length(bench.peer('$board')::text)\$\$, $REPEATS)"
    sql -c "CALL bench.compare('board_state, $size tasks, ms', 0.5, \$\$SELECT pg_column_size(collab.board_state('$board'))\$\$,
      \$\$SELECT pg_column_size(bench.peer('$board'))\$\$, $REPEATS)"
    sql -c "CALL bench.compare('board_state as text, $size tasks, ms', NULL, \$\$SELECT length(collab.board_state('$board')::text)\$\$,
      \$\$SELECT length(bench.peer('$board')::text)\$\$, $REPEATS)"
  done
}

# A peer that says less would be no peer: both documents must be equal, but for how times are written.
same_document() {
  [[ $(sql -c "SELECT bench.without_times(collab.board_document('$1', 'full')::jsonb) = bench.without_times(bench.peer('$1')::jsonb)") == t ]] ||
    { echo "bench: the peer's document of board $1 differs" >&2; exit 1; }
}

trello_import() {
  sql -c "CALL bench.compare('Trello import, 2,000 cards, 6,000 items, 1,000 comments, ms', NULL,
    \$\$SELECT collab.import_trello((SELECT id FROM collab.workspaces WHERE name = 'Bench'), (SELECT document FROM bench.export))->>'board_id'\$\$, NULL, 3)"
}

# Eight clients, each command on one of 200 boards; the peer inserts the same event's row and does nothing else.
commands() {
  local round side
  sql -f "$HERE/commands.sql" >/dev/null
  for ((round = 0; round < 3; round++)); do
    for side in ours peer; do
      sql -c "INSERT INTO bench.samples VALUES ('CREATE_TASK, 8 clients, per second', '$side', $(tps "$HERE/$side.pgbench"))"
    done
  done
}

tps() {
  PGDATABASE=bench pgbench -n -M prepared -c 8 -j 2 -T "$SECONDS_EACH" -f "$1" 2>/dev/null | sed -n 's/^tps = \([0-9.]*\).*/\1/p' | head -1
}

main() {
  if [[ -z ${COLLAB_TEST_CLUSTER:-} ]]; then
    COLLAB_TEST_DURABLE=1 exec "$HERE/../cluster.sh" run env BENCH_SIZES="$SIZES" BENCH_REPEATS="$REPEATS" \
      BENCH_SECONDS="$SECONDS_EACH" "$HERE/bench.sh"
  fi
  make_boards
  board_documents
  trello_import
  commands
  psql -Xq -d bench -P footer=off -c 'SELECT * FROM bench.report()'
}

main
