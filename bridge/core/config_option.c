/*
 * config_option.c - the table of options.def, and one option's value from and to text.
 *
 * Knows types, units and ranges; not where a text came from (config.c) or what options mean together
 * (config_check.c).
 */
#include "core/config_option.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define CONFIG_NAME_SIZE 64 /* of an option's name */

typedef struct Unit
{
	const char *name;
	int64_t factor;
} Unit;

const OptionInfo config_options[OPTION_COUNT] = {
#define OPTION(name, TYPE, CHANGE, initial, minimum, maximum, unit, help)                                              \
	{#name, OPTION_TYPE_##TYPE, OPTION_CHANGE_##CHANGE, initial, minimum, maximum, unit, help, offsetof(Config, name)},
#include "core/options.def"
#undef OPTION
};

/* sizeof counts the NUL. */
#define OPTION(name, TYPE, CHANGE, initial, minimum, maximum, unit, help)                                              \
	_Static_assert(sizeof(#name) <= CONFIG_NAME_SIZE, "longer than there is room for");
#include "core/options.def"
#undef OPTION

/* The greatest last: showing looks for the greatest that divides the value. */
static const Unit config_byte_units[] = {{"bytes", 1}, {"B", 1}, {"kB", 1024}, {"MB", 1048576}, {"GB", 1073741824}};
static const Unit config_time_units[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}};

static void *
config_member(Config *config, OptionId option)
{
	return (char *) config + config_options[option].offset;
}

OptionId
config_option_find(Slice name)
{
	for (OptionId option = 0; option < OPTION_COUNT; option++)
	{
		const char *known = config_options[option].name;
		size_t i = 0;

		if (strlen(known) != name.length)
			continue;
		while (i < name.length && known[i] == (name.bytes[i] == '-' ? '_' : name.bytes[i]))
			i++;
		if (i == name.length)
			return option;
	}
	return OPTION_COUNT;
}

static size_t
config_min(size_t left, size_t right)
{
	return left < right ? left : right;
}

/* How many letters must be changed, added or left out to make `name` of `known` (Levenshtein). */
static size_t
config_name_distance(Slice name, const char *known)
{
	size_t length = strlen(known);
	size_t row[CONFIG_NAME_SIZE];

	for (size_t i = 0; i <= length; i++)
		row[i] = i;
	for (size_t at = 0; at < name.length; at++)
	{
		size_t diagonal = row[0];

		row[0] = at + 1;
		for (size_t i = 1; i <= length; i++)
		{
			size_t above = row[i];
			char letter = name.bytes[at] == '-' ? '_' : name.bytes[at];

			row[i] = config_min(config_min(above, row[i - 1]) + 1, diagonal + (letter != known[i - 1]));
			diagonal = above;
		}
	}
	return row[length];
}

OptionId
config_option_like(Slice name)
{
	OptionId nearest = OPTION_COUNT;
	size_t least = name.length / 3 + 1;

	for (OptionId option = 0; option < OPTION_COUNT && name.length < CONFIG_NAME_SIZE; option++)
	{
		size_t distance = config_name_distance(name, config_options[option].name);

		if (distance >= least)
			continue;
		least = distance;
		nearest = option;
	}
	return nearest;
}

/* Digits with an optional sign at the front of *text, which moves behind them. */
static bool
config_take_number(Slice *text, int64_t *number)
{
	bool is_negative = text->length > 0 && text->bytes[0] == '-';
	size_t at = is_negative;
	int64_t sum = 0;

	if (at == text->length)
		return false;
	for (; at < text->length && text->bytes[at] >= '0' && text->bytes[at] <= '9'; at++)
		if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_add_overflow(sum, text->bytes[at] - '0', &sum))
			return false;
	if (at == (size_t) is_negative)
		return false;
	*number = is_negative ? -sum : sum;
	*text = slice_of(text->bytes + at, text->length - at);
	return true;
}

static bool
config_apply_unit(Slice name, const Unit *units, size_t count, int64_t *number)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equals_text(name, units[i].name))
			return !__builtin_mul_overflow(*number, units[i].factor, number);
	return false;
}

static bool
config_parse_number(const OptionInfo *info, Slice text, int64_t *number)
{
	if (!config_take_number(&text, number))
		return false;
	if (info->type == OPTION_TYPE_INTEGER)
		return text.length == 0;
	while (text.length > 0 && text.bytes[0] == ' ')
		text = slice_of(text.bytes + 1, text.length - 1);
	if (text.length == 0)
		text = slice_of_text(info->unit);
	if (info->type == OPTION_TYPE_BYTES)
		return config_apply_unit(text, config_byte_units, LENGTH_OF(config_byte_units), number);
	return config_apply_unit(text, config_time_units, LENGTH_OF(config_time_units), number);
}

/* Appends the number with the greatest unit that divides it. */
static void
config_show_number(Buffer *out, OptionType type, int64_t number)
{
	const Unit *units = type == OPTION_TYPE_BYTES ? config_byte_units : config_time_units;
	size_t at = type == OPTION_TYPE_BYTES ? LENGTH_OF(config_byte_units) : LENGTH_OF(config_time_units);

	if (type == OPTION_TYPE_INTEGER)
	{
		buffer_append_integer(out, number);
		return;
	}
	do
		at--;
	while (at > 0 && (number == 0 || number % units[at].factor != 0));
	buffer_append_integer(out, number / units[at].factor);
	buffer_append_text(out, units[at].name);
}

