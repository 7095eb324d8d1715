-- The read model can be made again from the events, and verify tells whether it has to.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), 'Task ' || n, assignees => ARRAY[3, 1])) FROM generate_series(1, 5) AS n;
SELECT collab.move_task(test.task('Task 2'), test.list('Done'), 0)->'changed' AS changed;
SELECT collab.delete_task(test.task('Task 3'))->'changed' AS changed;
SELECT collab.update_task(test.task('Task 4'), '{"config": {"a": {"b": 1}}, "status": "doing"}')->'changed' AS changed;
\set export `cat test/fixtures/trello-full.json`
SELECT collab.import_trello(test.workspace('Team'), :'export')->'imported'->'tasks' AS tasks;
-- All is well.
SELECT * FROM collab.verify();
SELECT collab.verify_aggregate(test.board('Plan')) AS difference;
-- Everything as text, to compare before and after.
CREATE FUNCTION test.fingerprint() RETURNS TABLE (relation text, rows bigint, hash text) LANGUAGE plpgsql AS $$
BEGIN
	FOREACH relation IN ARRAY ARRAY['workspaces', 'members', 'boards', 'lists', 'tasks', 'task_assignees', 'labels', 'task_labels', 'checklists', 'checklist_items', 'comments'] LOOP
		EXECUTE format('SELECT count(*), md5(coalesce(string_agg(r::text, chr(10) ORDER BY r::text), '''')) FROM collab.%I r', relation) INTO rows, hash;
		RETURN NEXT;
	END LOOP;
END
$$;
CREATE TABLE test.before AS SELECT * FROM test.fingerprint();
SELECT relation, rows > 0 AS has_rows FROM test.before;
SELECT collab.rebuild(test.board('Plan')) = version AS to_the_head FROM collab.boards WHERE name = 'Plan';
SELECT collab.rebuild(test.workspace('Team')) AS workspace_version;
SELECT collab.rebuild_all() = (SELECT count(*) FROM collab.aggregates) AS all_rebuilt;
SELECT b.relation FROM test.before b JOIN test.fingerprint() f USING (relation) WHERE (b.rows, b.hash) IS DISTINCT FROM (f.rows, f.hash);
-- Each table tampered with is found, named, and repaired.
CREATE FUNCTION test.tamper(statement text) RETURNS TABLE (kind text, difference text, after_rebuild bigint) LANGUAGE plpgsql AS $$
DECLARE
	board uuid;
BEGIN
	EXECUTE statement;
	FOR board, kind, difference IN SELECT * FROM collab.verify() LOOP
		difference := regexp_replace(difference, ' is .*', '');
		PERFORM collab.rebuild(board);
		after_rebuild := (SELECT count(*) FROM collab.verify());
		RETURN NEXT;
	END LOOP;
END
$$;
SELECT left(statement, 58) AS statement, t.* FROM unnest(ARRAY[
	$$UPDATE collab.tasks SET title = 'Forged' WHERE title = 'Task 1'$$,
	$$UPDATE collab.tasks SET rank = rank + 1 WHERE title = 'Task 1'$$,
	$$UPDATE collab.tasks SET deleted_at = NULL WHERE title = 'Task 3'$$,
	$$DELETE FROM collab.task_assignees WHERE user_id = 1 AND task_id = test.task('Task 1')$$,
	$$UPDATE collab.task_assignees SET ordinal = 9 WHERE user_id = 1 AND task_id = test.task('Task 1')$$,
	$$UPDATE collab.lists SET task_count = task_count + 1 WHERE id = test.list('Done')$$,
	$$UPDATE collab.lists SET name = 'Forged' WHERE id = test.list('Done')$$,
	$$INSERT INTO collab.labels VALUES (test.board('Plan'), test.cid(1), 'Forged', 'red', now())$$,
	$$UPDATE collab.boards SET version = version + 1 WHERE name = 'Plan'$$,
	$$UPDATE collab.boards SET settings = '{}' WHERE name = 'Plan'$$,
	$$UPDATE collab.comments SET text = 'Forged' WHERE id = (SELECT id FROM collab.comments LIMIT 1)$$,
	$$DELETE FROM collab.task_labels WHERE ctid = (SELECT ctid FROM collab.task_labels LIMIT 1)$$,
	$$UPDATE collab.checklists SET name = 'Forged' WHERE id = (SELECT id FROM collab.checklists LIMIT 1)$$,
	$$UPDATE collab.checklist_items SET checked = NOT checked WHERE id = (SELECT id FROM collab.checklist_items LIMIT 1)$$,
	$$UPDATE collab.members SET role = 'owner' WHERE user_id = 4$$,
	$$DELETE FROM collab.members WHERE user_id = 4 AND role = 'viewer'$$,
	$$UPDATE collab.workspaces SET name = 'Forged' WHERE name = 'Team'$$]) AS statement, test.tamper(statement) AS t;
SELECT b.relation FROM test.before b JOIN test.fingerprint() f USING (relation) WHERE (b.rows, b.hash) IS DISTINCT FROM (f.rows, f.hash);
-- The difference shows both.
UPDATE collab.lists SET name = 'Forged' WHERE id = test.list('Done');
SELECT aggregate_type, regexp_replace(test.mask(difference), '"?\d{4}-[^,)]*|\d{6,}|[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d [^,)]*', '…', 'g') AS difference FROM collab.verify();
-- Only this board was asked for: another is not looked at.
SELECT count(*) AS differing FROM collab.verify(test.workspace('Team'));
SELECT count(*) AS differing FROM collab.verify(test.board('Plan'));
-- verify changes nothing.
SELECT name FROM collab.lists WHERE id = (SELECT id FROM collab.lists WHERE name = 'Forged');
SELECT collab.rebuild(test.board('Plan')) > 0 AS rebuilt;
-- Commands go on afterwards, at the next version.
SELECT collab.create_task(test.board('Plan'), test.list('Done'), 'After')->'changed' AS changed;
SELECT * FROM collab.verify();
-- An error inside leaves the caller who and where he was.
CREATE ROLE regress_rebuild;
SELECT collab.grant_access('regress_rebuild', 'admin');
GRANT USAGE ON SCHEMA test TO regress_rebuild;
SET ROLE regress_rebuild;
SELECT test.try($$ SELECT collab.verify_aggregate('00000000-0000-0000-0000-000000000001') $$);
SELECT current_user;
SELECT test.try($$ SELECT collab.rebuild('00000000-0000-0000-0000-000000000001') $$);
SELECT current_user;
RESET ROLE;
SELECT collab.revoke_access('regress_rebuild');
REVOKE ALL ON SCHEMA test FROM regress_rebuild;
DROP ROLE regress_rebuild;
-- A log that cannot be replayed is a difference like any other, and hides none.
BEGIN;
COPY (SELECT 1000000, aggregate_id, aggregate_type, event_type, event_data, user_id, (SELECT max(version) + 1 FROM collab.events
	WHERE aggregate_id = test.board('Plan')), created_at, NULL, NULL, acl_version, schema_version, xid, epoch FROM collab.events
	WHERE aggregate_id = test.board('Plan') AND event_type = 'TaskCreated' LIMIT 1) TO '/tmp/regress_rebuild.copy';
COPY collab.events FROM '/tmp/regress_rebuild.copy';
\! rm -f /tmp/regress_rebuild.copy
UPDATE collab.comments SET text = 'Forged' WHERE id = (SELECT id FROM collab.comments LIMIT 1);
SELECT b.name, left(difference, 15) = 'collab.comments' AS comments FROM collab.verify() v JOIN collab.boards b ON b.id = v.differing_id ORDER BY 1;
ROLLBACK;
-- Nothing to verify
SELECT count(*) FROM collab.verify('00000000-0000-0000-0000-000000000001');
