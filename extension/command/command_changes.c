/*
 * command_changes.c: see command_changes.h.
 */
#include "postgres.h"

#include "command/command_changes.h"
#include "support/support_json.h"

void
changes_begin(Changes *changes)
{
	initStringInfo(&changes->updates);
	initStringInfo(&changes->before);
	json_begin(&changes->updates, '{');
	json_begin(&changes->before, '{');
}

void
changes_add_text(Changes *changes, const char *name, const char *wanted, const char *now)
{
	if (wanted == NULL || strcmp(wanted, now) == 0)
		return;
	json_add_string(&changes->updates, name, wanted);
	json_add_string(&changes->before, name, now);
}

void
changes_add_raw(Changes *changes, const char *name, const char *wanted, const char *now)
{
	json_add_raw(&changes->updates, name, wanted);
	json_add_raw(&changes->before, name, now);
}

bool
changes_end(Changes *changes)
{
	json_end(&changes->updates, '}');
	json_end(&changes->before, '}');
	return strcmp(changes->updates.data, "{}") != 0;
}

void
changes_put(StringInfo out, const Changes *changes)
{
	json_add_raw(out, "updates", changes->updates.data);
	json_add_raw(out, "before", changes->before.data);
}
