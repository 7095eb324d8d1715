/*
 * collab.c: module start: settings and hooks. Called by the server when the library is loaded.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "command/cmd_member.h"
#include "command/cmd_task.h"
#include "command/cmd_upload.h"
#include "notify/notify_inline.h"
#include "support/support_access.h"

PG_MODULE_MAGIC;

void _PG_init(void);

void
_PG_init(void)
{
	access_start();
	cmd_member_start();
	cmd_task_start();
	cmd_upload_start();
	notify_inline_start();
#if PG_VERSION_NUM >= 150000
	MarkGUCPrefixReserved("collab");
#else
	EmitWarningsOnPlaceholders("collab");
#endif
}
