/*
 * config.c - options from defaults, the file, the environment and the command line, in this order.
 *
 * Owns the sources and their precedence.  A value's form is config_option.c's, what options mean together
 * config_check.c's, printing config_print.c's.  Called by main.c once, before anything else.
 */
#include "core/config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "core/config_check.h"
#include "core/config_option.h"

#define CONFIG_ENVIRONMENT_PREFIX "COLLAB_"
#define CONFIG_MAX_FILE 1048576

const char *config_default_file = "/etc/collab/bridge.conf";

typedef struct Loader
{
	Config *config;
	ConfigOrigins origins;
	Buffer *problems;
	ConfigAction action;
} Loader;

static void
config_set(Loader *loader, OptionId option, Slice text, const char *origin)
{
	Buffer reason = BUFFER_EMPTY;

	if (config_option_set(loader->config, option, text, &reason))
	{
		free(loader->origins.of[option]);
		loader->origins.of[option] = memory_copy_text(origin);
	}
	else
	{
		loader->origins.is_wrong[option] = true;
		buffer_append_format(loader->problems, "%s: %s: %s\n", origin, config_options[option].name,
							 buffer_text(&reason));
	}
	buffer_free(&reason);
}

static void
config_set_defaults(Loader *loader)
{
	for (OptionId option = 0; option < OPTION_COUNT; option++)
		config_set(loader, option, slice_of_text(config_options[option].initial), "default");
}

static Slice
config_trim(Slice text)
{
	while (text.length > 0 && isspace((unsigned char) text.bytes[0]))
		text = slice_of(text.bytes + 1, text.length - 1);
	while (text.length > 0 && isspace((unsigned char) text.bytes[text.length - 1]))
		text.length--;
	return text;
}

/* What stands before a # at the start or after white space. */
static Slice
config_without_comment(Slice text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.bytes[i] == '#' && (i == 0 || isspace((unsigned char) text.bytes[i - 1])))
			return config_trim(slice_of(text.bytes, i));
	return config_trim(text);
}

/* 'text' with '' for a quote inside; nothing but a comment may follow. */
static bool
config_unquote(Slice text, Buffer *value)
{
	for (size_t i = 1; i < text.length; i++)
	{
		if (text.bytes[i] != '\'')
			buffer_append_char(value, text.bytes[i]);
		else if (i + 1 < text.length && text.bytes[i + 1] == '\'')
			buffer_append_char(value, text.bytes[i++]);
		else
			return config_without_comment(slice_of(text.bytes + i + 1, text.length - i - 1)).length == 0;
	}
	return false;
}

static void
config_read_value(Loader *loader, OptionId option, Slice text, const char *origin)
{
	Buffer value = BUFFER_EMPTY;

	if (text.length == 0 || text.bytes[0] != '\'')
		config_set(loader, option, config_without_comment(text), origin);
	else if (config_unquote(text, &value))
		config_set(loader, option, buffer_slice(&value), origin);
	else
	{
		loader->origins.is_wrong[option] = true;
		buffer_append_format(loader->problems, "%s: %s: the quoted value does not end with its line\n", origin,
							 config_options[option].name);
	}
	buffer_free(&value);
}

static void
config_complain_unknown(Loader *loader, Slice name)
{
	OptionId like = config_option_like(name);

	buffer_append_text(loader->problems, "unknown option");
	if (like != OPTION_COUNT)
		buffer_append_format(loader->problems, "; did you mean %s?", config_options[like].name);
	buffer_append_char(loader->problems, '\n');
}

