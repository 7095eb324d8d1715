#!/usr/bin/env bash
# commit.sh: what fails at the very end, at commit, or waits too long, has not happened: no event, no row, no version, no
# NOTIFY; and the same command, sent again, goes through.
# shellcheck source=test/tap/tap.bash
source "$(dirname "${BASH_SOURCE[0]}")/tap.bash"
export PGOPTIONS='-c collab.user_id=1 -c client_min_messages=warning'

DATABASE=tap_commit
team_database $DATABASE

# A task called Bad is refused by a constraint trigger that fires at commit.
sql_script $DATABASE <<'SQL'
CREATE FUNCTION test.refuse_bad() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.title = 'Bad' THEN RAISE EXCEPTION 'refused at commit'; END IF;
	RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER refuse_bad AFTER INSERT ON collab.tasks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION test.refuse_bad();
SQL
state() { sql $DATABASE "SELECT (SELECT count(*) FROM collab.events), (SELECT count(*) FROM collab.tasks), (SELECT sum(version) FROM collab.aggregates), (SELECT sum(version) FROM collab.boards), (SELECT sum(task_count) FROM collab.lists)"; }
new_task="collab.create_task(test.board(), test.list(), 'Bad', command_id => test.cid(1))"
message="jsonb_build_object('type', 'CREATE_TASK', 'payload', jsonb_build_object('board_id', test.board(), 'list_id', test.list(), 'title', 'Bad'))::text"

before=$(state)
status=0
said=$(sql $DATABASE "SELECT 'acknowledged ' || ($new_task)::text" 2>"$SCRATCH/error") || status=$?
is "$status" 1 'a command that fails at commit ends with an error'
like "$(<"$SCRATCH/error")" 'refused at commit' '… which says why'
is "$said" '' '… and is not acknowledged'
is "$(state)" "$before" '… and left nothing behind'

# The same in a batch: commands before and after it go with it.
status=0
said=$(sql $DATABASE "SELECT kind FROM collab.execute_batch('{1,1,1}', ARRAY[test.cid(2), test.cid(1), test.cid(3)], ARRAY[test.new_list('Before'), $message, test.new_list('After', 'Other')])" 2>"$SCRATCH/error") || status=$?
is "$status/$said" '1/' 'a batch that fails at commit is not acknowledged'
like "$(<"$SCRATCH/error")" 'refused at commit' '… and says why'
is "$(state)" "$before" '… and left nothing behind, of any of its commands'

# In a transaction of several statements the COMMIT is what fails.
said=$(sql $DATABASE "BEGIN" "SELECT count(*) FROM (SELECT $new_task) AS t" "COMMIT" 2>&1) || true
like "$said" '^1.*refused at commit' 'in a transaction COMMIT fails'
is "$(state)" "$before" '… and left nothing behind'

# Nobody heard of it; what goes through next has the version that the failed one would have had, and is heard of.
said=$("$PGBIN/psql" -XqAt -d $DATABASE 2>&1 <<SQL
SELECT 'LISTEN "collab:board:' || test.board() || '"' \gexec
SELECT $new_task;
SELECT 'between';
SELECT collab.create_list(test.board(), 'Good')->'version';
SQL
)
like "$said" $'refused at commit.*\nbetween\n2\nAsynchronous notification "collab:board:[^"]*" with payload "\\{"board_id": "[^"]*", "version": 2\\}"' 'the failed command is not announced, the next one is'
is "$(grep -c Asynchronous <<<"$said")" 1 '… once'

# Sent again when the reason is gone: carried out, not replayed.
sql $DATABASE "DROP TRIGGER refuse_bad ON collab.tasks"
is "$(sql $DATABASE "SELECT a->>'version', a->>'replayed' FROM $new_task AS a")" '3|false' 'sent again, the command is carried out'
is "$(sql $DATABASE "SELECT a->>'version', a->>'replayed' FROM $new_task AS a")" '3|true' '… once'

# A lock time-out fails the whole batch with an SQL error; nothing of it is written, and it can be sent again.
session_open $DATABASE
session_do "BEGIN; SELECT version FROM collab.aggregates WHERE id = test.board('Other') FOR UPDATE;" >/dev/null
before=$(state)
batch="SELECT command, kind FROM collab.execute_batch('{1,1}', ARRAY[test.cid(10), test.cid(11)], ARRAY[test.new_list('One'), test.new_list('Two', 'Other')]) WHERE kind <> 'event'"
status=0
said=$(PGOPTIONS="$PGOPTIONS -c lock_timeout=200ms" sql $DATABASE "\\set VERBOSITY verbose" "$batch" 2>"$SCRATCH/error") || status=$?
is "$status/$said" '1/' 'a batch that waits longer than lock_timeout is not acknowledged'
like "$(<"$SCRATCH/error")" '55P03' '… and gets 55P03'
is "$(state)" "$before" '… and left nothing behind, also on the board that was free'

# A session that is ended while it waits has done nothing either.
PGAPPNAME=waiting sql $DATABASE "$batch" >"$SCRATCH/out" 2>"$SCRATCH/error" &
waiting=$!
is_waiting="SELECT 1 / count(*) FROM pg_stat_activity WHERE application_name = 'waiting' AND wait_event_type = 'Lock'"
wait_for 30 sql $DATABASE "$is_waiting" || true
is "$(sql $DATABASE "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'waiting'")" 1 'a session that waits for a board is terminated'
status=0
wait $waiting || status=$?
is "$status/$(<"$SCRATCH/out")" '2/' '… it is not acknowledged'
is "$(state)" "$before" '… and left nothing behind'
session_do 'ROLLBACK;' >/dev/null
session_close
is "$(sql $DATABASE "$batch")" $'1|ack\n2|ack' 'sent again with the same ids, the batch is carried out'

is "$(sql $DATABASE 'SELECT count(*) FROM test.broken_logs')" 0 'no log has a gap'
is "$(sql $DATABASE 'SELECT count(*) FROM collab.verify()')" 0 'verify finds nothing'
plan_done
