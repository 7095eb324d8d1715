-- The rest of the read model: what came with 0.2. Everything from here on is what the step from 0.1 makes, too.

-- Deleted things keep their rows as tombstones, so that a resent command finds its board by their ids.
CREATE INDEX labels_id_idx ON collab.labels (id);
CREATE INDEX checklists_id_idx ON collab.checklists (id);
CREATE INDEX checklist_items_id_idx ON collab.checklist_items (id);
CREATE INDEX comments_id_idx ON collab.comments (id);
CREATE UNIQUE INDEX workspaces_personal_key ON collab.workspaces (owner_id) WHERE personal;

-- Who sees a private board besides the workspace's owners and admins.
CREATE TABLE collab.board_members (
	board_id uuid NOT NULL,
	user_id bigint NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (board_id, user_id)
);

CREATE TABLE collab.custom_fields (
	board_id uuid NOT NULL,
	id uuid NOT NULL,
	name text NOT NULL,
	kind text NOT NULL CHECK (kind IN ('text', 'number', 'date', 'choice', 'checkbox')),
	options jsonb NOT NULL,
	version int NOT NULL,
	created_at timestamptz NOT NULL,
	deleted_at timestamptz,
	PRIMARY KEY (board_id, id)
);
CREATE INDEX custom_fields_id_idx ON collab.custom_fields (id);

CREATE TABLE collab.task_dependencies (
	board_id uuid NOT NULL,
	task_id uuid NOT NULL,
	blocked_by uuid NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (board_id, task_id, blocked_by)
);
CREATE INDEX task_dependencies_blocked_by_idx ON collab.task_dependencies (board_id, blocked_by);

-- A link has a url; a file has content_type, size and sha256, its bytes are in collab.uploads.
CREATE TABLE collab.attachments (
	board_id uuid NOT NULL,
	id uuid NOT NULL,
	task_id uuid NOT NULL,
	user_id bigint NOT NULL,
	name text NOT NULL,
	url text,
	content_type text,
	size bigint,
	sha256 text,
	upload_id uuid,
	version int NOT NULL,
	created_at timestamptz NOT NULL,
	deleted_at timestamptz,
	PRIMARY KEY (board_id, id)
);
CREATE INDEX attachments_id_idx ON collab.attachments (id);
CREATE INDEX attachments_task_idx ON collab.attachments (board_id, task_id);

CREATE TABLE collab.invites (
	workspace_id uuid NOT NULL,
	id uuid NOT NULL,
	role collab.workspace_role NOT NULL,
	token_hash text COLLATE "C" NOT NULL,
	expires_at timestamptz,
	max_uses int CHECK (max_uses > 0),
	uses int NOT NULL DEFAULT 0,
	created_by bigint NOT NULL,
	created_at timestamptz NOT NULL,
	revoked_at timestamptz,
	PRIMARY KEY (workspace_id, id)
);
CREATE INDEX invites_id_idx ON collab.invites (id);
CREATE UNIQUE INDEX invites_token_key ON collab.invites (token_hash);