static void
config_read_line(Loader *loader, Slice line, const char *origin)
{
	const char *equals;
	Slice name;
	OptionId option;

	line = config_trim(line);
	if (line.length == 0 || line.bytes[0] == '#')
		return;
	equals = memchr(line.bytes, '=', line.length);
	if (equals == NULL)
	{
		buffer_append_format(loader->problems, "%s: not of the form name = value\n", origin);
		return;
	}
	name = config_trim(slice_of(line.bytes, (size_t) (equals - line.bytes)));
	option = config_option_find(name);
	if (option == OPTION_COUNT)
	{
		buffer_append_format(loader->problems, "%s: %.*s: ", origin, (int) name.length, name.bytes);
		config_complain_unknown(loader, name);
		return;
	}
	line = slice_of(equals + 1, (size_t) (line.bytes + line.length - equals - 1));
	config_read_value(loader, option, config_trim(line), origin);
}

static void
config_read_lines(Loader *loader, const char *path, Slice content)
{
	Buffer origin = BUFFER_EMPTY;

	for (int number = 1; content.length > 0; number++)
	{
		const char *newline = memchr(content.bytes, '\n', content.length);
		size_t length = newline ? (size_t) (newline - content.bytes) : content.length;
		size_t used = newline ? length + 1 : length;

		buffer_clear(&origin);
		buffer_append_format(&origin, "%s:%d", path, number);
		config_read_line(loader, slice_of(content.bytes, length), buffer_text(&origin));
		content = slice_of(content.bytes + used, content.length - used);
	}
	buffer_free(&origin);
}

static bool
config_slurp(const char *path, Buffer *content, Buffer *problems)
{
	char piece[4096];
	size_t got;
	bool is_read = false;
	FILE *file = fopen(path, "re");

	if (file == NULL)
	{
		buffer_append_format(problems, "%s: %s\n", path, strerror(errno));
		return false;
	}
	while ((got = fread(piece, 1, sizeof(piece), file)) > 0 && content->length <= CONFIG_MAX_FILE)
		buffer_append(content, piece, got);
	if (ferror(file))
		buffer_append_format(problems, "%s: %s\n", path, strerror(errno));
	else if (content->length > CONFIG_MAX_FILE)
		buffer_append_format(problems, "%s: longer than %d bytes\n", path, CONFIG_MAX_FILE);
	else
		is_read = true;
	fclose(file);
	return is_read;
}

static void
config_read_file(Loader *loader)
{
	char **file = &loader->config->config_file;
	const char *path;
	Buffer content = BUFFER_EMPTY;

	if (*file == NULL && access(config_default_file, F_OK) == 0)
		*file = memory_copy_text(config_default_file);
	path = *file;
	if (path && config_slurp(path, &content, loader->problems))
		config_read_lines(loader, path, buffer_slice(&content));
	buffer_free(&content);
}

static const char *
config_environment_value(char *const *environment, const char *name)
{
	size_t length = strlen(name);

	for (; environment && *environment; environment++)
		if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
			return *environment + length + 1;
	return NULL;
}

/*
 * Variables that name no option are left alone: container platforms make COLLAB_… variables of their own for a
 * service of this name.
 */
static void
config_read_environment(Loader *loader, char *const *environment)
{
	Buffer name = BUFFER_EMPTY;

	for (OptionId option = 0; option < OPTION_COUNT; option++)
	{
		const char *value;

		buffer_clear(&name);
		buffer_append_text(&name, CONFIG_ENVIRONMENT_PREFIX);
		for (const char *at = config_options[option].name; *at; at++)
			buffer_append_char(&name, (char) toupper((unsigned char) *at));
		value = config_environment_value(environment, buffer_text(&name));
		if (value)
			config_set(loader, option, slice_of_text(value), buffer_text(&name));
	}
	buffer_free(&name);
}

/* Splits "--name=value" or "--name" "value"; false when the value is missing. */
static bool
config_take_flag(int argc, char *const *argv, int *at, Slice *name, const char **value)
{
	const char *text = argv[*at] + 2;
	const char *equals = strchr(text, '=');

	if (equals)
	{
		*name = slice_of(text, (size_t) (equals - text));
		*value = equals + 1;
		return true;
	}
	*name = slice_of_text(text);
	*value = *at + 1 < argc ? argv[++*at] : NULL;
	return *value != NULL;
}

