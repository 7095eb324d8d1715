-- The read model. Written by the projection trigger and the rebuild, by nothing else; every row can be made again
-- from the events. Below a board every key starts with board_id, so that boards never wait for each other. There are no
-- foreign keys: collab.verify() proves more than they would, and a parallel restore could not keep their order.

CREATE TABLE collab.workspaces (
	id uuid PRIMARY KEY,
	name text NOT NULL,
	description text NOT NULL,
	owner_id bigint NOT NULL,
	version int NOT NULL,
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL,
	personal boolean NOT NULL DEFAULT false,
	default_board_id uuid,
	entity_version int NOT NULL DEFAULT 1,
	deleted_at timestamptz
);

CREATE TABLE collab.members (
	workspace_id uuid NOT NULL,
	user_id bigint NOT NULL,
	role collab.workspace_role NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX members_user_idx ON collab.members (user_id);

CREATE TABLE collab.boards (
	id uuid PRIMARY KEY,
	workspace_id uuid NOT NULL,
	name text NOT NULL,
	description text NOT NULL,
	owner_id bigint NOT NULL,
	visibility text NOT NULL CHECK (visibility IN ('workspace', 'private')),
	settings jsonb NOT NULL,
	version int NOT NULL,
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL,
	entity_version int NOT NULL DEFAULT 1,
	archived_at timestamptz,
	deleted_at timestamptz
) WITH (fillfactor = 50);
CREATE INDEX boards_workspace_idx ON collab.boards (workspace_id);

CREATE TABLE collab.lists (
	board_id uuid NOT NULL,
	id uuid NOT NULL,
	name text NOT NULL,
	rank bigint NOT NULL,
	category text NOT NULL CHECK (category IN ('todo', 'doing', 'done')),
	wip_limit int CHECK (wip_limit > 0),
	task_count int NOT NULL DEFAULT 0 CHECK (task_count >= 0),
	version int NOT NULL,
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL,
	archived_at timestamptz,
	PRIMARY KEY (board_id, id)
) WITH (fillfactor = 70);
CREATE INDEX lists_id_idx ON collab.lists (id);

-- A deleted task keeps its row as a tombstone (deleted_at), so that a resent command still finds its board.
CREATE TABLE collab.tasks (
	board_id uuid NOT NULL,
	id uuid NOT NULL,
	list_id uuid NOT NULL,
	title text NOT NULL,
	description text NOT NULL,
	rank bigint NOT NULL,
	priority text CHECK (priority IN ('low', 'medium', 'high', 'urgent')),
	start_date timestamptz,
	due_date timestamptz,
	completed_at timestamptz,
	config jsonb NOT NULL,
	comments_count int NOT NULL DEFAULT 0,
	version int NOT NULL,
	created_by bigint NOT NULL,
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL,
	archived_at timestamptz,
	deleted_at timestamptz,
	PRIMARY KEY (board_id, id),
	cover jsonb,
	custom_fields jsonb NOT NULL DEFAULT '{}',
	attachments_count int NOT NULL DEFAULT 0,
	search tsvector GENERATED ALWAYS AS (pg_catalog.to_tsvector('pg_catalog.simple', title || ' ' || description)) STORED
) WITH (fillfactor = 80);
CREATE INDEX tasks_id_idx ON collab.tasks (id);
CREATE INDEX tasks_order_idx ON collab.tasks (board_id, list_id, rank, id) WHERE archived_at IS NULL AND deleted_at IS NULL;

CREATE TABLE collab.task_assignees (
	board_id uuid NOT NULL,
	task_id uuid NOT NULL,
	user_id bigint NOT NULL,
	ordinal int NOT NULL,
	PRIMARY KEY (board_id, task_id, user_id)
);
CREATE INDEX task_assignees_user_idx ON collab.task_assignees (user_id);

CREATE TABLE collab.labels (
	board_id uuid NOT NULL,
	id uuid NOT NULL,
	name text NOT NULL,
	color text NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (board_id, id),
	version int NOT NULL DEFAULT 1,
	deleted_at timestamptz
);

CREATE TABLE collab.task_labels (
	board_id uuid NOT NULL,
	task_id uuid NOT NULL,
	label_id uuid NOT NULL,
	ordinal int NOT NULL,
	PRIMARY KEY (board_id, task_id, label_id)
);

CREATE TABLE collab.checklists (
	board_id uuid NOT NULL,
	id uuid NOT NULL,
	task_id uuid NOT NULL,
	name text NOT NULL,
	rank bigint NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (board_id, id),
	version int NOT NULL DEFAULT 1,
	deleted_at timestamptz
);
CREATE INDEX checklists_task_idx ON collab.checklists (board_id, task_id, rank);

CREATE TABLE collab.checklist_items (
	board_id uuid NOT NULL,
	id uuid NOT NULL,
	checklist_id uuid NOT NULL,
	text text NOT NULL,
	rank bigint NOT NULL,
	checked boolean NOT NULL,
	due_date timestamptz,
	assigned_to bigint,
	PRIMARY KEY (board_id, id),
	task_id uuid NOT NULL,
	version int NOT NULL DEFAULT 1,
	deleted_at timestamptz
);
CREATE INDEX checklist_items_checklist_idx ON collab.checklist_items (board_id, checklist_id, rank);

CREATE TABLE collab.comments (
	board_id uuid NOT NULL,
	id uuid NOT NULL,
	task_id uuid NOT NULL,
	user_id bigint NOT NULL,
	text text NOT NULL,
	reply_to uuid,
	mentions bigint[] NOT NULL,
	created_at timestamptz NOT NULL,
	occurred_at timestamptz NOT NULL,
	edited_at timestamptz,
	PRIMARY KEY (board_id, id),
	version int NOT NULL DEFAULT 1,
	deleted_at timestamptz,
	search tsvector GENERATED ALWAYS AS (pg_catalog.to_tsvector('pg_catalog.simple', text)) STORED
);
CREATE INDEX comments_task_idx ON collab.comments (board_id, task_id, occurred_at);
