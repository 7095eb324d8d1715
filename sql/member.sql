-- ADD_MEMBER: who may give which role, and how many there may be.
\i test/fixtures/helpers.sql
SELECT count(*) AS users FROM generate_series(1, 12) AS n, LATERAL collab.upsert_user('test', 'u' || n, 'User ' || n) AS u;
SET collab.user_id = '1';
SELECT collab.create_workspace('Team')->'changed' AS changed;
SELECT ack.* FROM collab.add_member(test.workspace('Team'), 2, 'admin', test.cid(1)) AS a, test.ack(a) AS ack;
SELECT event->>'type' AS type, payload - ARRAY['event', 'timestamp', 'workspace_id'] AS payload
	FROM collab.add_member(test.workspace('Team'), 3, 'member') AS a, jsonb_array_elements(a->'events') AS event,
	jsonb_extract_path(event, 'payload') AS payload;
SELECT collab.add_member(test.workspace('Team'), 4, 'viewer')->'version' AS version;
-- The default role is member.
SELECT collab.add_member(test.workspace('Team'), 5)->'version' AS version;
SELECT collab.add_member(test.workspace('Team'), 6, 'owner')->'version' AS version;
SELECT username, role FROM collab.visible_members WHERE workspace_id = test.workspace('Team') ORDER BY user_id;
SELECT * FROM test.log(test.workspace('Team'));
-- Again with the same role: nothing to do. With another: changing a role is another command.
SELECT ack.* FROM collab.add_member(test.workspace('Team'), 3, 'member') AS a, test.ack(a) AS ack;
SELECT test.try($$ SELECT collab.add_member(test.workspace('Team'), 3, 'viewer') $$);
-- Resent
SELECT ack.* FROM collab.add_member(test.workspace('Team'), 2, 'admin', test.cid(1)) AS a, test.ack(a) AS ack;
-- What each role may give.
CREATE FUNCTION test.gives(giver bigint, given collab.workspace_role) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	outcome text;
BEGIN
	PERFORM set_config('collab.user_id', giver::text, true);
	outcome := test.try(format('SELECT collab.add_member(%L, 9, %L)', test.workspace('Team'), given));
	IF outcome = 'ok' THEN
		RAISE EXCEPTION SQLSTATE 'XX999'; -- takes the member back
	END IF;
	RETURN outcome;
EXCEPTION WHEN SQLSTATE 'XX999' THEN
	RETURN 'ok';
END
$$;
SELECT giver.name AS giver, given, test.gives(giver.id, given) AS outcome
	FROM (VALUES (1, 'owner', 1), (2, 'admin', 2), (3, 'member', 3), (4, 'viewer', 4), (5, 'outsider', 12)) AS giver (n, name, id),
		unnest(enum_range(NULL::collab.workspace_role)) AS given
	ORDER BY giver.n, given;
-- No such thing, no such user
SELECT test.try($$ SELECT collab.add_member('00000000-0000-0000-0000-000000000001', 9) $$);
SELECT test.try($$ SELECT collab.add_member(test.workspace('Team'), 999) $$);
SELECT test.try($$ SELECT collab.add_member(test.workspace('Team'), 0) $$);
SELECT test.try($$ SELECT collab.add_member(test.workspace('Team'), NULL) $$);
SELECT test.try($$ SELECT collab.execute(jsonb_build_object('type', 'ADD_MEMBER', 'payload',
	jsonb_build_object('workspace_id', test.workspace('Team'), 'user_id', 9, 'role', 'king'))) $$);
SELECT test.try($$ SELECT collab.execute(jsonb_build_object('type', 'ADD_MEMBER', 'payload',
	jsonb_build_object('workspace_id', test.workspace('Team'), 'user_id', '9', 'role', 'member'))) $$);
-- A board is not a workspace.
SELECT collab.create_board(test.workspace('Team'), 'Plan')->'changed' AS changed;
SELECT test.try($$ SELECT collab.add_member(test.board('Plan'), 9) $$);
-- The limit counts people, not the placeholders of imports.
SHOW collab.member_limit;
SET collab.member_limit = 7;
SELECT collab.put_user('trello', 't1', 'Placeholder', NULL, NULL) AS placeholder;
SELECT test.try($$ SELECT collab.add_member(test.workspace('Team'), 7, 'viewer') $$);
SELECT count(*) FROM collab.members WHERE workspace_id = test.workspace('Team');
SELECT test.try($$ SELECT collab.add_member(test.workspace('Team'), 8, 'viewer') $$);
SELECT test.try($$ SELECT collab.add_member(test.workspace('Team'), 3, 'member') $$) AS already_in;
SET collab.member_limit = 8;
SELECT test.try($$ SELECT collab.add_member(test.workspace('Team'), 8, 'viewer') $$);
SELECT test.try($$ SET collab.member_limit = 0 $$);
-- It is the administrator's setting.
CREATE ROLE regress_member;
SET ROLE regress_member;
SET collab.member_limit = 1000;
RESET ROLE;
DROP ROLE regress_member;
RESET collab.member_limit;
-- A new member sees all boards of the workspace, and its events carry the rights' version.
SET collab.user_id = '8';
SELECT name FROM collab.visible_boards WHERE workspace_id = test.workspace('Team') ORDER BY name;
SET collab.user_id = '3';
SELECT collab.create_list(test.board('Plan'), 'Ideas')->'changed' AS changed;
SELECT e.acl_version = a.acl_version AS under_current_rights FROM collab.events e, collab.aggregates a
	WHERE e.aggregate_id = test.board('Plan') AND e.event_type = 'ListCreated' AND a.id = test.workspace('Team');
SELECT acl_version = (SELECT acl_version FROM collab.aggregates WHERE id = test.workspace('Team')) AS agrees, user_ids
	FROM collab.room_readers(test.board('Plan'));
SELECT * FROM collab.verify();
