-- Documents that do not fit are refused with the place of what is wrong, and nothing is changed.
\i test/fixtures/team.sql
SET collab.user_id = '3';
CREATE FUNCTION test.import(document jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT test.try(format('SELECT collab.execute(%L)', jsonb_build_object('type', 'IMPORT_BOARD', 'payload', jsonb_build_object('workspace_id', test.workspace('Team'), 'format', 'collab', 'document', document))))
$$;
SELECT '{"format": "collab", "format_version": 1, "board": {"name": "Good", "visibility": "workspace", "settings": {"conflict_policy": "field", "workflow": {"transitions": {"l": ["m"]}}}, "members": ["p"]},
	"people": [{"ref": "p", "issuer": "test", "subject": "bob", "handle": "bob", "name": "Bob"}], "labels": [{"ref": "x", "name": "Label", "color": "red"}],
	"custom_fields": [{"ref": "n", "name": "Points", "kind": "number", "options": []}, {"ref": "o", "name": "Choice", "kind": "choice", "options": ["A", "B"]}],
	"lists": [{"ref": "l", "name": "List", "category": "todo", "wip_limit": 3}, {"ref": "m", "name": "More", "category": "done"}],
	"tasks": [{"ref": "t", "list": "l", "title": "Task", "labels": ["x"], "assignees": ["p"], "blocked_by": ["u"], "cover": {"attachment": "a"}, "custom_fields": {"n": 1, "o": "A"}, "created_by": "p",
		"checklists": [{"name": "Check", "items": [{"text": "item", "checked": true, "assigned_to": "p"}]}], "comments": [{"ref": "c", "author": "p", "text": "hi", "mentions": ["p"]}, {"ref": "d", "author": "p", "text": "ho", "reply_to": "c"}],
		"attachments": [{"ref": "a", "name": "Link", "url": "https://example.com"}, {"ref": "b", "name": "f.txt", "content": "aGVsbG8=", "content_type": "text/plain"}]}, {"ref": "u", "list": "m", "title": "Other", "comments": [{"ref": "e", "author": "p", "text": "there"}]}]}' AS good \gset
