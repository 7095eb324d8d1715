/*
 * key_store.h - the keys in use, and their replacement while the bridge runs.
 *
 * Owns the one KeySet of the process. Nothing keeps a Key beyond the check of one token, so a new set takes the place
 * of the old one between two of them, and no connection notices. Called by main.c.
 */
#ifndef COLLAB_AUTH_KEY_STORE_H
#define COLLAB_AUTH_KEY_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/jwt.h"
#include "auth/keys.h"
#include "base/compiler.h"

/* Loads; from then on rules->keys is the store's.  What `files` names is borrowed until key_store_close. */
extern bool key_store_open(const KeyFiles *files, TokenRules *rules, Buffer *problem) MUST_CHECK;
extern void key_store_close(void);

/* Looks that often; 0 is never.  After loop_open; a second call changes the interval. */
extern void key_store_watch(int64_t interval_ms);

/* Loads again if the content of a file has changed since the last attempt. */
extern void key_store_look(void);

/*
 * Loads again, from these files from now on.  When one is bad the old keys stay in use, all of them, and so do the old
 * names; the log has said why.  What `files` names is borrowed until the next change.
 */
extern bool key_store_change(const KeyFiles *files) MUST_CHECK;

#endif
