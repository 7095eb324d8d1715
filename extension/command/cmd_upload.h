/*
 * cmd_upload.h: the settings of uploads, and files that come attached.
 */
#ifndef COLLAB_CMD_UPLOAD_H
#define COLLAB_CMD_UPLOAD_H

#include "postgres.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "support/support_refusal.h"

typedef struct UploadedFile
{
	pg_uuid_t id;
	int64 user_id;
	const char *name;
	const char *content_type;
	bytea *content;
	const char *sha256; /* set by upload_keep_attached */
} UploadedFile;

/* Checks a file of an import as an upload is checked, and keeps it as one that is attached. */
extern bool upload_keep_attached(UploadedFile *file, TimestampTz now, Refusal *refusal);

/* Defines collab.attachment_limit. Once, at module start. */
extern void cmd_upload_start(void);

#endif
