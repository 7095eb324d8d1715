\i test/fixtures/team.sql
\pset format unaligned
\pset tuples_only on
SET collab.user_id = '4';
-- Values that PostgreSQL's types take, and readers do not.
SELECT test.try($$SELECT collab.search((SELECT string_agg('w' || n, ' ') FROM generate_series(1, 300000) AS n))$$);
SELECT test.try(format('SELECT collab.search(%L, after => %L)', 'x', mark || '_1_00000000-0000-0000-0000-000000000000'))
	FROM unnest(ARRAY['0', '0.06079271', '1e-20', '0.0000001e-39', '1e-39', '00.0', '99e', '1e+1']) AS mark;
SELECT test.try(format('SELECT count(*) FROM collab.throughput(test.board(''Plan''), %L, %L, %L)', unit, first, last))
	FROM (VALUES ('day', '5000000-01-01', '5000000-01-02'), ('week', NULL, '5874897-12-31'), ('day', NULL, '4714-11-24 BC'),
		('week', '-infinity', 'infinity'), ('week', NULL, 'infinity'), ('week', '0001-01-01', '0001-01-02'),
		('week', '9999-12-01', '9999-12-31')) AS t (unit, first, last);
SELECT test.try(format('SELECT count(*) FROM collab.%s(test.board(''Plan''), to_day => %L)', report, '294276-12-31'))
	FROM unnest(ARRAY['burndown', 'cumulative_flow', 'flow_times', 'workload']) AS report;
-- An imported task may be older than the year 2000: the next page is there all the same.
SET collab.user_id = '1';
SELECT collab.import_board(test.workspace('Team'), '{"format": "collab", "format_version": 1, "board": {"name": "Old"}, "people": [], "labels": [],
	"custom_fields": [], "lists": [{"ref": "l", "name": "L", "category": "todo"}], "tasks": [
	{"ref": "a", "list": "l", "title": "First", "created_at": "1969-07-20T20:17:40Z"}, {"ref": "b", "list": "l", "title": "Second", "created_at": "1999-12-31"}]}')->'changed';
SELECT collab.search('', test.board('Old'), max_results => 1) AS page \gset
SELECT :'page'::jsonb#>>'{results,0,title}', collab.search('', test.board('Old'), max_results => 1, after => :'page'::jsonb->>'next')#>>'{results,0,title}';
