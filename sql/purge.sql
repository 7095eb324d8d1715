-- A deleted board can be purged, once and for all, and only by the one function; that it was is written down.
\i test/fixtures/team.sql
SET collab.snapshot_interval = 3;
SET collab.user_id = '1';
CREATE FUNCTION test.left_of(board uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	relation name;
	rows bigint;
	found text := '';
BEGIN
	FOR relation IN SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'board_id'
		WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind = 'r' ORDER BY 1 LOOP
		EXECUTE format('SELECT count(*) FROM collab.%I WHERE board_id = $1', relation) INTO rows USING board;
		IF rows > 0 THEN found := found || relation || ' ' || rows || ', '; END IF;
	END LOOP;
	RETURN found || 'boards ' || (SELECT count(*) FROM collab.boards WHERE id = board) || ', events ' || (SELECT count(*) FROM collab.events WHERE aggregate_id = board)
		|| ', aggregates ' || (SELECT count(*) FROM collab.aggregates WHERE id = board);
END
$$;
SELECT test.board('Plan') AS plan \gset
SELECT count(collab.create_task(:'plan', test.list('To do'), 'Task ' || n, assignees => ARRAY[3, 1])) FROM generate_series(1, 5) AS n;
SELECT (collab.create_board(test.workspace('Team'), 'Other')->'result'->>'board_id') AS other \gset
SELECT collab.create_task(:'other', title => 'Stays')->'changed' AS changed;
-- With a file, and one that another board has, too.
SELECT collab.upload('a.txt', 'Words', 'text/plain') AS file, collab.upload('b.txt', 'More words', 'text/plain') AS shared \gset
SELECT collab.add_attachment(test.task('Task 1'), 'a.txt', upload_id => :'file')->'changed' AS a, collab.add_attachment(test.task('Task 2'), 'b.txt', upload_id => :'shared')->'changed' AS b;
INSERT INTO collab.attachments SELECT :'other', gen_random_uuid(), gen_random_uuid(), user_id, name, url, content_type, size, sha256, upload_id, version, created_at, deleted_at
	FROM collab.attachments WHERE upload_id = :'shared';
SELECT test.left_of(:'plan'), (SELECT count(*) FROM collab.uploads) AS uploads;
-- Not while it lives
SELECT test.try(format($$ SELECT collab.purge(%L, 'Because') $$, :'plan'));
SELECT test.try($$ SELECT collab.purge('00000000-0000-0000-0000-000000000001', 'Because') $$);
SELECT test.try(format($$ SELECT collab.purge(%L, 'Because') $$, test.workspace('Team')));
SELECT collab.purge_deleted('0') AS purged;
-- Deleted, and the reason is wanted.
SELECT collab.delete_board(:'plan')->'changed' AS changed;
SELECT test.try(format($$ SELECT collab.purge(%L, %L) $$, :'plan', reason)) FROM unnest(ARRAY['', repeat('x', 1001)]) AS reason;
SELECT collab.purge(:'plan', NULL) IS NULL AS nothing_happened;
-- Nobody else gets events out, deleted board or not.
SELECT test.try(statement) FROM unnest(ARRAY['DELETE FROM collab.events', 'TRUNCATE collab.events', 'UPDATE collab.events SET user_id = 1']) AS statement;
-- By an admin's role, whose name is kept.
CREATE ROLE regress_purge_admin;
CREATE ROLE regress_purge_person;
SELECT collab.grant_access('regress_purge_admin', 'admin'), collab.grant_access('regress_purge_person', 'person', 1);
GRANT USAGE ON SCHEMA test TO regress_purge_admin, regress_purge_person;
SET ROLE regress_purge_person;
SELECT test.try(format($$ SELECT collab.purge(%L, 'Because') $$, :'plan'));
SELECT test.try('SELECT collab.purge_deleted()');
SET ROLE regress_purge_admin;
SELECT collab.purge(:'plan', 'Asked for by the customer') AS events;
SELECT test.try(format($$ SELECT collab.purge(%L, 'Again') $$, :'plan'));
RESET ROLE;
SELECT test.left_of(:'plan'), (SELECT string_agg(name, ', ') FROM collab.uploads) AS uploads;
SELECT test.left_of(:'other');
DELETE FROM collab.attachments WHERE board_id = :'other';
SELECT p.name, p.events, p.workspace_id = test.workspace('Team') AS workspace, p.first_event_id < p.last_event_id AS ids, p.first_event_at < p.last_event_at AS times,
	p.last_event_at = p.deleted_at AS since, p.purged_at > p.deleted_at AS then, p.purged_by, p.reason FROM collab.purges p;
-- The door is shut again, after a purge that failed, too.
SELECT test.try(statement) FROM unnest(ARRAY['DELETE FROM collab.events', 'DELETE FROM collab.events WHERE false', 'TRUNCATE collab.events']) AS statement;
SELECT collab.delete_board(:'other')->'changed' AS changed;
CREATE FUNCTION test.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
CREATE TRIGGER fail BEFORE DELETE ON collab.events FOR EACH ROW EXECUTE FUNCTION test.fail();
SELECT test.try(format($$ SELECT collab.purge(%L, 'Because') $$, :'other'));
DROP TRIGGER fail ON collab.events;
SELECT test.try('DELETE FROM collab.events');
SELECT count(*) AS purges FROM collab.purges;
-- After a time. Boards of a deleted workspace count as deleted.
SELECT collab.purge_deleted() AS purged_yet;
SELECT collab.create_workspace('Doomed')->'changed' AS changed;
SELECT collab.create_board(test.workspace('Doomed'), 'In it')->'changed' AS changed;
SELECT collab.delete_workspace(test.workspace('Doomed'))->'changed' AS changed;
SELECT test.try($$ SELECT collab.purge_deleted('-1 day') $$);
SELECT test.try($$ SELECT collab.purge_deleted(NULL) $$);
SELECT collab.purge_deleted('0') AS purged;
SELECT name, reason FROM collab.purges ORDER BY id = 1 DESC, name;
-- What is left is whole, and a resent command of the purged board is told that there is none.
SELECT * FROM collab.verify();
SELECT test.try(format($$ SELECT collab.create_task(%L, title => 'Late') $$, :'plan'));
DROP OWNED BY regress_purge_admin, regress_purge_person;
SELECT collab.revoke_access('regress_purge_admin'), collab.revoke_access('regress_purge_person');
DROP ROLE regress_purge_admin, regress_purge_person;
