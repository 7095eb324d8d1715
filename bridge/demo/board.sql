-- board.sql: what the demo shows: Alice (user 1) owns a workspace, Bob (user 2) is a member, in it a board that came
-- from Trello. Run at every start and finds what is there; prints the board's id. TRELLO_EXPORT names the export.
SELECT user_id AS alice FROM collab.upsert_user('demo', 'alice', 'Alice') \gset
SELECT user_id AS bob FROM collab.upsert_user('demo', 'bob', 'Bob') \gset
SELECT set_config('collab.user_id', :'alice', false) \g /dev/null

SELECT (SELECT w->>'id' FROM jsonb_array_elements(collab.user_workspaces(:alice)::jsonb) w
	WHERE w->>'name' = 'Demo workspace' LIMIT 1) AS workspace \gset
\if :{?workspace}
\else
SELECT collab.create_workspace(name => 'Demo workspace')->'result'->>'workspace_id' AS workspace \gset
\endif

SELECT count(*) = 0 AS bob_is_missing
FROM jsonb_array_elements(collab.user_workspaces(:bob)::jsonb) w WHERE w->>'id' = :'workspace' \gset
\if :bob_is_missing
SELECT collab.add_member(:'workspace', :bob, 'member') \g /dev/null
\endif

SELECT count(*) = 0 AS board_is_missing
FROM jsonb_array_elements(collab.user_workspaces(:alice)::jsonb) w, jsonb_array_elements(w->'boards') b
WHERE w->>'id' = :'workspace' AND b->>'id' IS DISTINCT FROM w->>'default_board_id' \gset
\if :board_is_missing
\set export `cat "$TRELLO_EXPORT"`
SELECT collab.import_trello(:'workspace', :'export') \g /dev/null
\endif

SELECT b->>'id'
FROM jsonb_array_elements(collab.user_workspaces(:alice)::jsonb) w, jsonb_array_elements(w->'boards') b
WHERE w->>'id' = :'workspace' ORDER BY b->>'name' <> 'Fieldwork 2.0', b->>'id' = w->>'default_board_id' LIMIT 1;
