/*
 * config_print.c - --help, and the options in force.
 *
 * Both come from the table; passwords in the connection string are masked.  Called by main.c.
 */
#include <string.h>

#include "core/config.h"
#include "core/config_option.h"

#define CONFIG_MASK "********"

#define CONFIG_SPACES " \t\n\r\f\v" /* libpq's */

/*
 * The end of a connection string's value, up to what `ends` holds outside quotes.  What stands right behind a closing quote
 * is an error to libpq, and most likely a part of the value to whoever wrote it.
 */
static const char *
config_conninfo_value_end(const char *value, const char *ends)
{
	bool is_quoted = *value == '\'';

	if (is_quoted)
		value++;
	for (; *value; value++)
	{
		if (*value == '\\' && value[1])
			value++;
		else if (is_quoted && *value == '\'')
			is_quoted = false;
		else if (!is_quoted && strchr(ends, *value) != NULL)
			break;
	}
	return value;
}

/* "… password = secret …", also as a URI's parameter. */
static void
config_mask_keyword(Buffer *out, const char *conninfo, bool is_uri)
{
	const char *found;

	while ((found = strstr(conninfo, "password")) != NULL)
	{
		const char *at = found + strlen("password");

		at += strspn(at, CONFIG_SPACES);
		if (*at == '=')
		{
			at++;
			at += strspn(at, CONFIG_SPACES);
			buffer_append(out, conninfo, (size_t) (at - conninfo));
			buffer_append_text(out, CONFIG_MASK);
			conninfo = config_conninfo_value_end(at, is_uri ? "&" : CONFIG_SPACES);
		}
		else
		{
			buffer_append(out, conninfo, (size_t) (at - conninfo));
			conninfo = at;
		}
	}
	buffer_append_text(out, conninfo);
}

static void
config_mask_password(Buffer *out, const char *conninfo)
{
	const char *authority = strstr(conninfo, "://");
	bool is_uri = strncmp(conninfo, "postgres", 8) == 0 && authority != NULL;
	const char *colon;
	const char *at_sign;

	if (is_uri)
	{
		authority += 3;
		at_sign = memrchr(authority, '@', strcspn(authority, "/?"));
		colon = at_sign ? memchr(authority, ':', (size_t) (at_sign - authority)) : NULL;
		if (colon)
		{
			buffer_append(out, conninfo, (size_t) (colon + 1 - conninfo));
			buffer_append_text(out, CONFIG_MASK);
			conninfo = at_sign;
		}
	}
	config_mask_keyword(out, conninfo, is_uri);
}

/* In quotes when the file would read it differently without. */
static void
config_quote_value(Buffer *out, const char *text)
{
	bool is_plain = *text != '\'' && *text != '#' && strchr(text, '#') == NULL && *text != ' ' &&
					(*text == '\0' || text[strlen(text) - 1] != ' ');

	if (is_plain)
	{
		buffer_append_text(out, text);
		return;
	}
	buffer_append_char(out, '\'');
	for (; *text; text++)
	{
		if (*text == '\'')
			buffer_append_char(out, '\'');
		buffer_append_char(out, *text);
	}
	buffer_append_char(out, '\'');
}

void
config_print(const Config *config, FILE *stream)
{
	Buffer value = BUFFER_EMPTY;
	Buffer line = BUFFER_EMPTY;

	for (OptionId option = 0; option < OPTION_COUNT; option++)
	{
		buffer_clear(&value);
		buffer_clear(&line);
		if (option == OPTION_ID_database)
			config_mask_password(&value, config->database);
		else
			config_option_show(&value, config, option);
		config_quote_value(&line, buffer_text(&value));
		fprintf(stream, "%s = %s\n", config_options[option].name, buffer_text(&line));
	}
	buffer_free(&value);
	buffer_free(&line);
}

static void
config_print_option(const OptionInfo *info, FILE *stream)
{
	fprintf(stream, "  --%s <%s>\n        %s", info->name, info->unit, info->help);
	if (info->initial[0] != '\0')
		fprintf(stream, " Default: %s.", info->initial);
	fputc('\n', stream);
}

void
config_print_help(FILE *stream)
{
	fputs("collab-bridge holds the WebSockets of a collab database.\n\n"
		  "Usage:\n"
#define USAGE(arguments) "  collab-bridge " arguments "\n"
#include "core/usage.def"
#undef USAGE
		  "\nEvery option can stand in the file as `name = value`, in the environment as COLLAB_NAME and on the\n"
		  "command line as --name; the later of these wins.\n\n"
		  "Options:\n",
		  stream);
	for (OptionId option = 0; option < OPTION_COUNT; option++)
		config_print_option(&config_options[option], stream);
}
