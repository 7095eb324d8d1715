-- The settings of a board: each key is checked, the field is named, the rest is refused.
\i test/fixtures/team.sql
SET collab.user_id = '1';
SELECT test.board('Plan') AS board, test.list('To do') AS todo, test.list('In progress') AS doing, test.list('Done') AS done \gset
CREATE FUNCTION test.set(settings text) RETURNS text LANGUAGE sql AS $$
	SELECT test.try(format('SELECT collab.update_board(%L, %L)', test.board('Plan'), format('{"settings": %s}', settings)))
$$;
CREATE FUNCTION test.settings() RETURNS text LANGUAGE sql AS $$ SELECT test.mask(settings::text) FROM collab.boards WHERE id = test.board('Plan') $$;
SELECT test.settings();
-- Every value of every word (a strict board wants versions, see policy_strict)
SELECT value, test.set(value), test.settings() FROM (VALUES ('{"conflict_policy": "field"}'), ('{"conflict_policy": "last_write_wins"}'),
	('{"conflict_policy": "entity"}'), ('{"wip": "off"}'), ('{"wip": "enforce"}'), ('{"complete_blocked": true}'), ('{"complete_blocked": false}')) AS v (value);
-- A merge patch: null takes a key away, which has its default then.
SELECT test.set('{"wip": null, "complete_blocked": null, "conflict_policy": null}'), test.settings();
SELECT event_data FROM collab.events WHERE aggregate_id = :'board' ORDER BY version DESC LIMIT 1;
-- Refused
SELECT value, test.set(value) FROM (VALUES ('{"colour": 1}'), ('{"colour": null}'), ('{"Wip": "off"}'), ('{"wip": "on"}'), ('{"wip": true}'), ('{"wip": ["off"]}'), ('{"conflict_policy": "merge"}'),
	('{"conflict_policy": {}}'), ('{"complete_blocked": "true"}'), ('{"complete_blocked": 1}'), ('[]'), ('"strict"'), ('{"workflow": []}'), ('{"workflow": true}'),
	('{"workflow": {"transition": {}}}'), ('{"workflow": {"transitions": []}}'), ('{"workflow": {"transitions": {"To do": []}}}'),
	('{"workflow": {"transitions": {"00000000-0000-4000-8000-00000000000A": []}}}'), ('{"workflow": {"transitions": {"00000000-0000-4000-8000-00000000000a": []}}}'),
	('{"\u0007": 1}')) AS v (value);
SELECT test.set(format('{"workflow": {"transitions": {"%s": %s}}}', :'todo', targets)) FROM (VALUES ('{}'), ('"x"'), ('[1]'), ('["x"]'), ('[null]'), ('["00000000-0000-4000-8000-00000000000a"]')) AS v (targets);
SELECT test.set(format('{"%s": 1}', repeat('ä', 200))) AS long_key;
SELECT test.settings();
-- Lists of another board are none of this one's.
SELECT collab.create_board(test.workspace('Team'), 'Other')->'changed' AS changed;
SELECT test.set(format('{"workflow": {"transitions": {"%s": ["%s"]}}}', :'todo', test.list('Done', 'Other')));
-- Transitions merge, too: entries come and go one by one, arrays are replaced.
SELECT test.set(format('{"workflow": {"transitions": {"%s": ["%s"]}}}', :'todo', :'doing'));
SELECT test.set(format('{"workflow": {"transitions": {"%s": ["%s", "%s"]}}}', :'doing', :'todo', :'done'));
SELECT l.name AS list, (SELECT string_agg(o.name, ', ' ORDER BY o.name) FROM jsonb_array_elements_text(t.value) AS x JOIN collab.lists o ON o.id = x::uuid) AS may_go_to
	FROM collab.boards b, jsonb_each(b.settings#>'{workflow,transitions}') AS t JOIN collab.lists l ON l.id = t.key::uuid WHERE b.id = :'board' ORDER BY 1;
SELECT test.set(format('{"workflow": {"transitions": {"%s": null}}}', :'doing'));
SELECT count(*) FROM collab.boards, jsonb_object_keys(settings#>'{workflow,transitions}') WHERE id = :'board';
-- An archived list may stay in it, and be named.
SELECT collab.archive_list(:'doing')->'changed' AS changed;
SELECT test.set(format('{"workflow": {"transitions": {"%s": ["%s"]}}}', :'doing', :'todo'));
SELECT test.set('{"workflow": null}'), test.settings();
-- 64 KB of text at most: of a patch, and of the whole.
SELECT test.set(format('{"workflow": {"transitions": {"%s": [%s]}}}', :'todo', (SELECT string_agg(format('"%s"', :'done'), ',') FROM generate_series(1, 1700)))) AS patch;
SELECT test.set(format('{"workflow": {"transitions": {"%s": [%s]}}}', l, (SELECT string_agg(format('"%s"', :'done'), ',') FROM generate_series(1, 900)))) FROM (VALUES (:'todo'), (:'done')) AS v (l);
-- A resend is answered as before, also when the settings say something else meanwhile.
SELECT collab.update_board(:'board', '{"settings": {"workflow": null, "wip": "off"}}', test.cid(7))->'version' AS version;
SELECT collab.update_board(:'board', '{"settings": {"wip": "enforce"}}')->'version' AS version;
SELECT r->'version' AS version, r->'replayed' AS replayed FROM collab.update_board(:'board', '{"settings": {"workflow": null, "wip": "off"}}', test.cid(7)) AS r;
SELECT test.settings();
SELECT * FROM collab.verify();
