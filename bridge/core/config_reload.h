/*
 * config_reload.h - the same sources read a second time, while the bridge runs.
 *
 * In two steps, so that whoever needs more than values (keys from files) can refuse in between: nothing has changed
 * then.  Called by main.c on SIGHUP.
 */
#ifndef COLLAB_CORE_CONFIG_RELOAD_H
#define COLLAB_CORE_CONFIG_RELOAD_H

#include "base/buffer.h"
#include "core/config.h"

typedef struct ConfigSources
{
	int argc;
	char *const *argv;
	char *const *environment;
} ConfigSources;

/*
 * Reads into *fresh, which always has to be given to config_free().  Options that need a restart keep their running value
 * there and are named in *held_back, separated by spaces.  False: *problems says why, one line each.
 */
extern bool config_reload_read(const Config *running, const ConfigSources *sources, Config *fresh, Buffer *held_back,
							   Buffer *problems) MUST_CHECK;

/*
 * Gives *running the values of *fresh, and the names of those that differ to *changed.  The texts of options that can
 * change are new ones afterwards, the old ones are in *fresh; those of the others stay where they are.
 */
extern void config_reload_apply(Config *running, Config *fresh, Buffer *changed);

#endif
