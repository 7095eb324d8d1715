/*
 * collab.c: module start: settings and hooks. Called by the server when the library is loaded.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "command/cmd_member.h"
#include "command/cmd_task.h"
#include "command/cmd_upload.h"
#include "command/command_slow.h"
#include "notify/notify_inline.h"
#include "projection/proj_snapshot.h"
#include "support/support_access.h"
#include "support/support_schema.h"

PG_MODULE_MAGIC;

void _PG_init(void);

void
_PG_init(void)
{
	access_start();
	cmd_member_start();
	cmd_task_start();
	cmd_upload_start();
	command_slow_start();
	notify_inline_start();
	proj_snapshot_start();
	schema_start();
#if PG_VERSION_NUM >= 150000
	MarkGUCPrefixReserved("collab");
#else
	EmitWarningsOnPlaceholders("collab");
#endif
}