static ConfigAction
config_action_of(const char *flag)
{
	if (strcmp(flag, "--help") == 0 || strcmp(flag, "-h") == 0)
		return CONFIG_HELP;
	if (strcmp(flag, "--version") == 0 || strcmp(flag, "-V") == 0)
		return CONFIG_VERSION;
	return strcmp(flag, "--check-config") == 0 ? CONFIG_CHECK : CONFIG_RUN;
}

/* Applies one option from the command line, or in the first pass only remembers --config. */
static void
config_apply_flag(Loader *loader, bool is_first_pass, Slice name, const char *value)
{
	OptionId option = config_option_find(name);
	Buffer origin = BUFFER_EMPTY;

	buffer_append_format(&origin, "--%.*s", (int) name.length, name.bytes);
	if (slice_equals_text(name, "config"))
	{
		if (is_first_pass)
		{
			free(loader->config->config_file);
			loader->config->config_file = memory_copy_text(value);
		}
	}
	else if (!is_first_pass && option == OPTION_COUNT)
	{
		buffer_append_format(loader->problems, "%s: ", buffer_text(&origin));
		config_complain_unknown(loader, name);
	}
	else if (!is_first_pass && value == NULL)
		buffer_append_format(loader->problems, "%s: needs a value\n", buffer_text(&origin));
	else if (!is_first_pass)
		config_set(loader, option, slice_of_text(value), buffer_text(&origin));
	buffer_free(&origin);
}

/* Two passes: the file named by --config is read before the other flags apply. */
static void
config_read_flags(Loader *loader, int argc, char *const *argv, bool is_first_pass)
{
	for (int at = 1; at < argc; at++)
	{
		ConfigAction action = config_action_of(argv[at]);
		Slice name;
		const char *value;

		if (action != CONFIG_RUN)
		{
			/* --help and --version win over --check-config. */
			if (loader->action == CONFIG_RUN || action != CONFIG_CHECK)
				loader->action = action;
		}
		else if (strncmp(argv[at], "--", 2) != 0 || argv[at][2] == '\0')
		{
			if (!is_first_pass)
				buffer_append_format(loader->problems, "%s: not an option\n", argv[at]);
		}
		else
		{
			bool has_value = config_take_flag(argc, argv, &at, &name, &value);

			if (!has_value && is_first_pass && slice_equals_text(name, "config"))
				buffer_append_text(loader->problems, "--config: needs a value\n");
			else
				config_apply_flag(loader, is_first_pass, name, has_value ? value : NULL);
		}
	}
}

static ConfigAction
config_load_sources(Loader *loader, int argc, char *const *argv, char *const *environment)
{
	config_set_defaults(loader);
	loader->config->config_file = memory_copy_text(config_environment_value(environment, "COLLAB_CONFIG"));
	config_read_flags(loader, argc, argv, true);
	if (loader->action == CONFIG_HELP || loader->action == CONFIG_VERSION)
		return loader->action;
	config_read_file(loader);
	config_read_environment(loader, environment);
	config_read_flags(loader, argc, argv, false);
	config_check(loader->config, &loader->origins, loader->problems);
	return loader->problems->length == 0 ? loader->action : CONFIG_INVALID;
}

ConfigAction
config_load(Config *config, int argc, char *const *argv, char *const *environment, Buffer *problems)
{
	Loader loader = {.config = config, .problems = problems, .action = CONFIG_RUN};
	ConfigAction action;

	memset(config, 0, sizeof(*config));
	action = config_load_sources(&loader, argc, argv, environment);
	for (OptionId option = 0; option < OPTION_COUNT; option++)
		free(loader.origins.of[option]);
	return action;
}

void
config_free(Config *config)
{
	for (OptionId option = 0; option < OPTION_COUNT; option++)
		config_option_release(config, option);
	free(config->config_file);
	config->config_file = NULL;
}
