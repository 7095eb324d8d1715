/*
 * support_subxact.h: a piece of work in a subtransaction, whose error is a value.
 */
#ifndef COLLAB_SUPPORT_SUBXACT_H
#define COLLAB_SUPPORT_SUBXACT_H

#include "postgres.h"

/* The work; returns whether what it wrote stays. */
typedef bool (*SubxactWork)(void *state);

/*
 * Runs work(state) in a subtransaction, in the caller's memory, which outlives it. Rolled back when the work says so or
 * ends in an error. Returns the error, copied, for the caller to judge (ReThrowError), or NULL.
 */
extern ErrorData *subxact_run(SubxactWork work, void *state);

#endif
