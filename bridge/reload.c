/*
 * reload.c - SIGHUP: the configuration and the keys are read again.
 *
 * First everything that can be refused is tried, then it is put into force.  What a module reads through the Config at
 * its use needs nothing here; reload_tell is for those that keep something made from it.  Called by main.c.
 */
#include "reload.h"

#include <string.h>

#include "auth/key_store.h"
#include "auth/token_rules.h"
#include "core/log.h"
#include "core/metrics.h"
#include "core/supervisor.h"
#include "door/tls_context.h"
#include "hub/presence_store.h"
#include "hub/room.h"
#include "pg/pg.h"

static struct
{
	Config *running;
	TokenRules *rules;
	const ConfigSources *sources;
} reloading;

void
reload_open(Config *running, TokenRules *rules, const ConfigSources *sources)
{
	reloading.running = running;
	reloading.rules = rules;
	reloading.sources = sources;
}

/* Whoever keeps a copy of what a RELOAD option says is told here. */
static void
reload_tell(const Config *config)
{
	log_start((LogLevel) config->log_level, (LogFormat) config->log_format);
	token_rules_set(reloading.rules, config);
	key_store_watch(config->jwt_reload_interval);
	tls_context_watch(config->jwt_reload_interval);
	tls_context_reload();
	room_hub_configure(config);
	pg_configure(config);
	presence_store_configure(config);
}

static void
reload_refused(const Buffer *problems)
{
	Slice rest = buffer_slice(problems);

	metrics_add(METRIC_RELOADS_FAILED, 1);
	while (rest.length > 0)
	{
		const char *newline = memchr(rest.bytes, '\n', rest.length);
		size_t length = newline != NULL ? (size_t) (newline - rest.bytes) : rest.length;

		log_error("configuration_not_reloaded", LOG_SLICE("problem", slice_of(rest.bytes, length)));
		length += newline != NULL;
		rest = slice_of(rest.bytes + length, rest.length - length);
	}
}

/* The keys before the rest: they are what can still be refused. */
static bool
reload_carry_out(Config *fresh, Buffer *changed, Buffer *held_back, Buffer *problems)
{
	KeyFiles files;

	if (!config_reload_read(reloading.running, reloading.sources, fresh, held_back, problems))
		return false;
	files = token_key_files(fresh);
	if (!key_store_change(&files))
	{
		buffer_append_text(problems, "the keys could not be read");
		return false;
	}
	config_reload_apply(reloading.running, fresh, changed);
	reload_tell(reloading.running);
	return true;
}

void
reload_all(void)
{
	Config fresh;
	Buffer changed = BUFFER_EMPTY;
	Buffer held_back = BUFFER_EMPTY;
	Buffer problems = BUFFER_EMPTY;

	supervisor_reloading();
	log_info("reloading", LOG_TEXT("file", reloading.running->config_file));
	if (reload_carry_out(&fresh, &changed, &held_back, &problems))
	{
		metrics_add(METRIC_RELOADS_OK, 1);
		if (held_back.length > 0)
			log_warning("options_need_restart", LOG_TEXT("options", buffer_text(&held_back)));
		log_info("configuration_reloaded", LOG_TEXT("changed", buffer_text(&changed)));
	}
	else
		reload_refused(&problems);
	supervisor_reloaded();
	config_free(&fresh);
	buffer_free(&changed);
	buffer_free(&held_back);
	buffer_free(&problems);
}
