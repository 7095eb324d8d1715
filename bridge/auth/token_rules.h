/*
 * token_rules.h - what the options say of tokens and keys.
 */
#ifndef COLLAB_AUTH_TOKEN_RULES_H
#define COLLAB_AUTH_TOKEN_RULES_H

#include "auth/jwt.h"
#include "auth/keys.h"
#include "core/config.h"

/* Both borrow the text of *config.  The keys of *rules stay as they are: they are the store's. */
extern void token_rules_set(TokenRules *rules, const Config *config);
extern KeyFiles token_key_files(const Config *config);

#endif
