-- Notifications: who was told what. Operational: made when an event happens (proj_notification.c) or a date comes near
-- (collab.due_soon), never by a rebuild.

-- In the order of their weight: of several reasons that one event gives a person, the first counts.
CREATE TYPE collab.notification_type AS ENUM ('mentioned', 'assigned', 'commented', 'completed', 'due_soon', 'role_changed',
	'added_to_workspace');
COMMENT ON TYPE collab.notification_type IS 'Why somebody is told, the weightiest reason first.';

CREATE SEQUENCE collab.notifications_id_seq;
COMMENT ON SEQUENCE collab.notifications_id_seq IS 'Ids of notifications.';

CREATE TABLE collab.notifications (
	id bigint PRIMARY KEY DEFAULT pg_catalog.nextval('collab.notifications_id_seq'),
	user_id bigint NOT NULL,
	type collab.notification_type NOT NULL,
	workspace_id uuid NOT NULL,
	board_id uuid,
	task_id uuid,
	comment_id uuid,
	actor_id bigint,
	cause text COLLATE "C" NOT NULL,
	text text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	delivered_at timestamptz,
	read_at timestamptz,
	UNIQUE (user_id, cause)
);
ALTER SEQUENCE collab.notifications_id_seq OWNED BY collab.notifications.id;
CREATE INDEX notifications_user_idx ON collab.notifications (user_id, id);
CREATE INDEX notifications_unread_idx ON collab.notifications (user_id, id) WHERE read_at IS NULL;
CREATE INDEX notifications_undelivered_idx ON collab.notifications (user_id, id) WHERE delivered_at IS NULL;
COMMENT ON TABLE collab.notifications IS 'What people were told: one row per person and cause. Operational: no rebuild makes it again.';
COMMENT ON COLUMN collab.notifications.id IS 'Counts up: the newest has the highest.';
COMMENT ON COLUMN collab.notifications.user_id IS 'The addressee.';
COMMENT ON COLUMN collab.notifications.type IS 'Why.';
COMMENT ON COLUMN collab.notifications.workspace_id IS 'Where; announced on its channel.';
COMMENT ON COLUMN collab.notifications.board_id IS 'The board, where it is about one.';
COMMENT ON COLUMN collab.notifications.task_id IS 'The task, where it is about one.';
COMMENT ON COLUMN collab.notifications.comment_id IS 'The comment, where it is about one.';
COMMENT ON COLUMN collab.notifications.actor_id IS 'Who did it; null: a date came near.';
COMMENT ON COLUMN collab.notifications.cause IS 'What it follows from: the event, or the due date of a task or checklist item.';
COMMENT ON COLUMN collab.notifications.text IS 'A sentence for people.';
COMMENT ON COLUMN collab.notifications.created_at IS 'When it was made.';
COMMENT ON COLUMN collab.notifications.delivered_at IS 'When a bridge handed it to one of the addressee''s connections.';
COMMENT ON COLUMN collab.notifications.read_at IS 'When the addressee marked it as read.';

CREATE TABLE collab.notification_preferences (
	user_id bigint NOT NULL,
	type collab.notification_type NOT NULL,
	enabled boolean NOT NULL,
	PRIMARY KEY (user_id, type)
);
COMMENT ON TABLE collab.notification_preferences IS 'Which notifications people want; without a row they do.';
COMMENT ON COLUMN collab.notification_preferences.user_id IS 'The user.';
COMMENT ON COLUMN collab.notification_preferences.type IS 'The type.';
COMMENT ON COLUMN collab.notification_preferences.enabled IS 'Whether the user wants it.';

CREATE INDEX tasks_due_soon_idx ON collab.tasks (due_date) WHERE completed_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL;
CREATE INDEX checklist_items_due_idx ON collab.checklist_items (due_date) WHERE NOT checked AND deleted_at IS NULL;
