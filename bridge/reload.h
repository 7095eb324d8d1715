/*
 * reload.h - SIGHUP: the configuration and the keys are read again.
 */
#ifndef COLLAB_BRIDGE_RELOAD_H
#define COLLAB_BRIDGE_RELOAD_H

#include "auth/jwt.h"
#include "core/config.h"
#include "core/config_reload.h"

/* All three are the caller's and outlive the bridge's loop. */
extern void reload_open(Config *running, TokenRules *rules, const ConfigSources *sources);

/* All of it or, when anything is wrong, nothing; the log says which. */
extern void reload_all(void);

#endif
