-- Users: made at first sight, kept current, with handles of their own.
\i test/fixtures/helpers.sql
SELECT * FROM collab.upsert_user('idp', 'alice-1', 'Alice Moreau', 'https://example.com/a.png');
SELECT * FROM collab.upsert_user('idp', 'alice-1');
SELECT * FROM collab.upsert_user('idp', 'alice-1', 'Alice M.', 'https://example.com/b.png');
-- The handle stays when the name changes; another of the same name gets another handle.
SELECT * FROM collab.upsert_user('idp', 'alice-2', 'Alice Moreau');
SELECT * FROM collab.upsert_user('idp', 'alice-3', 'ALICE  moreau');
-- Issuer and subject together name the user.
SELECT * FROM collab.upsert_user('other', 'alice-1', 'Alice of another house');
-- Names: trimmed, without control characters; handles: ASCII, or "user" where nothing is left.
SELECT * FROM collab.upsert_user('idp', 'jurgen', E'  Jürgen\tÉmile \n ');
SELECT * FROM collab.upsert_user('idp', 'cn', '王小明');
SELECT * FROM collab.upsert_user('idp', 'cn2', '王大明');
SELECT * FROM collab.upsert_user('idp', 'dots', '._-.');
SELECT * FROM collab.upsert_user('idp', 'no name');
SELECT * FROM collab.upsert_user('idp', 'blank', '   ');
SELECT user_id, length(username) AS name_length, length(handle) AS handle_length
	FROM collab.upsert_user('idp', 'long', repeat('x', 300));
SELECT user_id, username IS NOT NULL AS named, length(handle) <= 63 AS short
	FROM collab.upsert_user('idp', 'hy', repeat('ab-', 30));
-- Where many share a name the number ends, and random digits go on.
SELECT n, handle FROM generate_series(1, 9) AS n, LATERAL collab.upsert_user('many', 'n' || n, 'Kim') ORDER BY n;
SELECT count(*) AS more, bool_and(handle ~ '^kim-[0-9a-f]{8}$') AS random FROM generate_series(10, 20) AS n, LATERAL collab.upsert_user('many', 'n' || n, 'Kim');
-- Nothing changed: nothing written.
SELECT xmin AS before FROM collab.users WHERE id = 1 \gset
SELECT user_id FROM collab.upsert_user('idp', 'alice-1', 'Alice M.', 'https://example.com/b.png');
SELECT xmin = :'before'::xid AS untouched FROM collab.users WHERE id = 1;
-- Refused
SELECT test.try($$ SELECT collab.upsert_user('trello', 'x', 'X') $$);
SELECT test.try($$ SELECT collab.upsert_user('', 'x', 'X') $$);
SELECT test.try($$ SELECT collab.upsert_user(NULL, 'x', 'X') $$);
SELECT test.try($$ SELECT collab.upsert_user('idp', NULL, 'X') $$);
SELECT test.try($$ SELECT collab.upsert_user('idp', repeat('s', 501), 'X') $$);
SELECT test.try($$ SELECT collab.upsert_user('idp', 'x', 'X', repeat('a', 2001)) $$);
SELECT count(*) AS users, count(DISTINCT handle) AS handles FROM collab.users;
-- A placeholder of an import is a user of the issuer trello: nobody can log in as it.
SELECT collab.put_user('trello', '5fcbec03c670ab79e1f625b2', 'Dmitri', NULL, 'dmitri_k') AS placeholder;
SELECT issuer, subject, name, handle FROM collab.users WHERE issuer = 'trello';
SELECT collab.put_user('trello', '5fcbec03c670ab79e1f625b2', 'Dmitri', NULL, 'dmitri_k') AS same_placeholder;
-- Somebody who logs in does not become it, whatever name he brings.
SELECT * FROM collab.upsert_user('idp', 'dmitri', 'dmitri_k');
-- Ids are what JSON can hold exactly.
SELECT test.try($$ INSERT INTO collab.users (id, issuer, subject, name, handle) VALUES (9007199254740992, 'a', 'b', 'c', 'd') $$);
-- A deactivated user: no row at login, no command, and nothing to see.
SET collab.user_id = '1';
SELECT collab.create_workspace('Team')->'changed' AS changed;
SELECT collab.add_member(test.workspace('Team'), 2, 'owner')->'changed' AS changed;
SELECT collab.create_board(test.workspace('Team'), 'Plan')->'changed' AS changed;
UPDATE collab.users SET deactivated_at = now() WHERE id = 1;
SELECT * FROM collab.upsert_user('idp', 'alice-1', 'Alice M.');
SELECT test.try($$ SELECT collab.create_workspace('More') $$);
SELECT test.try($$ SELECT collab.create_list(test.board('Plan'), 'More') $$);
SELECT test.try($$ SELECT collab.board_state(test.board('Plan')) $$) <> 'ok' AS state_is_refused;
SELECT code FROM collab.room_state(1, test.board('Plan'), 'full');
SELECT code, resumable FROM collab.room_resume(1, test.board('Plan'), 1, NULL);
SELECT user_ids FROM collab.room_readers(test.board('Plan'));
SELECT test.mask(collab.user_workspaces(1));
CREATE FUNCTION test.sees(relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	seen bigint;
BEGIN
	EXECUTE 'SELECT count(*) FROM ' || relation INTO seen;
	RETURN CASE seen WHEN 0 THEN 'nothing' ELSE seen || ' rows' END;
EXCEPTION WHEN SQLSTATE 'TB009' THEN
	RETURN 'nothing';
END
$$;
SELECT relname, test.sees(oid) FROM pg_class WHERE relnamespace = 'collab'::regnamespace AND relkind = 'v' AND relname LIKE 'visible%' AND test.sees(oid) <> 'nothing';
-- Others cannot add or assign him any more, and he does not count to the limit.
SET collab.user_id = '2';
SELECT collab.create_workspace('Second team')->'changed' AS changed;
SELECT test.try($$ SELECT collab.add_member(test.workspace('Second team'), 1) $$);
UPDATE collab.users SET deactivated_at = NULL WHERE id = 1;
SET collab.user_id = '1';
SELECT test.try($$ SELECT collab.board_state(test.board('Plan')) $$) AS active_again;
