/*
 * command_changes.h: what an update changes: the new values and, beside them, those that UNDO goes back to.
 */
#ifndef COLLAB_COMMAND_CHANGES_H
#define COLLAB_COMMAND_CHANGES_H

#include "postgres.h"
#include "lib/stringinfo.h"

/* Two objects with the same keys, as JSON text. */
typedef struct Changes
{
	StringInfoData updates;
	StringInfoData before;
} Changes;

extern void changes_begin(Changes *changes);
/* Only where it differs; wanted NULL: not asked for. */
extern void changes_add_text(Changes *changes, const char *name, const char *wanted, const char *now);
/* Always; both are JSON text, NULL becomes null. */
extern void changes_add_raw(Changes *changes, const char *name, const char *wanted, const char *now);
/* Nothing is added after it; returns whether anything changes. */
extern bool changes_end(Changes *changes);
/* "updates": {…}, "before": {…} */
extern void changes_put(StringInfo out, const Changes *changes);

#endif
