/*
 * jwt.c - may we believe this token?
 *
 * In this order: form, header, key, signature, claims.  The header is read by us first and chooses the key by
 * algorithm and id, and only a key whose own algorithm it names is given to a library, which never gets to decide
 * what a key is good for.  Claims are looked at only after the signature.
 * Owns nothing.  Called by the session and the HTTP doors.
 */
#include "auth/jwt.h"

#include <string.h>
#include <strings.h>

#include "auth/jwt_claims.h"
#include "auth/jwt_signature.h"

#define JWT_PARTS 3

typedef struct TokenParts
{
	Slice header;
	Slice claims;
	Slice signature;
} TokenParts;

const char *
token_result_reason(TokenResult result)
{
	static const char *const reasons[] = {
#define TOKEN_RESULT_REASON(ID, reason) reason,
		TOKEN_RESULTS(TOKEN_RESULT_REASON)
#undef TOKEN_RESULT_REASON
	};

	return reasons[result];
}

/* Two points, nothing but base64url around them; the signature may be missing here (alg none has none). */
static bool
token_split(Slice token, TokenParts *parts)
{
	Slice *part[JWT_PARTS] = {&parts->header, &parts->claims, &parts->signature};
	size_t start = 0;

	for (int i = 0; i < JWT_PARTS; i++)
	{
		const char *from = token.bytes + start;
		const char *point = memchr(from, '.', token.length - start);

		if ((point == NULL) != (i == JWT_PARTS - 1))
			return false;
		*part[i] = slice_of(from, point ? (size_t) (point - from) : token.length - start);
		start += part[i]->length + 1;
	}
	return parts->header.length > 0 && parts->claims.length > 0;
}

static Slice
token_header_text(struct json_object *header, const char *name)
{
	struct json_object *member = jwt_object_member(header, name);

	if (!json_object_is_type(member, json_type_string))
		return slice_of(NULL, 0);
	return slice_of(json_object_get_string(member), (size_t) json_object_get_string_len(member));
}

/* A kid or typ that is no string, a typ that is no JWT, or extensions (crit) we would have to understand. */
static bool
token_header_is_sane(struct json_object *header)
{
	Slice type = token_header_text(header, "typ");

	if (jwt_object_member(header, "crit"))
		return false;
	if (jwt_object_member(header, "kid") && token_header_text(header, "kid").bytes == NULL)
		return false;
	if (jwt_object_member(header, "typ"))
		return type.length == 3 && strncasecmp(type.bytes, "JWT", 3) == 0;
	return true;
}

/* The key the header asks for, provided that the algorithm it names is that key's. */
static TokenResult
token_choose_key(const TokenRules *rules, struct json_object *header, const Key **key)
{
	Slice id = token_header_text(header, "kid");
	KeyAlgorithm algorithm;

	if (!keys_algorithm_of(token_header_text(header, "alg"), &algorithm) || keys_count(rules->keys, algorithm) == 0)
		return TOKEN_WRONG_ALGORITHM;
	*key = keys_find(rules->keys, algorithm, id);
	if (*key)
		return TOKEN_VALID;
	return id.bytes ? TOKEN_UNKNOWN_KEY : TOKEN_NO_KEY_ID;
}

static TokenResult
token_read_header(const TokenRules *rules, Slice part, const Key **key)
{
	struct json_object *header = jwt_decode_object(part);
	TokenResult result = TOKEN_BAD_HEADER;

	if (header && token_header_is_sane(header))
		result = token_choose_key(rules, header, key);
	json_object_put(header);
	return result;
}

static TokenResult
token_read_claims(const TokenRules *rules, Slice part, TokenOrigin origin, int64_t now_s, Claims *claims)
{
	struct json_object *object = jwt_decode_object(part);
	TokenResult result = object ? jwt_claims_read(rules, object, origin, now_s, claims) : TOKEN_BAD_CLAIMS;

	json_object_put(object);
	if (result != TOKEN_VALID)
		claims_free(claims);
	return result;
}

TokenResult
token_verify(const TokenRules *rules, Slice token, TokenOrigin origin, int64_t now_s, Claims *claims)
{
	TokenParts parts;
	TokenResult result;
	const Key *key = NULL;

	*claims = (Claims){0};
	if (token.length == 0)
		return TOKEN_ABSENT;
	if (token.length > JWT_MAX_TOKEN_LENGTH)
		return TOKEN_TOO_LONG;
	if (!token_split(token, &parts))
		return TOKEN_MALFORMED;
	result = token_read_header(rules, parts.header, &key);
	if (result == TOKEN_VALID &&
		!jwt_signature_fits(key, token, parts.header.length + 1 + parts.claims.length, parts.signature))
		result = TOKEN_BAD_SIGNATURE;
	if (result == TOKEN_VALID)
		result = token_read_claims(rules, parts.claims, origin, now_s, claims);
	return result;
}
