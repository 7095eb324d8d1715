/*
 * config_check.h - what options must satisfy together.
 *
 * Private to core/config*.c.
 */
#ifndef COLLAB_CORE_CONFIG_CHECK_H
#define COLLAB_CORE_CONFIG_CHECK_H

#include "base/buffer.h"
#include "core/config_option.h"

/* Where each option's value came from: "bridge.conf:3", "COLLAB_LISTEN", "--listen", "default". */
typedef struct ConfigOrigins
{
	char *of[OPTION_COUNT];
	bool is_wrong[OPTION_COUNT]; /* its value could not be read, and that has been said */
} ConfigOrigins;

/* Appends one line per problem of options that are not wrong already. */
extern void config_check(const Config *config, const ConfigOrigins *origins, Buffer *problems);

#endif
