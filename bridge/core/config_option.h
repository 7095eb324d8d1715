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
	OPTION_TYPE_INTEGER,
	OPTION_TYPE_BYTES,
	OPTION_TYPE_DURATION,
	OPTION_TYPE_BOOLEAN,
	OPTION_TYPE_CHOICE,
} OptionType;

typedef enum OptionId
{
#define OPTION(name, TYPE, initial, minimum, maximum, unit, help) OPTION_ID_##name,
#include "core/options.def"
#undef OPTION
	OPTION_COUNT
} OptionId;

typedef struct OptionInfo
{
	const char *name;
	OptionType type;
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

/* False, with the reason appended to *reason and the member unchanged. */
extern bool config_option_set(Config *config, OptionId option, Slice text, Buffer *reason) MUST_CHECK;

/* Appends the value as the file would have it, unquoted. */
extern void config_option_show(Buffer *out, const Config *config, OptionId option);

/* Frees a TEXT or FILENAME member. */
extern void config_option_release(Config *config, OptionId option);

#endif
