/*
 * codes.h - the refusals of the protocol with their HTTP status, and the close codes with their metrics.
 */
#ifndef COLLAB_PROTO_CODES_H
#define COLLAB_PROTO_CODES_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/slice.h"
#include "core/metrics.h"

typedef enum RefusalCode
{
	REFUSAL_NONE,
#define REFUSAL(ID, code, http_status, close_code) REFUSAL_##ID,
#define CLOSE(ID, code, metric, reason)
#include "proto/codes.def"
#undef REFUSAL
#undef CLOSE
} RefusalCode;

typedef enum CloseCode
{
	CLOSE_NONE,
#define REFUSAL(ID, code, http_status, close_code)
#define CLOSE(ID, code, metric, reason) CLOSE_##ID = code,
#include "proto/codes.def"
#undef REFUSAL
#undef CLOSE
} CloseCode;

extern const char *refusal_text(RefusalCode code); /* "not_found"; "" for REFUSAL_NONE */
extern int refusal_http_status(RefusalCode code); /* 404; 200 for REFUSAL_NONE */
extern CloseCode refusal_close_code(RefusalCode code); /* CLOSE_NONE: stays open */
extern RefusalCode refusal_from_text(Slice text); /* REFUSAL_NONE when unknown */

extern const char *close_code_reason(CloseCode code); /* "" when unknown */

/* The counter of this close code; false when unknown. */
extern bool close_code_metric(CloseCode code, Metric *metric) MUST_CHECK;

#endif
