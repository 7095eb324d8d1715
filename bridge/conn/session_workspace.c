/*
 * session_workspace.c - what a connection asks of workspaces: JOIN_WORKSPACE, LEAVE_WORKSPACE, /ws/workspace/{id}.
 *
 * A connection on /ws/workspace/{id} may say with its first message what it has. It gets a moment for
 * that; without it, or when something else comes first, the workspace is joined from its state. Said
 * later, it costs a state that was not needed and is served all the same.
 *
 * Owns nothing; the subscriptions are subscription.c's. Called by session_message.c and session_auth.c.
 */
#include "conn/subscription.h"

/* From WELCOME until the state is read: longer than most clients need for a round trip. */
#define SESSION_RESUME_WAIT_MS 200

static void
session_open_path_workspace(Session *session)
{
	Subscription *workspace = subscription_open(session, ROOM_WORKSPACE, &session->path_workspace_id);

	workspace->is_joined = workspace->is_from_path = true;
	if (session->has_path_since)
		subscription_read_resume(workspace, session->path_since_version, slice_of_text(session->path_since_event));
	else
		subscription_read_state(workspace);
}

static void
session_stop_waiting(Session *session)
{
	session->awaits_resume = false;
	timer_wheel_stop(session_hub.wheel, &session->path_timer);
}

static void
on_path_timer(WheelTimer *timer)
{
	session_join_path_now(CONTAINER_OF(timer, Session, path_timer));
}

void
session_join_path_now(Session *session)
{
	if (!session->awaits_resume)
		return;
	session_stop_waiting(session);
	if (session_is_open(session))
		session_open_path_workspace(session);
}

void
session_join_path_workspace(Session *session)
{
	if (session->has_path_since)
	{
		session_open_path_workspace(session);
		return;
	}
	session->awaits_resume = true;
	session_start_timer(&session->path_timer, SESSION_RESUME_WAIT_MS, on_path_timer);
}

/* A message of the path's dialect need not say which workspace it is about; NULL: it does not say. */
static const Uuid *
session_named_workspace(Session *session, const Message *message)
{
	Refusal refusal = {0};

	if (message_has(message, MESSAGE_FIELD_WORKSPACE_ID))
		return &message->fields.workspace_id;
	if (session->has_path_workspace)
		return &session->path_workspace_id;
	refusal_set(&refusal, REFUSAL_INVALID, "workspace_id is missing");
	session_refuse(session, &refusal, message);
	return NULL;
}

void
session_join_workspace(Session *session, const Message *message)
{
	const Uuid *id = session_named_workspace(session, message);
	bool is_path = id != NULL && session->has_path_workspace && uuid_equals(id, &session->path_workspace_id);
	Subscription *workspace;

	if (id == NULL)
		return;
	if (is_path)
		session_stop_waiting(session);
	else
		session_join_path_now(session);
	workspace = subscription_open(session, ROOM_WORKSPACE, id);
	workspace->is_joined = true;
	workspace->is_from_path = is_path;
	subscription_note_command(workspace, message);
	workspace_note_marks(workspace, message);
	if (message_has(message, MESSAGE_FIELD_SINCE_VERSION))
		subscription_read_resume(workspace, (int) message->fields.since_version, message->fields.since_event);
	else
		subscription_read_state(workspace);
}

void
session_leave_workspace(Session *session, const Message *message)
{
	const Uuid *id = session_named_workspace(session, message);
	Subscription *workspace = id != NULL ? subscription_find(session, ROOM_WORKSPACE, id) : NULL;

	if (id == NULL)
		return;
	if (workspace != NULL)
		subscription_end(workspace);
	session_acknowledge(session, message);
}

/* Anything but a sign of life: the client has nothing to resume from. */
void
session_note_first_message(Session *session, const Message *message)
{
	if (session->awaits_resume && message->type != MESSAGE_JOIN_WORKSPACE && message->type != MESSAGE_HEARTBEAT &&
		message->type != MESSAGE_AUTH)
		session_join_path_now(session);
}
