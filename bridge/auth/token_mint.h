/*
 * token_mint.h - making tokens, for the demo, for tests and for trying things out.
 *
 * `collab-bridge token --key-file F --issuer I --subject S [--name N] [--picture URL] [--audience A] [--key-id K]
 * [--ttl SECONDS]` prints one token.  The running bridge never makes any.
 */
#ifndef COLLAB_AUTH_TOKEN_MINT_H
#define COLLAB_AUTH_TOKEN_MINT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "auth/keys.h"
#include "base/buffer.h"
#include "base/compiler.h"

typedef struct TokenRequest
{
	const char *issuer;
	const char *subject;
	const char *name; /* NULL: left out, as the next two */
	const char *picture;
	const char *audience;
	int64_t issued_at; /* seconds since 1970 */
	int64_t ttl_s;
} TokenRequest;

/* Appends the token; false when the library refuses. */
extern bool token_mint(Buffer *out, const Key *key, const TokenRequest *request) MUST_CHECK;

/*
 * The sub-command: argv[0] is "token".  Prints the token and a newline to `out`, or one line to `problems`.
 * Returns the process's exit status.
 */
extern int token_mint_main(int argc, char *const *argv, FILE *out, FILE *problems);

#endif
