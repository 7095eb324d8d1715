/*
 * jwt.h - who is this token's bearer, and may we believe it?
 *
 * The only header the rest of the bridge sees of token checking; the library behind it is jwt.c's business.
 * (libjwt's own header is <jwt.h>; ours is always included as "auth/jwt.h".)
 */
#ifndef COLLAB_AUTH_JWT_H
#define COLLAB_AUTH_JWT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/keys.h"
#include "base/compiler.h"
#include "base/slice.h"

#define JWT_MAX_TOKEN_LENGTH 8192

/* TOKEN_RESULT(ID, reason): the reason is for the log, never for the client. */
#define TOKEN_RESULTS(TOKEN_RESULT)                                                                                    \
	TOKEN_RESULT(VALID, "valid")                                                                                       \
	TOKEN_RESULT(ABSENT, "no token")                                                                                   \
	TOKEN_RESULT(TOO_LONG, "longer than 8192 bytes")                                                                   \
	TOKEN_RESULT(MALFORMED, "not three parts of base64url")                                                            \
	TOKEN_RESULT(BAD_HEADER, "header is not a JSON object of a signed token")                                          \
	TOKEN_RESULT(BAD_CLAIMS, "claims are not a JSON object of the right types")                                        \
	TOKEN_RESULT(WRONG_ALGORITHM, "algorithm is no key's")                                                             \
	TOKEN_RESULT(UNKNOWN_KEY, "no key of this algorithm has this id")                                                  \
	TOKEN_RESULT(NO_KEY_ID, "no key id, and several keys have this algorithm")                                         \
	TOKEN_RESULT(BAD_SIGNATURE, "signature does not fit, or what is signed cannot be read")                            \
	TOKEN_RESULT(EXPIRED, "expired")                                                                                   \
	TOKEN_RESULT(NOT_YET_VALID, "not yet valid")                                                                       \
	TOKEN_RESULT(WRONG_ISSUER, "issuer is not jwt_issuer")                                                             \
	TOKEN_RESULT(WRONG_AUDIENCE, "audience is not jwt_audience")                                                       \
	TOKEN_RESULT(NO_ISSUER, "no iss")                                                                                  \
	TOKEN_RESULT(NO_SUBJECT, "no subject")                                                                             \
	TOKEN_RESULT(NO_EXPIRY, "no exp")                                                                                  \
	TOKEN_RESULT(NO_ISSUE_TIME, "in a URL without iat")                                                                \
	TOKEN_RESULT(TOO_OLD, "in a URL and older than max_token_age")

typedef enum TokenResult
{
#define TOKEN_RESULT_ENUM(ID, reason) TOKEN_##ID,
	TOKEN_RESULTS(TOKEN_RESULT_ENUM)
#undef TOKEN_RESULT_ENUM
} TokenResult;

typedef enum TokenOrigin
{
	TOKEN_FROM_MESSAGE, /* header, subprotocol, AUTH, JOIN_BOARD */
	TOKEN_FROM_URL, /* may be at most max_age_s old */
} TokenOrigin;

/* What a token must satisfy.  Everything is borrowed; the owner is main.c. */
typedef struct TokenRules
{
	const KeySet *keys;
	const char *issuer; /* NULL or "": any */
	const char *audience; /* NULL or "": only tokens without aud */
	const char *subject_claim; /* NULL: sub */
	const char *name_claim; /* NULL: name */
	const char *picture_claim; /* NULL: picture */
	int64_t leeway_s;
	int64_t max_age_s; /* of tokens from URLs */
} TokenRules;

/* Owned text, UTF-8 without NUL.  Times are seconds since 1970. */
typedef struct Claims
{
	char *issuer;
	char *subject;
	char *name; /* NULL when absent */
	char *picture; /* NULL when absent */
	int64_t exp;
	int64_t iat; /* 0 when absent */
	int64_t nbf; /* 0 when absent */
} Claims;

/*
 * *claims need not be initialised; it is all zero unless the result is TOKEN_VALID, and goes to claims_free().
 */
extern TokenResult token_verify(const TokenRules *rules, Slice token, TokenOrigin origin, int64_t now_s,
								Claims *claims) MUST_CHECK;
extern void claims_free(Claims *claims);

extern const char *token_result_reason(TokenResult result);

#endif