SELECT (SELECT count(*) FROM collab.events) AS events, (SELECT count(*) FROM collab.users) AS users, (SELECT count(*) FROM collab.boards) AS boards, (SELECT count(*) FROM collab.uploads) AS uploads \gset before_
-- What must be there, of which type, and how long it may be. "absent" takes the place away.
SELECT array_to_string(path, '.') AS place, left(value, 40) AS value, left(test.import(CASE WHEN value = 'absent' THEN :'good'::jsonb #- path ELSE jsonb_set(:'good', path, value::jsonb) END), 160) AS outcome
	FROM (VALUES ('{format}'::text[], '"trello"'), ('{format}', '"xml"'), ('{format_version}', 'absent'), ('{format_version}', '2'), ('{format_version}', '"1"'), ('{board}', 'absent'), ('{board}', '[]'), ('{board,name}', 'absent'), ('{board,name}', '""'), ('{board,name}', '7'),
	('{board,name}', to_jsonb(repeat('n', 101))::text), ('{board,description}', to_jsonb(repeat('d', 65537))::text), ('{board,visibility}', '"secret"'), ('{board,settings}', '[]'), ('{board,settings,conflict_policy}', '"none"'), ('{board,settings,color}', '"red"'),
	('{board,settings,workflow}', '"free"'), ('{board,settings,workflow,transitions}', '[]'), ('{board,settings,workflow,transitions,gone}', '["l"]'), ('{board,settings,workflow,transitions,l}', '["gone"]'), ('{board,settings,workflow,transitions,l}', '"m"'),
	('{board,members}', '"p"'), ('{board,members}', '["q"]'), ('{people}', '{}'), ('{people,0}', '"bob"'), ('{people,0,ref}', 'absent'), ('{people,0,issuer}', 'absent'), ('{people,0,subject}', '""'), ('{people,0,issuer}', to_jsonb(repeat('i', 501))::text), ('{people,0,handle}', '[]'), ('{people,0,name}', '{}'),
	('{labels,0,ref}', '""'), ('{labels,0,ref}', to_jsonb(repeat('r', 64))::text), ('{labels,0,ref}', '7'), ('{labels,0,name}', 'null'), ('{labels,0,name}', to_jsonb(repeat('n', 101))::text), ('{labels,0,color}', '"mauve"'), ('{labels,0,color}', '"#12345"'), ('{labels,0,color}', 'absent'), ('{labels,0,created_at}', '"then"'),
	('{custom_fields,0,kind}', '"magic"'), ('{custom_fields,0,options}', '["A"]'), ('{custom_fields,1,options}', '[]'), ('{custom_fields,1,options}', '["A", "a"]'), ('{custom_fields,1,options}', '[1]'), ('{custom_fields,1,ref}', '"n"'),
	('{lists}', '"l"'), ('{lists,0,ref}', '"m"'), ('{lists,0,category}', '"later"'), ('{lists,0,wip_limit}', '0'), ('{lists,0,wip_limit}', '1.5'), ('{lists,0,archived_at}', 'true'), ('{lists,0,name}', '"  "'),
	('{tasks,0}', 'null'), ('{tasks,0,ref}', '"u"'), ('{tasks,0,list}', 'absent'), ('{tasks,0,list}', '"gone"'), ('{tasks,0,list}', '{}'), ('{tasks,0,title}', 'absent'), ('{tasks,0,title}', to_jsonb(repeat('t', 501))::text), ('{tasks,0,title}', '"bell\u0007"'), ('{tasks,0,description}', '7'),
	('{tasks,0,priority}', '"highest"'), ('{tasks,0,start_date}', '"2026-13-01"'), ('{tasks,0,due_date}', '20261121'), ('{tasks,0,completed_at}', 'true'), ('{tasks,0,archived_at}', '"now"'), ('{tasks,0,created_at}', '"infinity"'), ('{tasks,0,config}', '[]'),
	('{tasks,0,config}', jsonb_build_object('n', 1e65600::numeric)::text), ('{tasks,0,cover}', '"red"'), ('{tasks,0,cover}', '{}'), ('{tasks,0,cover}', '{"color": "red", "url": "https://example.com"}'), ('{tasks,0,cover}', '{"color": "mauve"}'), ('{tasks,0,cover}', '{"url": "javascript:x"}'), ('{tasks,0,cover}', '{"attachment": "gone"}'),
	('{tasks,1,cover}', '{"attachment": "a"}'), ('{tasks,0,custom_fields}', '[]'), ('{tasks,0,custom_fields}', '{"gone": 1}'), ('{tasks,0,custom_fields,n}', '"1"'), ('{tasks,0,custom_fields,n}', '1e131000'), ('{tasks,0,custom_fields,o}', '"C"'), ('{tasks,0,custom_fields,o}', '["A"]'),
	('{tasks,0,labels}', '["gone"]'), ('{tasks,0,labels}', '["x", "x"]'), ('{tasks,0,labels}', '"x"'), ('{tasks,0,labels}', (SELECT jsonb_agg('x' || n) FROM generate_series(1, 101) AS n)::text), ('{tasks,0,assignees}', '["gone"]'), ('{tasks,0,assignees}', '[3]'), ('{tasks,0,created_by}', '"gone"'),
	('{tasks,0,blocked_by}', '["gone"]'), ('{tasks,0,blocked_by}', '["u", "u"]'), ('{tasks,0,checklists}', '{}'), ('{tasks,0,checklists,0,name}', 'absent'), ('{tasks,0,checklists,0,items}', '7'), ('{tasks,0,checklists,0,items,0,text}', '""'), ('{tasks,0,checklists,0,items,0,checked}', '"yes"'),
	('{tasks,0,checklists,0,items,0,due_date}', '"soon"'), ('{tasks,0,checklists,0,items,0,assigned_to}', '"gone"'), ('{tasks,0,comments,0,ref}', 'absent'), ('{tasks,0,comments,0,ref}', '"e"'), ('{tasks,0,comments,0,author}', 'absent'), ('{tasks,0,comments,0,author}', '"gone"'), ('{tasks,0,comments,0,text}', '""'),
	('{tasks,0,comments,0,text}', to_jsonb(repeat('c', 16385))::text), ('{tasks,0,comments,0,mentions}', '["gone"]'), ('{tasks,0,comments,0,created_at}', '1'), ('{tasks,0,comments,0,edited_at}', '[]'), ('{tasks,0,comments,1,reply_to}', '"gone"'), ('{tasks,0,comments,1,reply_to}', '"e"'),
	('{tasks,0,attachments,0,name}', 'absent'), ('{tasks,0,attachments,0,name}', to_jsonb(repeat('n', 256))::text), ('{tasks,0,attachments,0,url}', '"ftp://example.com"'), ('{tasks,0,attachments,0,url}', 'absent'), ('{tasks,0,attachments,0,content}', '"aGVsbG8="'), ('{tasks,0,attachments,0,created_by}', '"gone"'),
	('{tasks,0,attachments,1,content}', '"not base64!"'), ('{tasks,0,attachments,1,content}', '"aGVsbG8"'), ('{tasks,0,attachments,1,content}', '""'), ('{tasks,0,attachments,1,content}', '7'), ('{tasks,0,attachments,1,content_type}', 'absent'), ('{tasks,0,attachments,1,content_type}', '"text/html"'),
	('{tasks,0,attachments,1,content_type}', '"image/png"'), ('{tasks,0,attachments,1,name}', '"run.exe"')) AS wrong (path, value);
-- Circles: a task that waits for itself, two for each other, three; answers to each other, to itself.
SELECT test.import(jsonb_set(:'good', '{tasks,0,blocked_by}', '["t"]'));
SELECT test.import(jsonb_set(:'good', '{tasks,1,blocked_by}', '["t"]'));
SELECT test.import(jsonb_set(:'good', '{tasks}', '[{"ref": "1", "list": "l", "title": "1", "blocked_by": ["2"]}, {"ref": "2", "list": "l", "title": "2", "blocked_by": ["4", "3"]}, {"ref": "3", "list": "l", "title": "3", "blocked_by": ["1"]}, {"ref": "4", "list": "l", "title": "4"}]'));
SELECT test.import(jsonb_set(:'good', '{tasks,0,comments,0,reply_to}', '"d"'));
SELECT test.import(jsonb_set(:'good', '{tasks,0,comments,0,reply_to}', '"c"'));
-- Too much: nesting, open tasks, custom fields, a file over the limit.
SELECT test.import(jsonb_set(:'good', '{tasks,0,config}', (repeat('{"a":', 98) || '1' || repeat('}', 98))::jsonb));
SELECT left(test.import(jsonb_set(:'good', '{extra}', (repeat('[', 5000) || repeat(']', 5000))::jsonb)), 160);
SELECT test.try(format('SELECT collab.import_trello(test.workspace(''Team''), %L)', jsonb_build_object('name', 'Deep', 'lists', '[]'::jsonb, 'cards', '[]'::jsonb, 'extra', (repeat('[', 200) || repeat(']', 200))::jsonb)));
SET collab.task_limit = 1;
SELECT test.import(:'good');
RESET collab.task_limit;
SELECT test.import(jsonb_set(:'good', '{custom_fields}', (SELECT jsonb_agg(jsonb_build_object('ref', 'f' || n, 'name', 'F' || n, 'kind', 'text')) FROM generate_series(1, 51) AS n)));
SET collab.attachment_limit = 1024;
SELECT test.import(jsonb_set(:'good', '{tasks,0,attachments,1,content}', to_jsonb(translate(encode(convert_to(repeat('a', 1025), 'UTF8'), 'base64'), E'\n', ''))));
RESET collab.attachment_limit;
SELECT test.import('{}');
SELECT test.import('{"format": "collab"}');
-- Nothing was changed by all these: no placeholder was made, no file kept.
SELECT (SELECT count(*) FROM collab.events) - :before_events AS events, (SELECT count(*) FROM collab.users) - :before_users AS users, (SELECT count(*) FROM collab.boards) - :before_boards AS boards, (SELECT count(*) FROM collab.uploads) - :before_uploads AS uploads;
-- Nor in a batch, where the one that is good goes through.
SELECT b.kind, b.code, b.body::jsonb->>'message' AS message FROM collab.execute_batch('{3,3}', ARRAY[test.cid(1), test.cid(2)], ARRAY(SELECT jsonb_build_object('type', 'IMPORT_BOARD', 'payload',
	jsonb_build_object('workspace_id', test.workspace('Team'), 'format', 'collab', 'document', d))::text FROM unnest(ARRAY[jsonb_set(jsonb_set(:'good', '{people,0,subject}', '"new"') #- '{people,0,handle}', '{tasks,1,title}', '""'), :'good'::jsonb]) AS d)) AS b;
SELECT (SELECT count(*) FROM collab.users) - :before_users AS users, (SELECT count(*) FROM collab.boards) - :before_boards AS boards, (SELECT count(*) FROM collab.uploads) - :before_uploads AS uploads;
-- The least document, unknown keys, a label without a name, an order that text did not have before it was normalised.
SELECT test.import('{"format": "collab", "format_version": 1, "board": {"name": " e\u0301 ", "what": 1}, "extra": [], "labels": [{"ref": "x", "name": "", "color": "#abcdef"}], "tasks": null}');
SELECT b.name = 'é' AS normalised, b.settings, l.name, l.color FROM collab.boards b JOIN collab.labels l ON l.board_id = b.id WHERE l.color = '#abcdef';
-- Who may: not a viewer, nobody from outside.
SET collab.user_id = '4';
SELECT test.import(:'good');
SET collab.user_id = '5';
SELECT test.import(:'good');
SELECT * FROM collab.verify();
