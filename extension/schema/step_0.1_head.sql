-- The step from 0.1 to 0.2, first part: what 0.1 has and 0.2 has otherwise. The fragments from 31 on follow.
\echo Use "ALTER EXTENSION collab UPDATE TO '0.2'" to load this file. \quit

-- Views and functions are made anew, but for the triggers'; who may call them is granted again at the end.
DO $$
DECLARE
	object record;
BEGIN
	FOR object IN SELECT c.oid::regclass AS name FROM pg_catalog.pg_class c
		WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind = 'v'
	LOOP
		EXECUTE pg_catalog.format('DROP VIEW %s', object.name);
	END LOOP;
	FOR object IN SELECT p.oid::regprocedure AS name FROM pg_catalog.pg_proc p
		JOIN pg_catalog.pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
		WHERE p.pronamespace = 'collab'::regnamespace AND p.proname NOT IN ('events_guard', 'events_project')
	LOOP
		EXECUTE pg_catalog.format('DROP FUNCTION %s', object.name);
	END LOOP;
END
$$;

ALTER TABLE collab.workspaces
	ADD COLUMN personal boolean NOT NULL DEFAULT false,
	ADD COLUMN default_board_id uuid,
	ADD COLUMN entity_version int NOT NULL DEFAULT 1,
	ADD COLUMN deleted_at timestamptz;
ALTER TABLE collab.boards
	ADD COLUMN entity_version int NOT NULL DEFAULT 1,
	ADD COLUMN archived_at timestamptz,
	ADD COLUMN deleted_at timestamptz;
ALTER TABLE collab.tasks
	ADD COLUMN cover jsonb,
	ADD COLUMN custom_fields jsonb NOT NULL DEFAULT '{}',
	ADD COLUMN attachments_count int NOT NULL DEFAULT 0,
	ADD COLUMN search tsvector GENERATED ALWAYS AS (pg_catalog.to_tsvector('pg_catalog.simple', title || ' ' || description)) STORED;
ALTER TABLE collab.labels
	ADD COLUMN version int NOT NULL DEFAULT 1,
	ADD COLUMN deleted_at timestamptz;
ALTER TABLE collab.checklists
	ADD COLUMN version int NOT NULL DEFAULT 1,
	ADD COLUMN deleted_at timestamptz;
ALTER TABLE collab.checklist_items
	ADD COLUMN task_id uuid,
	ADD COLUMN version int NOT NULL DEFAULT 1,
	ADD COLUMN deleted_at timestamptz;
UPDATE collab.checklist_items AS i SET task_id = c.task_id FROM collab.checklists AS c
	WHERE c.board_id = i.board_id AND c.id = i.checklist_id;
ALTER TABLE collab.checklist_items ALTER COLUMN task_id SET NOT NULL;
ALTER TABLE collab.comments
	ADD COLUMN version int NOT NULL DEFAULT 1,
	ADD COLUMN deleted_at timestamptz,
	ADD COLUMN search tsvector GENERATED ALWAYS AS (pg_catalog.to_tsvector('pg_catalog.simple', text)) STORED;
ALTER TABLE collab.epochs
	ADD COLUMN timeline int;
ALTER TABLE collab.role_users
	DROP CONSTRAINT role_users_level_check,
	ADD CONSTRAINT role_users_level_check CHECK (level IN ('reader', 'person', 'application', 'bridge', 'consumer', 'admin'));
