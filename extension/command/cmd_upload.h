/*
 * cmd_upload.h: the settings of uploads.
 */
#ifndef COLLAB_CMD_UPLOAD_H
#define COLLAB_CMD_UPLOAD_H

/* Defines collab.attachment_limit. Once, at module start. */
extern void cmd_upload_start(void);

#endif
