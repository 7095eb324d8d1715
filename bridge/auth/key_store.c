/*
 * key_store.c - the keys in use, and their replacement while the bridge runs.
 *
 * The content of the files is looked at every now and then rather than watched by inotify, which sees neither a link
 * that points elsewhere (so secrets are renewed in containers) nor a change on another machine. A bad file is reported
 * once, not at every look. Called by main.c.
 */
#include "auth/key_store.h"

#include <string.h>

#include "auth/key_file.h"
#include "core/log.h"
#include "core/loop.h"

#define KEY_STORE_FILES 3

typedef struct KeyPrints
{
	KeyFingerprint of[KEY_STORE_FILES];
} KeyPrints;

static struct
{
	KeyFiles files;
	TokenRules *rules;
	KeySet *keys;
	KeyPrints prints; /* of the last attempt, good or bad */
	ev_timer timer;
	bool is_watching;
} store;

/* False when one of them is no regular file: those are read again on SIGHUP only. */
static bool
key_store_prints(KeyPrints *prints)
{
	const char *const paths[KEY_STORE_FILES] = {store.files.secret, store.files.public_key, store.files.jwks};

	for (size_t i = 0; i < KEY_STORE_FILES; i++)
		if (!key_file_fingerprint(paths[i], KEYS_MAX_FILE_LENGTH + 1, &prints->of[i]))
			return false;
	return true;
}

static bool
key_store_load(Buffer *problem)
{
	KeySet *keys = keys_load(&store.files, problem);

	if (keys == NULL)
		return false;
	keys_free(store.keys);
	store.keys = keys;
	store.rules->keys = keys;
	return true;
}

static bool
key_store_replace(void)
{
	Buffer problem = BUFFER_EMPTY;
	bool is_loaded = key_store_load(&problem);

	if (is_loaded)
		log_info("keys_reloaded", LOG_INTEGER("keys", (int64_t) keys_total(store.keys)),
				 LOG_INTEGER("ignored", (int64_t) keys_ignored(store.keys)));
	else
		log_error("keys_not_reloaded", LOG_TEXT("problem", buffer_text(&problem)));
	buffer_free(&problem);
	return is_loaded;
}

/* The fingerprint is always taken first: what changes while it loads is found at the next look. */
void
key_store_look(void)
{
	KeyPrints prints;

	if (!key_store_prints(&prints) || memcmp(&prints, &store.prints, sizeof(prints)) == 0)
		return;
	store.prints = prints;
	(void) key_store_replace();
}

/* After a failure the prints are those of the files refused: if the old ones are others, the next look reads these. */
bool
key_store_change(const KeyFiles *files)
{
	KeyFiles old = store.files;

	store.files = *files;
	(void) key_store_prints(&store.prints);
	if (key_store_replace())
		return true;
	store.files = old;
	return false;
}

bool
key_store_open(const KeyFiles *files, TokenRules *rules, Buffer *problem)
{
	store.files = *files;
	store.rules = rules;
	(void) key_store_prints(&store.prints);
	if (!key_store_load(problem))
		return false;
	log_info("keys_loaded", LOG_INTEGER("keys", (int64_t) keys_total(store.keys)),
			 LOG_INTEGER("ignored", (int64_t) keys_ignored(store.keys)));
	return true;
}

static void
on_look_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
	key_store_look();
}

void
key_store_watch(int64_t interval_ms)
{
	double interval = (double) interval_ms / 1000.0;

	if (store.is_watching)
		ev_timer_stop(loop_ev(), &store.timer);
	store.is_watching = false;
	if (interval_ms == 0)
		return;
	ev_timer_init(&store.timer, on_look_timer, interval, interval);
	ev_timer_start(loop_ev(), &store.timer);
	store.is_watching = true;
}

void
key_store_close(void)
{
	if (store.is_watching)
		ev_timer_stop(loop_ev(), &store.timer);
	store.is_watching = false;
	keys_free(store.keys);
	store.keys = NULL;
}