static bool
config_set_number(int64_t *member, const OptionInfo *info, Slice text, Buffer *reason)
{
	int64_t number;

	if (config_parse_number(info, text, &number) && number >= info->minimum && number <= info->maximum)
	{
		*member = number;
		return true;
	}
	buffer_append_format(reason, "\"%.*s\" is not a %s from ", (int) text.length, text.bytes,
						 info->type == OPTION_TYPE_INTEGER ? "whole number"
						 : info->type == OPTION_TYPE_BYTES ? "size"
														   : "time");
	config_show_number(reason, info->type, info->minimum);
	buffer_append_text(reason, " to ");
	config_show_number(reason, info->type, info->maximum);
	return false;
}

static bool
config_set_boolean(bool *member, Slice text, Buffer *reason)
{
	static const char *const words[] = {"off", "on", "false", "true", "no", "yes"};

	for (size_t i = 0; i < LENGTH_OF(words); i++)
	{
		if (!slice_equals_text(text, words[i]))
			continue;
		*member = i % 2 == 1;
		return true;
	}
	buffer_append_format(reason, "\"%.*s\" is neither on nor off", (int) text.length, text.bytes);
	return false;
}

/* The word number `index` of "a|b|c"; its bytes are NULL after the last. */
static Slice
config_choice(const char *choices, int index)
{
	const char *end;

	for (; index > 0; index--)
	{
		choices = strchr(choices, '|');
		if (choices == NULL)
			return slice_of(NULL, 0);
		choices++;
	}
	end = strchrnul(choices, '|');
	return slice_of(choices, (size_t) (end - choices));
}

static bool
config_set_choice(int *member, const OptionInfo *info, Slice text, Buffer *reason)
{
	for (int index = 0;; index++)
	{
		Slice word = config_choice(info->unit, index);

		if (word.bytes == NULL)
			break;
		if (word.length != text.length || memcmp(word.bytes, text.bytes, word.length) != 0)
			continue;
		*member = index;
		return true;
	}
	buffer_append_format(reason, "\"%.*s\" is none of %s", (int) text.length, text.bytes, info->unit);
	return false;
}

static bool
config_set_text(char **member, Slice text, Buffer *reason)
{
	if (text.length > 0 && memchr(text.bytes, '\0', text.length) != NULL)
	{
		buffer_append_text(reason, "holds a NUL character");
		return false;
	}
	free(*member);
	*member = memory_copy_bytes(text.bytes, text.length);
	return true;
}

bool
config_option_is_text(OptionId option)
{
	OptionType type = config_options[option].type;

	return type == OPTION_TYPE_TEXT || type == OPTION_TYPE_FILENAME || type == OPTION_TYPE_SECRETFILE;
}

bool
config_option_set(Config *config, OptionId option, Slice text, Buffer *reason)
{
	const OptionInfo *info = &config_options[option];
	void *member = config_member(config, option);

	switch (info->type)
	{
		case OPTION_TYPE_TEXT:
		case OPTION_TYPE_FILENAME:
		case OPTION_TYPE_SECRETFILE:
			return config_set_text(member, text, reason);
		case OPTION_TYPE_BOOLEAN:
			return config_set_boolean(member, text, reason);
		case OPTION_TYPE_CHOICE:
			return config_set_choice(member, info, text, reason);
		case OPTION_TYPE_INTEGER:
		case OPTION_TYPE_BYTES:
		case OPTION_TYPE_DURATION:
			return config_set_number(member, info, text, reason);
	}
	return false;
}

void
config_option_show(Buffer *out, const Config *config, OptionId option)
{
	const OptionInfo *info = &config_options[option];
	const void *member = (const char *) config + info->offset;

	switch (info->type)
	{
		case OPTION_TYPE_TEXT:
		case OPTION_TYPE_FILENAME:
		case OPTION_TYPE_SECRETFILE:
			buffer_append_text(out, *(char *const *) member);
			break;
		case OPTION_TYPE_BOOLEAN:
			buffer_append_text(out, *(const bool *) member ? "on" : "off");
			break;
		case OPTION_TYPE_CHOICE:
			buffer_append_slice(out, config_choice(info->unit, *(const int *) member));
			break;
		case OPTION_TYPE_INTEGER:
		case OPTION_TYPE_BYTES:
		case OPTION_TYPE_DURATION:
			config_show_number(out, info->type, *(const int64_t *) member);
			break;
	}
}

static size_t
config_member_size(OptionType type)
{
	switch (type)
	{
		case OPTION_TYPE_TEXT:
		case OPTION_TYPE_FILENAME:
		case OPTION_TYPE_SECRETFILE:
			return sizeof(char *);
		case OPTION_TYPE_BOOLEAN:
			return sizeof(bool);
		case OPTION_TYPE_CHOICE:
			return sizeof(int);
		case OPTION_TYPE_INTEGER:
		case OPTION_TYPE_BYTES:
		case OPTION_TYPE_DURATION:
			return sizeof(int64_t);
	}
	return 0;
}

void
config_option_swap(Config *left, Config *right, OptionId option)
{
	size_t size = config_member_size(config_options[option].type);
	char kept[sizeof(int64_t)];

	memcpy(kept, config_member(left, option), size);
	memcpy(config_member(left, option), config_member(right, option), size);
	memcpy(config_member(right, option), kept, size);
}

void
config_option_release(Config *config, OptionId option)
{
	char **member = config_member(config, option);

	if (!config_option_is_text(option))
		return;
	free(*member);
	*member = NULL;
}
