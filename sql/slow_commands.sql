-- Commands that took longer than collab.slow_command are written down, without what they said.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SHOW collab.slow_command;
TRUNCATE collab.slow_commands;
SET collab.slow_command = -1;
SELECT collab.create_task(test.board('Plan'), title => 'Quick')->'changed' AS changed;
SELECT count(*) FROM collab.slow_commands;
SET collab.slow_command = 0;
SELECT collab.create_task(test.board('Plan'), title => 'Secret words')->'changed' AS changed;
SELECT collab.create_workspace('Elsewhere')->'changed' AS changed;
SELECT command, user_id, username, aggregate_name, duration_ms >= lock_ms AS plausible, lock_ms >= 0 AS waited, at < clock_timestamp() AS before_now FROM collab.admin_slow_commands ORDER BY at;
SELECT count(*) AS said FROM collab.slow_commands s WHERE s::text LIKE '%Secret%';
-- In a batch each has its own time, refused ones too; what is unknown has none.
TRUNCATE collab.slow_commands;
SELECT kind, code FROM collab.execute_batch(ARRAY[3, 4, 3]::bigint[], ARRAY[test.cid(1), test.cid(2), test.cid(3)], ARRAY[
	jsonb_build_object('type', 'CREATE_TASK', 'payload', jsonb_build_object('board_id', test.board('Plan'), 'title', 'A')),
	jsonb_build_object('type', 'CREATE_TASK', 'payload', jsonb_build_object('board_id', test.board('Plan'), 'title', 'B')),
	jsonb_build_object('type', 'NO_SUCH_COMMAND', 'payload', '{}'::jsonb)]::text[]) WHERE kind <> 'event';
SELECT command, username, aggregate_name FROM collab.admin_slow_commands ORDER BY username;
-- A resent one
SELECT code FROM collab.execute_batch(ARRAY[3]::bigint[], ARRAY[test.cid(1)], ARRAY[
	jsonb_build_object('type', 'CREATE_TASK', 'payload', jsonb_build_object('board_id', test.board('Plan'), 'title', 'A'))]::text[]) WHERE kind <> 'event';
SELECT count(*) FROM collab.slow_commands;
-- The newest are kept.
INSERT INTO collab.slow_commands (command, user_id, duration_ms, lock_ms, at) SELECT 'MOVE_TASK', 3, n, 0, now() FROM generate_series(1, 10050) AS n;
SELECT collab.clean_slow_commands() AS forgotten;
SELECT count(*), max(duration_ms) AS newest FROM collab.slow_commands;
SELECT collab.clean_slow_commands(10) AS forgotten, collab.clean_slow_commands(10) AS again;
SELECT count(*), min(duration_ms) AS oldest FROM collab.slow_commands WHERE command = 'MOVE_TASK';
-- Every thousandth cleans by itself.
INSERT INTO collab.slow_commands (command, user_id, duration_ms, lock_ms, at) SELECT 'MOVE_TASK', 3, n, 0, now() FROM generate_series(1, 10500) AS n;
SELECT setval('collab.slow_commands_id_seq', 20999) AS next;
SELECT collab.create_task(test.board('Plan'), title => 'The thousandth')->'changed' AS changed;
SELECT count(*) FROM collab.slow_commands;
SELECT collab.clean_slow_commands(0) > 0 AS forgotten, count(*) AS in_this_snapshot FROM collab.slow_commands;
SELECT count(*) FROM collab.slow_commands;
