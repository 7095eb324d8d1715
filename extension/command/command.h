/*
 * command.h: one command on its way through the frame, and what a handler may ask and say.
 *
 * A handler (cmd_*.c) decides: it reads what it needs and adds events, or refuses, or does neither when there is
 * nothing to change. It never writes a read model.
 */
#ifndef COLLAB_COMMAND_H
#define COLLAB_COMMAND_H

#include "postgres.h"
#include "utils/jsonb.h"

#include "command/command_def.h"
#include "event/event_append.h"
#include "projection/proj_document.h"
#include "support/support_access.h"
#include "support/support_refusal.h"

/* A list as commands see it. */
typedef struct ListRow
{
	pg_uuid_t id;
	const char *name;
	const char *category;
	int64 rank;
	int task_count; /* neither archived nor deleted */
	int wip_limit; /* 0: none */
	int version;
	bool is_archived;
} ListRow;

typedef enum CommandOutcome
{
	OUTCOME_PENDING,
	OUTCOME_REFUSED, /* refusal says why; conflict fields too for REFUSAL_VERSION_CONFLICT */
	OUTCOME_UNCHANGED, /* nothing to do */
	OUTCOME_APPENDED, /* events hold what was appended */
	OUTCOME_REPLAYED, /* the command had been carried out before; events hold what it appended then */
} CommandOutcome;

/* Where an UNDO puts a task, or a list, back to. */
typedef struct TaskPlace
{
	pg_uuid_t list_id;
	int position;
} TaskPlace;

typedef struct Command
{
	/* asked */
	const CommandDef *def; /* NULL until the type is known */
	const char *type; /* as sent; NULL when there was none */
	Jsonb *message;
	JsonbContainer *payload;
	int64 user_id;
	bool is_internal; /* given by the extension itself (execute_as): may say what users may not */
	bool has_id;
	pg_uuid_t id; /* command_id; without has_id a random one that is not kept */
	bytea *hash;
	bool has_expected_version;
	int expected_version;

	/* resolved: the aggregate, then its locked stream (shared by the commands of a batch) */
	AggregateKind kind;
	pg_uuid_t stream_id;
	pg_uuid_t workspace_id;
	pg_uuid_t entity_id;
	const char
		*noun; /* by what the aggregate was found: who may not see it hears the same as of one that is not there */
	Stream *stream;
	Access access;
	TimestampTz now;

	/*
	 * the entity, as def->entity says. Of a task its own row only, see proj_read_task_parts; for what is on a task
	 * (comment, checklist, item, attachment) the task it is on.
	 */
	TaskDocument task;
	ListRow list;
	int entity_version; /* version that last changed it */

	/* the outcome */
	CommandOutcome outcome;
	Refusal refusal;
	int current_version; /* of a conflict: the stream's head */
	const char *current; /* of a conflict: the entity as it is now, JSON text, or NULL */
	Event *events;
	int from_version; /* of the first event, also where events holds only the last */
	int event_count;
	int event_room;
	/* of an UNDO of a change of status: not just any list of the old status; of a list's archiving; NULL otherwise */
	const TaskPlace *back_to;
	/* of CREATE_WORKSPACE: the first event of its default board, a new aggregate that nobody can have locked */
	Stream *default_board;
	Event default_board_event;
	/* result of a command that makes no event (MARK_READ) and changed something; JSON text, NULL: nothing changed */
	const char *result;
} Command;

/* The frame, in the order of its steps (command.c). Each but the last leaves at OUTCOME_PENDING or refuses. */
extern void command_parse(Command *command, Jsonb *message);
extern void command_resolve(Command *command);
extern void command_carry_out(Command *command);

/* For handlers: refuses and returns false. */
#define command_refuse(command, code, hint, ...) command_set_refusal((command), (code), (hint), psprintf(__VA_ARGS__))
extern bool command_set_refusal(Command *command, RefusalCode code, const char *hint, const char *message);
/* The noun is not there, or not for the actor to see: the two must not be told apart. */
extern bool command_refuse_missing(Command *command, const char *noun);
/* Adds an event from JSON text; returns true. */
extern bool command_add_event(Command *command, EventType type, const char *json);
/* Adds an event that changes who may do what, or sees what. */
extern bool command_add_rights_event(Command *command, EventType type, const char *json);
/* The version that the next added event will have. */
extern int command_next_version(const Command *command);
/* A new random id. */
extern pg_uuid_t command_new_id(void);
/* The first event of the new workspace's default board; returns true. */
extern bool command_add_default_board(Command *command, const pg_uuid_t *board_id, const char *json);
/* An id that the same command, sent again, derives again; purpose tells several of one command apart. */
extern pg_uuid_t command_derive_id(const Command *command, const char *purpose);
/* The payload's "updates", checked against a table of updates.def; refuses and returns NULL. */
extern JsonbContainer *command_updates(Command *command, const FieldDef *defs);
/* A word among the board's settings, or NULL. */
extern char *command_setting(const Command *command, const char *name);
/* Reads a list of the command's board; refuses with not_found. */
extern bool command_read_list(Command *command, const pg_uuid_t *list_id, ListRow *list);

#endif
