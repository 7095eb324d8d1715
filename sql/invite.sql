-- CREATE_INVITE, REVOKE_INVITE, JOIN_BY_INVITE.
\i test/fixtures/team.sql
SELECT count(*) AS guests FROM generate_series(6, 16) AS n, LATERAL collab.upsert_user('test', 'guest' || n, 'Guest ' || n) AS u;
CREATE FUNCTION test.join(actor bigint, token text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('collab.user_id', actor::text, true);
	RETURN test.try(format('SELECT collab.join_by_invite(%L)', token));
END
$$;
CREATE FUNCTION test.invite(token text) RETURNS uuid LANGUAGE sql AS $$
	SELECT id FROM collab.invites WHERE token_hash = encode(sha256(token::bytea), 'hex')
$$;
SET collab.user_id = '1';
SELECT collab.create_invite(test.workspace('Team'), 'viewer', 3600, 2, test.cid(1)) AS ack \gset
SELECT * FROM test.ack(:'ack');
SELECT :'ack'::jsonb->'result'->>'token' AS token, :'ack'::jsonb->'result'->>'invite_id' AS invite \gset
SELECT :'token' ~ '^[A-Za-z0-9_-]{43}$' AS is_base64url, test.invite(:'token') = :'invite' AS found_by_its_hash;
-- The event shows everything but the token; its hash stays in the log.
SELECT jsonb_object_keys(event_data) AS key FROM collab.events WHERE event_type = 'InviteCreated';
SELECT jsonb_object_keys(payload) AS key FROM jsonb_path_query(:'ack', '$.events[*].payload') AS payload;
SELECT (payload->'invite') - ARRAY['id', 'expires_at'] AS invite, (payload#>>'{invite,expires_at}')::timestamptz - (payload->>'timestamp')::timestamptz AS lives
	FROM jsonb_path_query(:'ack', '$.events[*].payload') AS payload;
SELECT count(*) AS rows_with_the_token FROM collab.events e, collab.invites i
	WHERE strpos(e::text, :'token') > 0 OR strpos(i::text, :'token') > 0;
-- Resent: the same token. Every other invite has its own.
SELECT :'ack'::jsonb->'result' = again->'result' AS same_token, again->'replayed' AS replayed
	FROM collab.create_invite(test.workspace('Team'), 'viewer', 3600, 2, test.cid(1)) AS again;
SELECT count(DISTINCT collab.create_invite(test.workspace('Team'))#>>'{result,token}') AS tokens FROM generate_series(1, 3);
SELECT (SELECT collab.create_workspace('Other')->'changed') AS changed,
	collab.create_invite(test.workspace('Other'), 'viewer', 3600, 2, test.cid(1))#>>'{result,token}' <> :'token' AS same_id_in_another_workspace_has_its_own;
SELECT role, expires_at, max_uses, uses, created_by FROM collab.workspace_invites(test.workspace('Team')) WHERE id <> :'invite' LIMIT 1;
SELECT name, length(value) FROM collab.secrets;
-- Join: with the invite's role, counted; a member already: nothing to do.
SET collab.user_id = '6';
SELECT collab.join_by_invite(:'token', test.cid(2)) AS ack \gset
SELECT * FROM test.ack(:'ack');
SELECT :'ack'::jsonb->>'workspace_id' = test.workspace('Team')::text AS says_where;
SELECT payload - ARRAY['event', 'timestamp', 'workspace_id', 'command_id', 'invite_id'] AS payload, payload->>'invite_id' = :'invite' AS says_how
	FROM jsonb_path_query(:'ack', '$.events[*].payload') AS payload;
SELECT ack.* FROM collab.join_by_invite(:'token', test.cid(2)) AS a, test.ack(a) AS ack;
SELECT ack.* FROM collab.join_by_invite(:'token') AS a, test.ack(a) AS ack;
SELECT role FROM collab.visible_workspaces WHERE name = 'Team';
SELECT test.join(7, :'token');
SELECT test.join(8, :'token');
SELECT test.join(7, :'token') AS member_already;
SELECT uses FROM collab.invites WHERE id = :'invite';
-- Refused: unknown, malformed, expired, revoked; revoked comes before expired, expired before used up.
SELECT test.join(8, repeat('A', 43));
SELECT test.join(8, 'no token!');
SELECT test.join(8, repeat('A', 201));
SELECT test.join(8, NULL);
UPDATE collab.invites SET expires_at = created_at WHERE id = :'invite';
SELECT test.join(8, :'token');
SET collab.user_id = '2';
SELECT ack.* FROM collab.revoke_invite(:'invite', test.cid(3)) AS a, test.ack(a) AS ack;
SELECT ack.* FROM collab.revoke_invite(:'invite') AS a, test.ack(a) AS ack;
SELECT ack.* FROM collab.revoke_invite(:'invite', test.cid(3)) AS a, test.ack(a) AS ack;
SELECT test.join(8, :'token');
SELECT test.join(6, :'token') AS member_already;
SELECT test.try(format('SELECT collab.join_by_invite(%L)', repeat('A', 43)));
SELECT test.try($$ SELECT collab.revoke_invite('00000000-0000-0000-0000-000000000001') $$);
UPDATE collab.invites SET expires_at = created_at + interval '1 hour' WHERE id = :'invite';
-- The bridge's way: the same token in the answer and again when it is resent, in no event.
CREATE FUNCTION test.invite_batch() RETURNS TABLE (kind text, code text, token text, body jsonb) LANGUAGE sql AS $$
	SELECT kind, code, body::jsonb#>>'{result,token}', body::jsonb FROM collab.execute_batch('{1}', ARRAY[test.cid(4)],
		ARRAY[jsonb_build_object('type', 'CREATE_INVITE', 'payload', jsonb_build_object('workspace_id', test.workspace('Team'), 'max_uses', 1))::text])
$$;
CREATE TABLE test.answers AS SELECT 1 AS sent, * FROM test.invite_batch();
INSERT INTO test.answers SELECT 2, * FROM test.invite_batch();
SELECT sent, kind, code, token IS NOT NULL AS has_token, strpos(body::text, (SELECT min(token) FROM test.answers)) > 0 AS shows_it FROM test.answers ORDER BY sent, kind;
SELECT count(DISTINCT token) AS tokens, bool_and(test.invite(token) IS NOT NULL) AS good FROM test.answers WHERE token IS NOT NULL;
-- Who may invite, and as what.
CREATE FUNCTION test.invites(actor bigint, given collab.workspace_role) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	outcome text;
BEGIN
	PERFORM set_config('collab.user_id', actor::text, true);
	outcome := test.try(format('SELECT collab.create_invite(%L, %L)', test.workspace('Team'), given));
	RETURN CASE left(outcome, 5) WHEN 'TB002' THEN 'not found' WHEN 'TB003' THEN 'forbidden' ELSE outcome END;
END
$$;
SELECT actor.name AS actor, string_agg(given || ' ' || test.invites(actor.id, given), ', ' ORDER BY given) AS invites
	FROM (VALUES (1, 'owner', 1), (2, 'admin', 2), (3, 'member', 3), (4, 'viewer', 4), (5, 'outsider', 5)) AS actor (n, name, id),
		unnest(enum_range(NULL::collab.workspace_role)) AS given GROUP BY actor.n, actor.name ORDER BY actor.n;
SET collab.user_id = '2';
SELECT test.try($$ SELECT collab.create_invite(test.workspace('Team'), 'admin') $$);
SELECT test.try($$ SELECT collab.create_invite(test.workspace('Team'), expires_in => 0) $$);
SELECT test.try($$ SELECT collab.create_invite(test.workspace('Team'), expires_in => 100000000) $$);
SELECT test.try($$ SELECT collab.create_invite(test.workspace('Team'), max_uses => 0) $$);
-- Only admins and owners see them, and nobody the hash.
SELECT attname AS column FROM unnest((SELECT proargnames FROM pg_proc WHERE oid = 'collab.workspace_invites'::regproc)) AS attname;
SELECT test.try($$ SELECT * FROM collab.workspace_invites(test.workspace('Team')) $$) AS admin;
SET collab.user_id = '3';
SELECT test.try($$ SELECT * FROM collab.workspace_invites(test.workspace('Team')) $$) AS member;
SELECT test.try(format('SELECT collab.revoke_invite(%L)', :'invite')) AS member;
SET collab.user_id = '5';
SELECT test.try($$ SELECT * FROM collab.workspace_invites(test.workspace('Team')) $$) AS outsider;
SELECT test.try(format('SELECT collab.revoke_invite(%L)', :'invite')) AS outsider;
-- The limit of members holds here too.
SET collab.user_id = '1';
SELECT collab.create_invite(test.workspace('Team'))#>>'{result,token}' AS token \gset
SET collab.member_limit = 7;
SELECT test.join(8, :'token');
SELECT test.join(9, :'token');
SELECT test.join(8, :'token') AS member_already;
SELECT uses FROM collab.invites WHERE id = test.invite(:'token');
RESET collab.member_limit;
-- An invite is worth what its maker is: no admin any more, gone, or deactivated.
SET collab.user_id = '2';
SELECT collab.create_invite(test.workspace('Team'))#>>'{result,token}' AS carols \gset
SELECT test.join(9, :'carols');
SET collab.user_id = '1';
SELECT collab.create_invite(test.workspace('Team'), 'admin')#>>'{result,token}' AS alices \gset
UPDATE collab.users SET deactivated_at = now() WHERE id = 2;
SELECT test.join(10, :'carols') AS maker_deactivated;
UPDATE collab.users SET deactivated_at = NULL WHERE id = 2;
SELECT test.join(10, :'carols') AS active_again;
SELECT collab.change_role(test.workspace('Team'), 2, 'owner')->'changed' AS changed;
SELECT test.join(11, :'carols') AS maker_is_owner;
SELECT collab.change_role(test.workspace('Team'), 2, 'member')->'changed' AS changed;
SELECT test.join(12, :'carols') AS maker_is_member;
SELECT collab.change_role(test.workspace('Team'), 2, 'owner')->'changed' AS changed;
SELECT test.join(12, :'carols') AS revoked_stays_revoked;
SELECT test.join(12, :'alices') AS others_are_untouched;
SELECT collab.transfer_workspace(test.workspace('Team'), 2)->'changed' AS changed;
SELECT test.join(13, :'alices') AS maker_is_admin, test.join(13, :'token') AS and_may_still_give_member;
SELECT collab.leave_membership(test.workspace('Team'))->'changed' AS changed;
SELECT test.join(14, :'token') AS maker_is_gone;
-- One who was removed comes back by a link that is good.
SET collab.user_id = '2';
SELECT collab.create_invite(test.workspace('Team'), 'viewer')#>>'{result,token}' AS token \gset
SELECT collab.remove_member(test.workspace('Team'), 3)->'changed' AS changed;
SELECT test.join(3, :'token');
SELECT role FROM collab.members WHERE workspace_id = test.workspace('Team') AND user_id = 3;
SELECT collab.rebuild(test.workspace('Team')) = version AS rebuilt FROM collab.aggregates WHERE id = test.workspace('Team');
SELECT * FROM collab.verify();
