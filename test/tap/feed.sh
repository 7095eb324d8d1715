#!/usr/bin/env bash
# feed.sh: eight writers, whose transactions take as long as they happen to, and a consumer that reads meanwhile: it gets every
# event that is committed, once, and those of each board in their order. FEED_COMMANDS is each writer's number.
# shellcheck source=test/tap/tap.bash
source "$(dirname "${BASH_SOURCE[0]}")/tap.bash"
export PGOPTIONS='-c client_min_messages=warning'

WRITERS=8
COMMANDS=${FEED_COMMANDS:-150}
SEED=${FEED_SEED:-$RANDOM}
printf '# FEED_SEED=%s\n' "$SEED"
DATABASE=tap_feed
team_database $DATABASE

sql_script $DATABASE <<'SQL' >/dev/null
SET collab.user_id = '1';
SELECT collab.create_board((SELECT id FROM collab.workspaces WHERE name = 'Team'), 'Board ' || n) FROM generate_series(1, 4) AS n;
CREATE TABLE test.received (n bigserial, position text, epoch int, xid xid8, aggregate_id uuid, version int);
SELECT collab.subscribe('reader', true);
-- One page: received and acknowledged in one transaction, as a consumer does that writes where it reads.
CREATE FUNCTION test.consume(size int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	page bigint;
	last_position text;
BEGIN
	INSERT INTO test.received (position, aggregate_id, version) SELECT f.position, f.aggregate_id, f.version FROM collab.fetch('reader', size) AS f;
	GET DIAGNOSTICS page = ROW_COUNT;
	SELECT r.position INTO last_position FROM test.received r ORDER BY n DESC LIMIT 1;
	IF page > 0 AND NOT collab.ack('reader', last_position) THEN
		RAISE EXCEPTION 'position % was not ahead', last_position;
	END IF;
	RETURN page;
END
$$;
SQL

# Some alone, some several in one transaction, some rolled back; boards are shared, so that they also wait for each other.
writer() {
  local writer=$1 n
  RANDOM=$(((SEED + writer) % 32768))
  printf "SET collab.user_id = '%d';\n" $((writer % 2 + 1))
  for ((n = 0; n < COMMANDS; n++)); do
    case $((RANDOM % 6)) in
      0) printf 'BEGIN; SELECT collab.execute(%s); SELECT count(*) FROM generate_series(1, %d); SELECT collab.execute(%s); COMMIT;\n' "$(command "$writer")" $((RANDOM * 10)) "$(command "$writer")" ;;
      1) printf 'BEGIN; SELECT collab.execute(%s); ROLLBACK;\n' "$(command "$writer")" ;;
      *) printf 'SELECT collab.execute(%s);\n' "$(command "$writer")" ;;
    esac
  done
}

# A board of the writer's own choice; within a transaction always the same, so that two never wait for each other.
command() {
  printf "jsonb_build_object('type', 'CREATE_TASK', 'payload', jsonb_build_object('board_id', test.board('Board %d'), 'title', 'Task'))" $(($1 % 4 + 1))
}

processes=()
for ((w = 1; w <= WRITERS; w++)); do
  writer "$w" | sql_script $DATABASE >/dev/null 2>"$SCRATCH/errors.$w" &
  processes+=($!)
done

# Reads until the writers are done, in pages of all sizes.
(
  RANDOM=$((SEED % 32768))
  printf "SET collab.user_id = '1';\n"
  until [[ -e $SCRATCH/done ]]; do printf 'SELECT test.consume(%d);\n' $((RANDOM % 40 + 1)); done
) | sql_script $DATABASE >"$SCRATCH/pages" 2>"$SCRATCH/errors.reader" &
reader=$!

failed=0
for process in "${processes[@]}"; do wait "$process" || ((++failed)); done
touch "$SCRATCH/done"
wait "$reader" || ((++failed))
is "$failed$(cat "$SCRATCH"/errors.*)" 0 'no session ended with an error'
printf '# %s pages with events while the writers wrote\n' "$(grep -vc '^0$' "$SCRATCH/pages" || true)"
until [[ $(sql $DATABASE 'SELECT test.consume(500)') == 0 ]]; do :; done

is "$(sql $DATABASE 'SELECT count(*) FROM (SELECT aggregate_id, version FROM collab.events EXCEPT SELECT aggregate_id, version FROM test.received) AS missed')" 0 'no event was missed'
is "$(sql $DATABASE 'SELECT count(*) - count(DISTINCT (aggregate_id, version)) FROM test.received')" 0 'none came twice'
is "$(sql $DATABASE 'SELECT count(*) FROM (SELECT aggregate_id, version FROM test.received EXCEPT SELECT aggregate_id, version FROM collab.events) AS unknown')" 0 'none came that was rolled back'
is "$(sql $DATABASE 'SELECT count(*) FROM (SELECT version - lag(version) OVER (PARTITION BY aggregate_id ORDER BY n) AS step FROM test.received) AS s WHERE step <> 1')" 0 \
  'the events of each board came in their order'
is "$(sql $DATABASE "SELECT count(*) > $((WRITERS * COMMANDS / 2)) FROM test.received")" t 'there were many'
is "$(sql $DATABASE "SELECT lag_events, held_back_events FROM collab.admin_feeds")" '0|0' 'the reader is up to date'
plan_done
