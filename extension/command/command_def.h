/*
 * command_def.h: the tables of commands as C sees them: commands.def, updates.def, and of entities.def the kinds.
 */
#ifndef COLLAB_COMMAND_DEF_H
#define COLLAB_COMMAND_DEF_H

#include "postgres.h"

#include "support/support_field.h"
#include "support/support_access.h"

struct Command;

typedef enum CommandAggregate
{
	COMMAND_WORKSPACE_NEW,
	COMMAND_BOARD_NEW,
	COMMAND_WORKSPACE,
	COMMAND_BOARD,
	COMMAND_INVITED, /* the workspace that an invite's token leads to */
	COMMAND_ACTOR, /* none: the actor's own marks and preferences */
} CommandAggregate;

typedef enum CommandEntity
{
	ENTITY_NONE,
	ENTITY_WORKSPACE,
	ENTITY_INVITE,
	ENTITY_BOARD,
	ENTITY_LIST,
	ENTITY_TASK,
	ENTITY_TASK_CHILDREN, /* a task that gets something new: its own version is not looked at */
#define ENTITY(name, field, table, where, noun, document) ENTITY_##name,
#include "command/entities.def"
#undef ENTITY
} CommandEntity;

/* One line of commands.def. */
typedef struct CommandDef
{
	const char *name;
	bool (*decide)(struct Command *command);
	CommandAggregate aggregate;
	WorkspaceRole least_role;
	CommandEntity entity;
	const FieldDef *fields;
	const char *summary;
} CommandDef;

/* The line of the table that has this handler. */
extern const CommandDef *command_def_of(bool (*decide)(struct Command *command));

/* The tables of updates.def: updates_task, … */
#define UPDATES(noun, fields) extern const FieldDef updates_##noun[];
#include "command/updates.def"
#undef UPDATES

/* Handlers: each line of commands.def has one, named cmd_… */
#define COMMAND(name, handler, aggregate, least_role, entity, fields, summary)                                         \
	extern bool cmd_##handler(struct Command *command);
#include "command/commands.def"
#undef COMMAND

#endif
