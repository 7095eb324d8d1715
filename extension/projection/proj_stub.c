/*
 * proj_stub.c: TEMPORARY: projections that are not written yet.
 */
#include "postgres.h"

#include "projection/projection.h"

#define EVENT(name, aggregate, projection, schema_version)                                                             \
	__attribute__((weak)) void projection(const ProjectedEvent *event)                                                 \
	{                                                                                                                  \
		elog(ERROR, "%s is not written yet", #name);                                                                   \
	}
#include "event/event_types.def"
#undef EVENT

__attribute__((weak)) void
proj_notify(const ProjectedEvent *event)
{
	(void) event;
}
