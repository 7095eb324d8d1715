/*
 * jwt_claims.c - what a token says, and whether it says it to us and now.
 *
 * Knows nothing of keys and signatures (jwt.c).  The text is checked by json_validate() before json-c sees it, and
 * an object that names a member twice is refused, so that no two readers can disagree about it.
 */
#include "auth/jwt_claims.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64url.h"
#include "base/json_validate.h"
#include "base/memory.h"

/* Times beyond it are not exact in JSON, and no sum below can overflow. */
#define JWT_MAX_TIME INT64_C(9007199254740991)

struct json_object *
jwt_parse_object(Slice text, size_t max_length)
{
	struct json_tokener *tokener;
	struct json_object *object;
	JsonReport report;

	if (!json_validate(text.bytes, text.length, max_length, &report) || report.first != '{')
		return NULL;
	tokener = json_tokener_new_ex(JSON_MAX_DEPTH + 1);
	if (tokener == NULL)
		return NULL;
	object = json_tokener_parse_ex(tokener, text.bytes, (int) text.length);
	json_tokener_free(tokener);
	if (object && (size_t) json_object_object_length(object) != report.outer_members)
	{
		json_object_put(object);
		object = NULL;
	}
	return object;
}

struct json_object *
jwt_decode_object(Slice part)
{
	Buffer text = BUFFER_EMPTY;
	struct json_object *object = NULL;

	if (base64url_decode(&text, part))
		object = jwt_parse_object(buffer_slice(&text), JWT_MAX_TOKEN_LENGTH);
	buffer_free(&text);
	return object;
}

struct json_object *
jwt_object_member(struct json_object *object, const char *name)
{
	struct json_object *member = NULL;

	return json_object_object_get_ex(object, name, &member) ? member : NULL;
}

/* False when the member is there and not a string. */
static bool
jwt_copy_text(struct json_object *object, const char *name, char **text)
{
	struct json_object *member = jwt_object_member(object, name);

	*text = NULL;
	if (member == NULL)
		return true;
	if (!json_object_is_type(member, json_type_string))
		return false;
	*text = memory_copy_text(json_object_get_string(member));
	return true;
}

/* Seconds since 1970, fractions cut off; *time is 0 when absent.  False when it is not such a number. */
static bool
jwt_read_time(struct json_object *object, const char *name, bool *is_present, int64_t *time)
{
	struct json_object *member = jwt_object_member(object, name);
	double number;

	*time = 0;
	*is_present = member != NULL;
	if (member == NULL)
		return true;
	if (!json_object_is_type(member, json_type_int) && !json_object_is_type(member, json_type_double))
		return false;
	number = floor(json_object_get_double(member));
	if (!(number >= 0 && number <= (double) JWT_MAX_TIME))
		return false;
	*time = (int64_t) number;
	return true;
}

static bool
jwt_names_audience(struct json_object *member, const char *audience)
{
	return json_object_is_type(member, json_type_string) && strcmp(json_object_get_string(member), audience) == 0;
}

/* RFC 7519, 4.1.3: a token for an audience is refused by whoever is not of it. */
static bool
jwt_audience_fits(struct json_object *object, const char *audience)
{
	struct json_object *member = jwt_object_member(object, "aud");

	if (audience == NULL || audience[0] == '\0')
		return member == NULL;
	if (json_object_is_type(member, json_type_array))
	{
		for (size_t i = 0; i < json_object_array_length(member); i++)
			if (jwt_names_audience(json_object_array_get_idx(member, i), audience))
				return true;
		return false;
	}
	return jwt_names_audience(member, audience);
}

static const char *
jwt_claim_name(const char *configured, const char *usual)
{
	return configured && configured[0] != '\0' ? configured : usual;
}

static bool
jwt_copy_texts(const TokenRules *rules, struct json_object *object, Claims *claims)
{
	return jwt_copy_text(object, "iss", &claims->issuer) &&
		   jwt_copy_text(object, jwt_claim_name(rules->subject_claim, "sub"), &claims->subject) &&
		   jwt_copy_text(object, jwt_claim_name(rules->name_claim, "name"), &claims->name) &&
		   jwt_copy_text(object, jwt_claim_name(rules->picture_claim, "picture"), &claims->picture);
}

static TokenResult
jwt_check_identity(const TokenRules *rules, struct json_object *object, const Claims *claims)
{
	if (claims->issuer == NULL || claims->issuer[0] == '\0')
		return TOKEN_NO_ISSUER;
	if (claims->subject == NULL || claims->subject[0] == '\0')
		return TOKEN_NO_SUBJECT;
	if (rules->issuer && rules->issuer[0] != '\0' && strcmp(claims->issuer, rules->issuer) != 0)
		return TOKEN_WRONG_ISSUER;
	return jwt_audience_fits(object, rules->audience) ? TOKEN_VALID : TOKEN_WRONG_AUDIENCE;
}

static TokenResult
jwt_check_times(const TokenRules *rules, struct json_object *object, TokenOrigin origin, int64_t now_s, Claims *claims)
{
	bool has_exp;
	bool has_iat;
	bool has_nbf;

	if (!jwt_read_time(object, "exp", &has_exp, &claims->exp) ||
		!jwt_read_time(object, "iat", &has_iat, &claims->iat) || !jwt_read_time(object, "nbf", &has_nbf, &claims->nbf))
		return TOKEN_BAD_CLAIMS;
	if (!has_exp)
		return TOKEN_NO_EXPIRY;
	if (now_s >= claims->exp + rules->leeway_s)
		return TOKEN_EXPIRED;
	if (claims->nbf > now_s + rules->leeway_s || claims->iat > now_s + rules->leeway_s)
		return TOKEN_NOT_YET_VALID;
	if (origin != TOKEN_FROM_URL)
		return TOKEN_VALID;
	if (!has_iat)
		return TOKEN_NO_ISSUE_TIME;
	return now_s - claims->iat > rules->max_age_s + rules->leeway_s ? TOKEN_TOO_OLD : TOKEN_VALID;
}

TokenResult
jwt_claims_read(const TokenRules *rules, struct json_object *object, TokenOrigin origin, int64_t now_s, Claims *claims)
{
	TokenResult result;

	if (!jwt_copy_texts(rules, object, claims))
		return TOKEN_BAD_CLAIMS;
	result = jwt_check_identity(rules, object, claims);
	return result == TOKEN_VALID ? jwt_check_times(rules, object, origin, now_s, claims) : result;
}

void
claims_free(Claims *claims)
{
	free(claims->issuer);
	free(claims->subject);
	free(claims->name);
	free(claims->picture);
	*claims = (Claims){0};
}
