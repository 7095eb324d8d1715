#!/usr/bin/env bash
# crash.sh: what was acknowledged is there, once, after a backend was killed and after the server was stopped without a
# checkpoint, in the middle of commands. Everything is then sent again under the same ids.
# shellcheck source=test/tap/tap.bash
source "$(dirname "${BASH_SOURCE[0]}")/tap.bash"

# A cluster of its own, with fsync on: the others must not be restarted.
CLUSTER=$SCRATCH/crash
COLLAB_TEST_DURABLE=1 test/cluster.sh start "$CLUSTER" >"$SCRATCH/environment"
trap 'test/cluster.sh stop "$CLUSTER"; rm -rf "$SCRATCH"' EXIT
# shellcheck source=/dev/null
source "$SCRATCH/environment"
export PGOPTIONS='-c collab.user_id=1 -c client_min_messages=warning'

DATABASE=tap_crash
WORKERS=4
COMMANDS=400 # each worker's
team_database $DATABASE
sql_script $DATABASE <<'SQL'
CREATE TABLE test.acknowledged (round int, worker int, n int, version int, replayed boolean);
-- Worker and number make the command id; odd workers write on one board, even ones on the other.
CREATE FUNCTION test.send(round int, worker int, n int) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(E'\t', round, worker, n, a->>'version', a->>'replayed')
	FROM collab.execute(jsonb_build_object('id', test.cid(round * 1000000 + worker * 10000 + n), 'type', 'CREATE_TASK', 'payload',
		jsonb_build_object('board_id', test.board((ARRAY['Plan', 'Other'])[worker % 2 + 1]), 'title', format('%s/%s/%s', round, worker, n)))) AS a
$$;
SQL

# worker ROUND NUMBER FILE: one command, one transaction; what is acknowledged is written down. The session asks for
# commits that need not be durable: an append's are all the same.
worker() {
  local round=$1 worker=$2 n
  for ((n = 1; n <= COMMANDS; n++)); do printf 'SELECT test.send(%d, %d, %d);\n' "$round" "$worker" $n; done |
    PGAPPNAME="worker $worker" PGOPTIONS="$PGOPTIONS -c synchronous_commit=off" sql_script $DATABASE >"$3" 2>>"$SCRATCH/errors"
}

answers() { sql postgres 'SELECT 1'; }
enough() { sql $DATABASE "SELECT 1 / (count(*) > 300)::int FROM collab.events WHERE event_data->'task'->>'title' LIKE '$1/%'"; }

# crash_round ROUND NAME CRASH: the workers start, the server crashes under them, and comes back.
crash_round() {
  local round=$1 name=$2 crash=$3 number_of processes=() failed=0 acknowledged
  for ((number_of = 1; number_of <= WORKERS; number_of++)); do
    worker "$round" "$number_of" "$SCRATCH/acks.$round.$number_of" &
    processes+=($!)
  done
  wait_for 60 enough "$round" || true
  "$crash"
  for number_of in "${processes[@]}"; do wait "$number_of" || ((++failed)); done
  # one may have been done in time; that all were would mean that nothing was interrupted
  is "$((failed > 0))" 1 "$name: workers were interrupted in the middle ($failed of $WORKERS)"
  wait_for 60 answers || true
  is "$(sql postgres 'SELECT pg_is_in_recovery()')" f "$name: the server is back"

  cat "$SCRATCH/acks.$round".* >"$SCRATCH/acks"
  acknowledged=$(wc -l <"$SCRATCH/acks")
  sql $DATABASE "\\copy test.acknowledged FROM '$SCRATCH/acks'"
  is "$((acknowledged > 100))" 1 "$name: commands had been acknowledged ($acknowledged)"
  is "$(sql $DATABASE "SELECT count(*) FROM test.acknowledged a WHERE round = $round AND NOT EXISTS (SELECT FROM collab.events e WHERE e.command_id = test.cid(round * 1000000 + worker * 10000 + n)
      AND e.version = a.version AND e.event_data->'task'->>'title' = format('%s/%s/%s', round, worker, n))")" 0 "$name: what was acknowledged is there, under its version"
  check_all "$name"

  # Whatever was in doubt is sent again: what had been done is only told again.
  for ((number_of = 1; number_of <= WORKERS; number_of++)); do worker "$round" "$number_of" "$SCRATCH/again.$number_of"; done
  cat "$SCRATCH"/again.* >"$SCRATCH/again"
  is "$(wc -l <"$SCRATCH/again")" $((WORKERS * COMMANDS)) "$name: sent again, every command is acknowledged"
  sql $DATABASE 'CREATE TABLE test.again (LIKE test.acknowledged)' "\\copy test.again FROM '$SCRATCH/again'"
  is "$(sql $DATABASE "SELECT count(*) FROM test.acknowledged a LEFT JOIN test.again b USING (round, worker, n) WHERE a.round = $round AND (b.version IS DISTINCT FROM a.version OR NOT b.replayed)")" 0 \
    "$name: … the acknowledged ones as a replay, under the same version"
  is "$(sql $DATABASE "SELECT count(*) FROM (SELECT command_id FROM collab.events WHERE event_data->'task'->>'title' LIKE '$round/%' GROUP BY 1 HAVING count(*) = 1) AS once")" $((WORKERS * COMMANDS)) "$name: every command is there once"
  sql $DATABASE 'DROP TABLE test.again'
  check_all "$name, sent again"
}

check_all() {
  is "$(sql $DATABASE 'SELECT count(*) FROM test.broken_logs')" 0 "$1: no log has a gap"
  is "$(sql $DATABASE 'SELECT count(*) FROM collab.verify()')" 0 "$1: verify finds nothing"
}

kill_a_backend() {
  kill -KILL "$(sql postgres "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'worker%' ORDER BY pid LIMIT 1")"
}

stop_at_once() {
  "$PGBIN/pg_ctl" -D "$CLUSTER/pgdata" -m immediate -w stop >/dev/null
  "$PGBIN/pg_ctl" -D "$CLUSTER/pgdata" -l "$CLUSTER/server.log" -w -t 60 start >/dev/null
}

crash_round 1 'kill -9 of a backend' kill_a_backend
crash_round 2 'an immediate stop' stop_at_once
is "$(sql $DATABASE 'SELECT count(*) FROM collab.epochs')" 1 'a restart opens no new epoch'
plan_done
