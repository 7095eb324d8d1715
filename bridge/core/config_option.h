/*
 * config_option.h - the table of options.def, and one option's value from and to text.
 *
 * Private to core/config*.c.
 */
#ifndef COLLAB_CORE_CONFIG_OPTION_H
#define COLLAB_CORE_CONFIG_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"
#include "core/config.h"

typedef enum OptionType
{
	OPTION_TYPE_TEXT,
	OPTION_TYPE_FILENAME,
	OPTION_TYPE_SECRETFILE,
	OPTION_TYPE_INTEGER,
	OPTION_TYPE_BYTES,
	OPTION_TYPE_DURATION,
	OPTION_TYPE_BOOLEAN,
	OPTION_TYPE_CHOICE,
} OptionType;

typedef enum OptionChange
{
	OPTION_CHANGE_RELOAD, /* SIGHUP puts a new value into force */
	OPTION_CHANGE_RESTART,
} OptionChange;

typedef enum OptionId
{
#define OPTION(name, TYPE, CHANGE, initial, minimum, maximum, unit, help) OPTION_ID_##name,
#include "core/options.def"
#undef OPTION
	OPTION_COUNT
} OptionId;

typedef struct OptionInfo
{
	const char *name;
	OptionType type;
	OptionChange change;
	const char *initial; /* as text, in the form the file takes */
	int64_t minimum;
	int64_t maximum;
	const char *unit;
	const char *help;
	size_t offset; /* of the member in Config */
} OptionInfo;

extern const OptionInfo config_options[OPTION_COUNT];

/* Dashes and underscores are the same; OPTION_COUNT when unknown. */
extern OptionId config_option_find(Slice name);

/* The option that `name` may have been meant to be; OPTION_COUNT when none is near. */
extern OptionId config_option_like(Slice name);

/* Whether the member is a char * of its own. */
extern bool config_option_is_text(OptionId option);

/* False, with the reason appended to *reason and the member unchanged. */
extern bool config_option_set(Config *config, OptionId option, Slice text, Buffer *reason) MUST_CHECK;

/* Appends the value as the file would have it, unquoted. */
extern void config_option_show(Buffer *out, const Config *config, OptionId option);

/* Exchanges the values, and with them the ownership of text. */
extern void config_option_swap(Config *left, Config *right, OptionId option);

/* Frees the member when it is text. */
extern void config_option_release(Config *config, OptionId option);

#endif
