/*
 * log_redact.h - taking tokens out of what is about to be logged.
 *
 * Private to core/log*.c; log_redact_url() is in log.h.
 */
#ifndef COLLAB_CORE_LOG_REDACT_H
#define COLLAB_CORE_LOG_REDACT_H

#include "base/buffer.h"
#include "base/slice.h"

/* Appends `text` with everything that looks like a JSON Web Token replaced by [redacted]. */
extern void log_redact_tokens(Buffer *out, Slice text);

#endif
