-- Search by filters: each alone, together with words and with each other, and every malformed value refused by name.
\i test/fixtures/team.sql
SET collab.user_id = '1';
SELECT test.board('Plan') AS board \gset
SELECT count(collab.create_label(:'board', name, 'red')) FROM unnest(ARRAY['Bug', 'Idea']) AS name;
SELECT count(collab.define_custom_field(:'board', 'Cost', 'number')), count(collab.define_custom_field(:'board', 'Paid', 'checkbox'));
SELECT id AS cost FROM collab.custom_fields WHERE name = 'Cost' \gset
SELECT id AS paid FROM collab.custom_fields WHERE name = 'Paid' \gset
SELECT date_trunc('day', now(), 'UTC') AS today \gset
SELECT count(collab.create_task(:'board', test.list('To do'), 'Late', priority => 'high', due_date => now() - interval '3 days', labels => '{Bug}', assignees => '{3}'));
SELECT count(collab.create_task(:'board', test.list('To do'), 'Soon', priority => 'low', due_date => :'today'::timestamptz + interval '2 days', labels => '{Bug,Idea}', assignees => '{1,3}'));
SELECT count(collab.create_task(:'board', test.list('In progress'), 'Today', due_date => :'today'::timestamptz + interval '23 hours 59 minutes', assignees => '{1}'));
SELECT count(collab.create_task(:'board', test.list('Done'), 'Done late', due_date => now() - interval '9 days', labels => '{Idea}'));
SET collab.user_id = '3';
SELECT count(collab.create_task(:'board', test.list('To do'), 'Far away', due_date => :'today'::timestamptz + interval '8 days'));
SELECT count(collab.create_task(:'board', test.list('To do'), 'Old', priority => 'high')), count(collab.archive_task(test.task('Old')));
SET collab.user_id = '1';
SELECT count(collab.set_custom_field(test.task(title), field::uuid, value)) FROM (VALUES ('Late', :'cost', '7.50'::jsonb), ('Soon', :'cost', '8'), ('Late', :'paid', 'true'), ('Done late', :'paid', 'true')) AS v (title, field, value);
CREATE FUNCTION test.found(filters jsonb, query text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(r->>'title', ', ' ORDER BY r->>'title'), '–') FROM jsonb_array_elements(collab.search(query, filters => filters)->'results') AS r
$$;
SELECT filters, test.found(filters::jsonb) FROM unnest(ARRAY['{}', '{"assignee": 3}', '{"assignee": "me"}', '{"assignee": "none"}', '{"created_by": 3}', '{"created_by": "me"}', '{"label": "Bug"}', '{"label": "bug"}',
	'{"priority": "high"}', '{"priority": "none"}', '{"status": "todo"}', '{"status": "doing"}', '{"status": "done"}', '{"completed": true}', '{"completed": false}', '{"archived": true}', '{"archived": false}',
	'{"due": "overdue"}', '{"due": "today"}', '{"due": "week"}', '{"due": "none"}', '{"due": {"before": "2020-01-01"}}', '{"due": {"after": "2020-01-01", "before": "9999-01-01T00:00:00+01:00"}}']) AS filters;
SELECT test.found(jsonb_build_object('label', id)) AS label_by_id FROM collab.labels WHERE name = 'Idea';
SELECT test.found(jsonb_build_object('list_id', test.list('In progress'))) AS list;
SELECT test.found(jsonb_build_object('custom_fields', jsonb_build_object(:'cost', 7.5))) AS cost, test.found(jsonb_build_object('custom_fields', jsonb_build_object(:'paid', true))) AS paid,
	test.found(jsonb_build_object('custom_fields', jsonb_build_object(:'paid', true, :'cost', 7.5))) AS both, test.found('{"custom_fields": {}}') = test.found('{}') AS none_named;
-- before and after are a half-open period: a task that is due at `after` is in it.
SELECT test.found(jsonb_build_object('due', jsonb_build_object('after', collab.time_text(:'today'::timestamptz + interval '2 days')))) AS from_soon,
	test.found(jsonb_build_object('due', jsonb_build_object('before', collab.time_text(:'today'::timestamptz + interval '2 days')))) AS before_soon;
-- Together
SELECT test.found('{"assignee": 3, "label": "Bug", "priority": "low"}') AS all_of_them, test.found('{"due": "overdue", "status": "todo"}', 'lat') AS with_words, test.found('{"assignee": 4}', 'late') AS nothing;
-- A deleted field's values are not searched, a deleted label not found.
SELECT count(collab.delete_custom_field(:'paid')), count(collab.delete_label(id)) FROM collab.labels WHERE name = 'Bug';
SELECT test.found(jsonb_build_object('custom_fields', jsonb_build_object(:'paid', true))) AS paid, test.found('{"label": "Bug"}') AS label;
-- Malformed: named, and nothing of PostgreSQL's own shows.
SELECT filters, test.try(format('SELECT collab.search(filters => %L)', filters)) FROM unnest(ARRAY['{"colour": "red"}', '{"assignee": "bob"}', '{"assignee": -1}', '{"assignee": 1.5}', '{"assignee": null}', '{"assignee": 1e131000}', '{"assignee": [3]}',
	'{"created_by": "none"}', '{"label": ""}', '{"label": 5}', '{"priority": "asap"}', '{"list_id": "x"}', '{"list_id": 1}', '{"status": "open"}', '{"due": "later"}', '{"due": {}}', '{"due": {"before": "noon"}}', '{"due": {"until": "2026-01-01"}}',
	'{"due": {"before": null}}', '{"due": 5}', '{"completed": "yes"}', '{"archived": 1}', '{"custom_fields": []}', '{"custom_fields": {"Cost": 7}}', '{"custom_fields": {"00000000-0000-0000-0000-000000000000": [1]}}', '"x"', '5', 'null']) AS filters;
SELECT left(test.try(format('SELECT collab.search(filters => %L)', jsonb_build_object('label', repeat('x', 20000)))), 60) AS too_big;
