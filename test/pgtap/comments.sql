-- comments.sql: every object says what it is; and pg_dump takes every table and sequence along.
BEGIN;
SELECT no_plan();

CREATE TEMP VIEW member AS SELECT classid, objid, pg_describe_object(classid, objid, 0) AS description FROM pg_depend
	WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'collab') AND deptype = 'e';

SELECT isnt_empty('SELECT 1 FROM member', 'the extension has members');
SELECT isnt(obj_description(objid, classid::regclass::text), NULL, description || ' has a comment') FROM member
	WHERE classid IN ('pg_class'::regclass, 'pg_proc'::regclass) OR (classid = 'pg_type'::regclass AND (SELECT typtype FROM pg_type t WHERE t.oid = objid) = 'e') ORDER BY description;
SELECT isnt(obj_description((SELECT oid FROM pg_extension WHERE extname = 'collab'), 'pg_extension'), NULL, 'the extension has a comment');
SELECT isnt(obj_description('collab'::regnamespace, 'pg_namespace'), NULL, 'the schema has a comment');
-- One test per table: its columns without a comment are named.
SELECT is((SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		AND coalesce(col_description(c.oid, a.attnum), '') = ''), NULL, c.relname || ': every column has a comment')
	FROM pg_class c WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind = 'r' ORDER BY c.relname;
-- A comment is a sentence, not a repetition of the name.
SELECT is_empty($$ SELECT description FROM member WHERE classid IN ('pg_class'::regclass, 'pg_proc'::regclass)
	AND obj_description(objid, classid::regclass::text) !~ '[.?]( \S.*)?$' $$, 'comments are sentences');

-- Dump
SELECT set_eq($$ SELECT unnest(extconfig)::regclass::text FROM pg_extension WHERE extname = 'collab' $$,
	$$ SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'collab'::regnamespace AND relkind IN ('r', 'S') AND relpersistence = 'p'
		AND relname NOT IN ('snapshots', 'slow_commands', 'slow_commands_id_seq') $$, 'pg_dump takes every table and sequence along, but presence, what is derived and what is of the moment');
SELECT set_eq($$ SELECT config::regclass::text FROM pg_extension, unnest(extconfig, extcondition) AS c (config, condition) WHERE extname = 'collab' AND condition <> '' $$,
	ARRAY['collab.role_users'], '… whole, but for the mappings of roles that are gone');

SELECT * FROM finish();
ROLLBACK;
