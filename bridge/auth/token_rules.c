/*
 * token_rules.c - what the options say of tokens and keys.
 *
 * Owns nothing.  Called by main.c at the start and by reload.c.
 */
#include "auth/token_rules.h"

KeyFiles
token_key_files(const Config *config)
{
	return (KeyFiles){
		.secret = config->jwt_key_file,
		.secret_id = config->jwt_key_id,
		.public_key = config->jwt_public_key_file,
		.public_key_id = config->jwt_public_key_id,
		.jwks = config->jwt_jwks_file,
	};
}

void
token_rules_set(TokenRules *rules, const Config *config)
{
	*rules = (TokenRules){
		.keys = rules->keys,
		.issuer = config->jwt_issuer,
		.audience = config->jwt_audience,
		.subject_claim = config->jwt_subject_claim,
		.name_claim = config->jwt_name_claim,
		.picture_claim = config->jwt_picture_claim,
		.leeway_s = config->jwt_leeway / 1000,
		.max_age_s = config->max_token_age / 1000,
	};
}
