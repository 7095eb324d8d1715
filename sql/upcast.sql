-- Events of two schema versions live side by side in the log; whoever reads them sees them in the shape of today.
\i test/fixtures/team.sql
-- A workspace as 0.1 wrote it, brought by a restore: version 1 knew neither "personal" nor "default_board_id".
INSERT INTO collab.aggregates VALUES ('a0000000-0000-4000-8000-000000000001', 'workspace', 'a0000000-0000-4000-8000-000000000001', 2, 1, 900002, '2026-01-01 00:00:01+00');
COPY collab.events (id, aggregate_id, aggregate_type, event_type, event_data, user_id, version, created_at, acl_version, schema_version, xid, epoch) FROM stdin;
900001	a0000000-0000-4000-8000-000000000001	workspace	WorkspaceCreated	{"workspace": {"id": "a0000000-0000-4000-8000-000000000001", "name": "Old", "description": "It's \\"quoted\\"", "owner_id": 1}}	1	1	2026-01-01 00:00:00+00	1	1	1	1
900002	a0000000-0000-4000-8000-000000000001	workspace	MemberAdded	{"role": "member", "member": {"name": "Bob"}, "member_id": 3}	1	2	2026-01-01 00:00:01+00	1	1	2	1
\.
SELECT schema_version, count(*), bool_and(event_data->'workspace' ? 'personal') AS has_personal, bool_and(event_data->'workspace' ? 'default_board_id') AS has_default_board
	FROM collab.events WHERE event_type = 'WorkspaceCreated' GROUP BY schema_version ORDER BY 1;
-- Replayed, both make a row.
SELECT collab.rebuild('a0000000-0000-4000-8000-000000000001') AS version;
SELECT name, description, owner_id, personal, default_board_id IS NOT NULL AS has_default_board, version FROM collab.workspaces WHERE NOT personal ORDER BY name;
SELECT * FROM collab.verify('a0000000-0000-4000-8000-000000000001');
-- Of both, the wire shows the same keys.
SELECT schema_version, array_agg(DISTINCT keys.list) AS keys FROM collab.events e,
	LATERAL (SELECT string_agg(k, ' ' ORDER BY k) AS list FROM jsonb_object_keys(collab.event_payload(e.event_type, e.schema_version, e.event_data)->'workspace') AS k) AS keys
	WHERE e.event_type = 'WorkspaceCreated' GROUP BY 1 ORDER BY 1;
SELECT body FROM collab.room_events('a0000000-0000-4000-8000-000000000001', 0, 1);
-- The feed, too
SELECT collab.subscribe('upcast', true);
SELECT event_data FROM collab.fetch('upcast', 10000) WHERE aggregate_id = 'a0000000-0000-4000-8000-000000000001' AND version = 1;
-- What the log says itself has not changed.
SELECT event_data FROM collab.events WHERE id = 900001;
-- An upcast adds what was missing and nothing else; data of today comes back as it is.
SELECT collab.upcast_event('WorkspaceCreated', 1, '{"workspace": {"name": "Old", "n": 1.50}, "other": [1, null]}');
SELECT collab.upcast_event('WorkspaceCreated', 1, '{"workspace": {"name": "Old", "personal": true}}');
SELECT collab.upcast_event('WorkspaceCreated', 2, '{"workspace": {"name": "New"}}');
SELECT collab.upcast_event('WorkspaceCreated', 1, '{"workspace": "not an object"}');
SELECT collab.upcast_event('TaskMoved', 1, '{"task_id": "t"}');
-- Of tomorrow, or of no known version
SELECT test.try($$ SELECT collab.upcast_event('WorkspaceCreated', 3, '{}') $$);
SELECT test.try($$ SELECT collab.upcast_event('TaskMoved', 0, '{}') $$);
SELECT test.try($$ SELECT collab.upcast_event('TaskTeleported', 1, '{}') $$);
SELECT test.try($$ SELECT collab.event_payload('WorkspaceCreated', 9, '{}') $$);
