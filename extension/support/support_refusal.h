/*
 * support_refusal.h: a refusal as a value: why a command was not carried out, and how a person can get on.
 */
#ifndef COLLAB_SUPPORT_REFUSAL_H
#define COLLAB_SUPPORT_REFUSAL_H

#include "postgres.h"

#include "errors.h"
#include "support/support_compat.h"

typedef struct Refusal
{
	RefusalCode code; /* REFUSAL_NONE: not refused */
	const char *message; /* lower case, no full stop */
	const char *hint; /* a sentence, or NULL */
} Refusal;

/* Fills the refusal and returns false, so that a check can say: return refuse(&refusal, code, hint, format, …). */
#define refuse(refusal, code, hint, ...) refusal_set((refusal), (code), (hint), psprintf(__VA_ARGS__))
extern bool refusal_set(Refusal *refusal, RefusalCode code, const char *hint, const char *message);

/* The code of the wire: "not_found". */
extern const char *refusal_code_name(RefusalCode code);

/* Raises the refusal as an ERROR with its SQLSTATE; detail may be NULL. */
COLLAB_NORETURN extern void refusal_raise(const Refusal *refusal, const char *detail);

/* The refusal that an ERROR with this SQLSTATE stands for, or REFUSAL_NONE. */
extern RefusalCode refusal_code_of_sqlstate(int sqlstate);

/*
 * The refusal that an error by the content of a message is: our own TBxxx, and 22xxx and 54xxx, which are about its JSON as
 * long as that is not parsed. False for any other error.
 */
extern bool refusal_of_error(const ErrorData *error, bool is_parsed, Refusal *refusal);

#endif
