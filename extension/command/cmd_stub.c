/*
 * cmd_stub.c: TEMPORARY: commands that are not written yet. A handler of the same name replaces its stub at link time.
 */
#include "postgres.h"

#include "command/command.h"

#define COMMAND(name, handler, aggregate, least_role, entity, fields, summary)                                         \
	__attribute__((weak)) bool cmd_##handler(Command *command)                                                         \
	{                                                                                                                  \
		return command_refuse(command, REFUSAL_UNKNOWN_TYPE, NULL, "%s is not written yet", #name);                    \
	}
#include "command/commands.def"
#undef COMMAND
