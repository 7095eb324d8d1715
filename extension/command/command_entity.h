/*
 * command_entity.h: the thing a command names: where it is, that it is there, whether it changed meanwhile.
 */
#ifndef COLLAB_COMMAND_ENTITY_H
#define COLLAB_COMMAND_ENTITY_H

#include "command/command.h"

/* The field of the payload that names it, or NULL when the command names nothing below its aggregate. */
extern const char *command_entity_key(CommandEntity entity);
/* "task", "checklist item": for messages. */
extern const char *command_entity_noun(CommandEntity entity);
/* Looks its board up by its id, deleted things too: a resent command must find its first result. False: unknown. */
extern bool command_find_board(CommandEntity entity, const pg_uuid_t *id, pg_uuid_t *board_id);

/* Reads the entity of the command (and the task it is on) and its version; refuses with not_found. */
extern bool command_read_entity(Command *command);
/* Refuses with a conflict as the board's policy says (docs/protocol.md, "Versions"). */
extern bool command_check_version(Command *command);

/* Names of fields; "*" means all of them. */
typedef struct FieldNames
{
	const char **names;
	int count;
	int room;
} FieldNames;

/* True when one of the names stands in both. */
extern bool field_names_meet(const FieldNames *a, const FieldNames *b);
extern void field_names_add(FieldNames *fields, const char *name);
/* The fields that an event changed, as the policy "field" tells them apart. */
extern void field_names_of_event(EventType type, const Jsonb *data, FieldNames *fields);

#endif
