/*
 * session_command.c - a client's command to the pool, and its answer back.
 *
 * The answer first leaves the list of commands awaited, then the sender's ACK takes its place in
 * the room's order, then the events enter the room, which sends them to everyone else. A sender
 * that is gone by then still gets its events into the room: the neighbours must not wait.
 *
 * Owns the commands in flight.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "base/timestamp.h"
#include "conn/command_outcome.h"
#include "conn/session_private.h"

#define RETRY_AFTER_MS 1000

typedef struct SessionCommand
{
	PgCommand pg;
	Session *session; /* a reference */
	ListLink link; /* in session->commands */
	uint64_t number;
	int64_t received_us;
	bool has_id; /* the client's own */
	char *text;
	char type_text[PARSE_MAX_TYPE_LENGTH + 1];
} SessionCommand;

static void
command_free(SessionCommand *command)
{
	session_unref(command->session);
	metrics_add(METRIC_HELD_BYTES, -(int64_t) command->pg.text.length);
	free(command->text);
	free(command);
}

bool
session_awaits_command(const Session *session, const Uuid *command_id)
{
	LIST_FOR_EACH (&session->commands, SessionCommand, link, command)
	{
		if (uuid_equals(&command->pg.command_id, command_id))
			return true;
	}
	return false;
}

bool
session_commands_done(const Session *session, uint64_t number)
{
	const ListLink *oldest = list_first(&session->commands);

	return oldest == NULL || CONTAINER_OF(oldest, SessionCommand, link)->number > number;
}

/* ---- the answer ---- */

static Frame *
ack_frame(const PgCommandResult *result, bool with_events)
{
	Slice none = {0};
	Slice *events = result->event_count > 0 ? memory_alloc(sizeof(*events) * result->event_count) : &none;
	bool is_object;

	for (size_t i = 0; i < result->event_count; i++)
		events[i] = result->events[i].body;
	is_object =
		encode_ack(frame_begin(), result->body, with_events ? events : NULL, with_events ? result->event_count : 0);
	if (result->event_count > 0)
		free(events);
	return is_object ? frame_finish(FRAME_TEXT) : NULL;
}

/* The first event's board or workspace that this connection is on; NULL when its ACK has no place in an order. */
static RoomMember *
ack_member(Session *session, const PgCommandResult *result, bool *is_echo, int *from, int *to)
{
	RoomMember *member = NULL;
	const PgEvent *own = NULL;

	if (result->status != PG_COMMAND_ACK)
		return NULL;
	for (size_t i = 0; i < result->event_count; i++)
	{
		const PgEvent *event = &result->events[i];

		if (own == NULL)
			member = session_find_member(session, event->is_board ? ROOM_BOARD : ROOM_WORKSPACE, &event->aggregate_id,
										 is_echo);
		if (own == NULL && member != NULL)
		{
			own = event;
			*from = event->version;
		}
		if (own != NULL && uuid_equals(&event->aggregate_id, &own->aggregate_id))
			*to = event->version;
	}
	return member;
}

static void
command_acknowledge(Session *session, const PgCommandResult *result)
{
	bool is_echo = false;
	int from = 0;
	int to = 0;
	RoomMember *member = ack_member(session, result, &is_echo, &from, &to);
	Frame *frame = ack_frame(result, !(member != NULL && is_echo));

	if (frame == NULL)
		return;
	session_note_workspace(session, frame);
	if (member == NULL)
		session_send(session, frame);
	else
		room_member_ack(member, from, to, frame, is_echo);
}

static void
command_unavailable(Session *session, const SessionCommand *command)
{
	Refusal refusal = {0};

	refusal_set(&refusal, REFUSAL_UNAVAILABLE, "the database did not accept the command in time");
	refusal.retry_after_ms = RETRY_AFTER_MS;
	session_refuse_command(session, &refusal, command->type_text, command->has_id ? &command->pg.command_id : NULL);
}

static void
command_answer(Session *session, const SessionCommand *command, const PgCommandResult *result)
{
	switch (result->status)
	{
		case PG_COMMAND_ACK:
		case PG_COMMAND_UNCHANGED:
		case PG_COMMAND_REPLAYED:
			command_acknowledge(session, result);
			return;
		case PG_COMMAND_CONFLICT:
			encode_body(frame_begin(), MESSAGE_CONFLICT_ERROR, result->body);
			break;
		case PG_COMMAND_ERROR:
			encode_body(frame_begin(), MESSAGE_ERROR, result->body);
			break;
		case PG_COMMAND_UNAVAILABLE:
			command_unavailable(session, command);
			return;
	}
	session_send(session, frame_finish(FRAME_TEXT));
}

static void
on_command_done(PgCommand *pg, const PgCommandResult *result)
{
	SessionCommand *command = CONTAINER_OF(pg, SessionCommand, pg);
	Session *session = command->session;

	list_remove(&command->link);
	session->command_count--;
	command_outcome_count(pg, result, command->received_us);
	if (session_is_open(session))
		command_answer(session, command, result);
	command_outcome_feed_rooms(result);
	if (session_is_open(session))
	{
		session_pump_boards(session); /* events that waited for this answer */
		session_run_deferred_soon(session);
	}
	command_free(command);
}

/* ---- the way in ---- */

void
session_submit_command(Session *session, const Message *message, Slice text)
{
	SessionCommand *command;

	if (!session_takes_command(session, message))
		return;
	command = memory_alloc(sizeof(*command));
	command->session = session_ref(session);
	command->number = ++session->command_number;
	command->received_us = timestamp_monotonic_us();
	command->has_id = message->has_id;
	command->text = memory_copy_bytes(text.bytes, text.length);
	memcpy(command->type_text, message->type_text, sizeof(command->type_text));
	command->pg = (PgCommand){
		.stream = &session->stream,
		.user_id = session->user_id,
		.command_id = message->id,
		.text = slice_of(command->text, text.length),
		.type = message_name(message->type),
		.is_bulk = message_is_bulk(message->type),
		.done = on_command_done,
	};
	if (!message->has_id)
		uuid_random(&command->pg.command_id);
	command->pg.has_routing_key = message_routing_key(message, &command->pg.routing_key);
	metrics_add(METRIC_HELD_BYTES, (int64_t) text.length);
	list_append(&session->commands, &command->link);
	session->command_count++;
	pg_command_submit(&command->pg);
}
