/*
 * rest_private.h - what the rest*.c files share; nobody else includes it.
 *
 *   rest.c           a request in: which route, what refuses it before the database is asked
 *   rest_user.c      who asks
 *   rest_read.c      reads
 *   rest_events.c    a board's events, with waiting
 *   rest_upload.c    files that are attached
 *   rest_download.c  files that are fetched
 *   rest_command.c   commands, one or several, and their answers
 */
#ifndef COLLAB_DOOR_REST_PRIVATE_H
#define COLLAB_DOOR_REST_PRIVATE_H

#include "door/poll.h"
#include "door/rest.h"
#include "door/route.h"
#include "door/route_message.h"
#include "pg/pg_command.h"

#define REST_JSON "application/json; charset=utf-8"
#define REST_CSV "text/csv; charset=utf-8"
#define REST_COMMANDS_MAX 50

typedef struct RestCall RestCall;

/* One command of a call. */
typedef struct RestCommand
{
	PgCommand pg;
	RestCall *call;
	int64_t received_us;
	int status; /* of the answer; 0: none yet */
	int64_t retry_after_ms; /* 0: none is told */
	Buffer answer;
} RestCommand;

/* A request under way. Holds its exchange, whose memory the match and the message's parts point into. */
struct RestCall
{
	HttpExchange *exchange;
	RouteMatch match;
	RouteMessage message;
	RestUser user;
	int64_t user_id;
	PgRead read;

	RestCommand *commands; /* in their order */
	size_t command_count;
	size_t commands_left; /* not answered yet */
	bool is_array;
	PgCommandStream stream;

	Buffer file_name; /* of an upload */
	Slice file; /* in the body */
	Slice file_type;

	Uuid board_id; /* of events */
	int after; /* the version they come after */
	Buffer mark; /* of the newest one */
	int64_t wait_ms;
	ev_timer wait_timer; /* runs while it waits */
	Poll *poll; /* NULL: it does not wait */
	int heard; /* of the poll: looked for already */
	bool waits; /* it does, or did */
	bool is_looking; /* `read` is in flight */
};

/* rest.c */
void rest_input(HttpExchange *exchange, RouteInput *input);
void rest_call_free(RestCall *call); /* also lets the exchange go */

/* rest_read.c: the call's user is known */
void rest_read(RestCall *call);
/* The answer did not come: refuses the exchange. */
void rest_read_fail(RestCall *call, const PgReadResult *result);

/* rest_upload.c: a body that is a file, and no JSON that speaks of a link */
bool rest_is_upload(const RestCall *call);
bool rest_upload_prepare(RestCall *call, Refusal *refusal) MUST_CHECK;
void rest_upload(RestCall *call);

/* rest_events.c */
bool rest_events_prepare(RestCall *call, Refusal *refusal) MUST_CHECK;
void rest_events(RestCall *call);

/* rest_download.c */
void rest_download(RestCall *call);
void rest_download_file(RestCall *call, bool with_content);

/* rest_command.c */
bool rest_commands_parse(RestCall *call, Refusal *refusal) MUST_CHECK; /* the body of /api/commands */
void rest_command_route(RestCall *call); /* the message of a route is the one command */
void rest_commands_submit(RestCall *call);

#endif
