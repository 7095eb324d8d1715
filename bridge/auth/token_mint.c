/*
 * token_mint.c - making tokens, for the demo, for tests and for trying things out.
 *
 * Owns nothing beyond one call.  Called by main.c for `collab-bridge token` and by tests; never by the running
 * bridge.
 */
#include "auth/token_mint.h"

#include <errno.h>
#include <getopt.h>
#include <jwt.h>
#include <stdlib.h>
#include <string.h>

#include "base/timestamp.h"

#define MINT_DEFAULT_TTL 300
#define MINT_MAX_TTL INT64_C(315360000) /* ten years */

static const char mint_usage[] = "usage: collab-bridge token --key-file FILE --issuer ISS --subject SUB [--name NAME] "
								 "[--picture URL] [--audience AUD] [--key-id KID] [--ttl SECONDS]\n";

typedef struct MintArguments
{
	const char *key_file;
	const char *key_id;
	TokenRequest request;
} MintArguments;

static bool
mint_add_text(jwt_t *token, const char *name, const char *text)
{
	return text == NULL || jwt_add_grant(token, name, text) == 0;
}

static bool
mint_add_claims(jwt_t *token, const TokenRequest *request)
{
	return mint_add_text(token, "iss", request->issuer) && mint_add_text(token, "sub", request->subject) &&
		   mint_add_text(token, "name", request->name) && mint_add_text(token, "picture", request->picture) &&
		   mint_add_text(token, "aud", request->audience) &&
		   jwt_add_grant_int(token, "iat", (long) request->issued_at) == 0 &&
		   jwt_add_grant_int(token, "exp", (long) (request->issued_at + request->ttl_s)) == 0;
}

bool
token_mint(Buffer *out, const Key *key, const TokenRequest *request)
{
	jwt_t *token = NULL;
	char *text = NULL;
	bool is_made = false;

	if (jwt_new(&token) != 0)
		return false;
	if (!mint_add_claims(token, request))
		goto out;
	if (key->id[0] != '\0' && jwt_add_header(token, "kid", key->id) != 0)
		goto out;
	if (jwt_set_alg(token, JWT_ALG_HS256, key->secret, (int) key->length) != 0)
		goto out;
	text = jwt_encode_str(token);
	if (text == NULL)
		goto out;
	buffer_append_text(out, text);
	is_made = true;
out:
	free(text);
	jwt_free(token);
	return is_made;
}

static bool
mint_parse_ttl(const char *text, int64_t *ttl)
{
	char *end;

	errno = 0;
	*ttl = strtoll(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *ttl > 0 && *ttl <= MINT_MAX_TTL;
}

static bool
mint_take_argument(MintArguments *arguments, int letter, const char *value)
{
	TokenRequest *request = &arguments->request;

	switch (letter)
	{
		case 'f':
			arguments->key_file = value;
			return true;
		case 'k':
			arguments->key_id = value;
			return true;
		case 'i':
			request->issuer = value;
			return true;
		case 's':
			request->subject = value;
			return true;
		case 'n':
			request->name = value;
			return true;
		case 'p':
			request->picture = value;
			return true;
		case 'a':
			request->audience = value;
			return true;
		case 't':
			return mint_parse_ttl(value, &request->ttl_s);
		default:
			return false;
	}
}

static bool
mint_read_arguments(MintArguments *arguments, int argc, char *const *argv)
{
	static const struct option options[] = {
		{"key-file", required_argument, NULL, 'f'},
		{"key-id", required_argument, NULL, 'k'},
		{"issuer", required_argument, NULL, 'i'},
		{"subject", required_argument, NULL, 's'},
		{"name", required_argument, NULL, 'n'},
		{"picture", required_argument, NULL, 'p'},
		{"audience", required_argument, NULL, 'a'},
		{"ttl", required_argument, NULL, 't'},
		{NULL, 0, NULL, 0},
	};
	int letter;

	optind = 0; /* glibc: start over, whoever used getopt before */
	opterr = 0;
	while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!mint_take_argument(arguments, letter, optarg))
			return false;
	return optind == argc && arguments->key_file && arguments->request.issuer && arguments->request.subject;
}

int
token_mint_main(int argc, char *const *argv, FILE *out, FILE *problems)
{
	MintArguments arguments = {.request = {.ttl_s = MINT_DEFAULT_TTL}};
	Buffer text = BUFFER_EMPTY;
	KeySet *keys;
	int status = EXIT_FAILURE;

	if (!mint_read_arguments(&arguments, argc, argv))
	{
		fputs(mint_usage, problems);
		return EXIT_FAILURE;
	}
	keys = keys_load(&(KeyFiles){.secret = arguments.key_file, .secret_id = arguments.key_id}, &text);
	if (keys == NULL)
	{
		fprintf(problems, "collab-bridge: %s\n", buffer_text(&text));
		goto out;
	}
	arguments.request.issued_at = timestamp_now_ms() / 1000;
	if (token_mint(&text, keys_find(keys, KEY_ALGORITHM_HS256, slice_of(NULL, 0)), &arguments.request) &&
		fprintf(out, "%s\n", buffer_text(&text)) > 0 && fflush(out) == 0)
		status = EXIT_SUCCESS;
	else
		fputs("collab-bridge: the token could not be made\n", problems);
out:
	buffer_free(&text);
	keys_free(keys);
	return status;
}
