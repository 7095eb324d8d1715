/*
 * config.h - the options, read from a file, the environment and the command line.
 *
 * Owns the Config and its text.  Later sources win: default, file, environment, flags.  Does not open sockets
 * or read keys; main.c does, with what stands here.
 */
#ifndef COLLAB_CORE_CONFIG_H
#define COLLAB_CORE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/compiler.h"

#define CONFIG_TYPE_TEXT char *
#define CONFIG_TYPE_FILENAME char *
#define CONFIG_TYPE_SECRETFILE char *
#define CONFIG_TYPE_INTEGER int64_t
#define CONFIG_TYPE_BYTES int64_t
#define CONFIG_TYPE_DURATION int64_t
#define CONFIG_TYPE_BOOLEAN bool
#define CONFIG_TYPE_CHOICE int

typedef struct Config
{
#define OPTION(name, TYPE, CHANGE, initial, minimum, maximum, unit, help) CONFIG_TYPE_##TYPE name;
#include "core/options.def"
#undef OPTION
	char *config_file; /* the file read, or NULL */
} Config;

/* Read when it is there and no other is named; tests set it. */
extern const char *config_default_file;

typedef enum ConfigAction
{
	CONFIG_RUN, /* start the bridge */
	CONFIG_CHECK, /* --check-config: everything was valid, say so and stop */
	CONFIG_VERSION, /* --version */
	CONFIG_HELP, /* --help */
	CONFIG_INVALID, /* the problems are in the buffer, one line each */
} ConfigAction;

/*
 * Reads file, environment (`environment` as in environ) and flags into *config, which need not be initialised
 * and always has to be given to config_free().  argv[0] is skipped.  Problems name file:line, variable or flag,
 * and the option.
 */
extern ConfigAction config_load(Config *config, int argc, char *const *argv, char *const *environment,
								Buffer *problems) MUST_CHECK;
extern void config_free(Config *config);

extern void config_print_help(FILE *stream);

/* One `name = value` line an option, in the form the file takes; passwords in `database` are masked. */
extern void config_print(const Config *config, FILE *stream);

/* Splits "host:port", "[v6]:port" or ":port" of option `listen`; false when it is none of these. */
extern bool config_split_listen(const char *listen, char host[256], int *port) MUST_CHECK;

#endif
