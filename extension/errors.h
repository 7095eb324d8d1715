/*
 * errors.h: every refusal a user can meet, one line each: SQLSTATE, name in C, code on the wire.
 *
 * A refusal travels as a value (support/support_refusal.h) and becomes an ereport with its SQLSTATE only in the SQL
 * entry points for people. docs/errors.md explains each.
 */
#ifndef COLLAB_ERRORS_H
#define COLLAB_ERRORS_H

#define COLLAB_REFUSALS(X)                                                                                             \
	X("TB001", VERSION_CONFLICT, "version_conflict")                                                                   \
	X("TB002", NOT_FOUND, "not_found")                                                                                 \
	X("TB003", FORBIDDEN, "forbidden")                                                                                 \
	X("TB004", INVALID, "invalid")                                                                                     \
	X("TB005", RULE, "rule")                                                                                           \
	X("TB007", LIMIT, "limit")                                                                                         \
	X("TB008", COMMAND_ID_REUSED, "command_id_reused")                                                                 \
	X("TB009", UNAUTHENTICATED, "unauthenticated")                                                                     \
	X("TB010", UNKNOWN_TYPE, "unknown_type")                                                                           \
	X("TB011", BAD_MESSAGE, "bad_message")                                                                             \
	X("TB061", INVITE_INVALID, "invite_invalid")                                                                       \
	X("TB062", INVITE_EXPIRED, "invite_expired")                                                                       \
	X("TB063", INVITE_USED_UP, "invite_used_up")                                                                       \
	X("TB064", INVITE_REVOKED, "invite_revoked")

typedef enum RefusalCode
{
	REFUSAL_NONE = 0,
#define X(sqlstate, name, code) REFUSAL_##name,
	COLLAB_REFUSALS(X)
#undef X
} RefusalCode;

#endif
