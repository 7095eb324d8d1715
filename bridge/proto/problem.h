/*
 * problem.h - refusals of the database as RFC 9457 problem documents.
 *
 * Pure: no I/O.
 */
#ifndef COLLAB_PROTO_PROBLEM_H
#define COLLAB_PROTO_PROBLEM_H

#include "base/buffer.h"
#include "base/slice.h"
#include "proto/parse.h"

/*
 * Appends the document of an ERROR's payload {code, message, hint?, command?, …} or of a CONFLICT_ERROR's {reason, …}, and returns
 * its status.  A code that is not in codes.def is a 500.
 */
extern int problem_append_error(Buffer *out, Slice payload);
extern int problem_append_conflict(Buffer *out, Slice payload);

/* The same for a refusal of the bridge's own, under another status than the code has by itself; 0: that one. */
extern int problem_append_refusal(Buffer *out, const Refusal *refusal, int status);

/* "Not Found"; "Error" when unknown. */
extern const char *problem_title(int status);

#endif
