/*
 * config_reload.c - the same sources read a second time, while the bridge runs.
 *
 * Which option can change is the table's word (RELOAD or RESTART).  What is put into force is checked as a whole: new
 * values together with those that have to stay.  Owns nothing.  Called by main.c.
 */
#include "core/config_reload.h"

#include <string.h>

#include "core/config_check.h"
#include "core/config_option.h"

static void
config_name_option(Buffer *names, OptionId option)
{
	if (names->length > 0)
		buffer_append_char(names, ' ');
	buffer_append_text(names, config_options[option].name);
}

static bool
config_option_differs(const Config *left, const Config *right, OptionId option)
{
	Buffer left_text = BUFFER_EMPTY;
	Buffer right_text = BUFFER_EMPTY;
	bool differs;

	config_option_show(&left_text, left, option);
	config_option_show(&right_text, right, option);
	differs = strcmp(buffer_text(&left_text), buffer_text(&right_text)) != 0;
	buffer_free(&left_text);
	buffer_free(&right_text);
	return differs;
}

/* The running value was valid, so setting it does not fail. */
static void
config_keep_option(Config *fresh, const Config *running, OptionId option, Buffer *problems)
{
	Buffer text = BUFFER_EMPTY;

	config_option_show(&text, running, option);
	if (!config_option_set(fresh, option, buffer_slice(&text), problems))
		buffer_append_char(problems, '\n');
	buffer_free(&text);
}

static void
config_check_together(const Config *fresh, Buffer *problems)
{
	static char origin[] = "with what needs a restart unchanged";
	ConfigOrigins origins = {0};

	for (OptionId option = 0; option < OPTION_COUNT; option++)
		origins.of[option] = origin;
	config_check(fresh, &origins, problems);
}

bool
config_reload_read(const Config *running, const ConfigSources *sources, Config *fresh, Buffer *held_back,
				   Buffer *problems)
{
	if (config_load(fresh, sources->argc, sources->argv, sources->environment, problems) != CONFIG_RUN)
		return false;
	for (OptionId option = 0; option < OPTION_COUNT; option++)
	{
		if (config_options[option].change != OPTION_CHANGE_RESTART || !config_option_differs(running, fresh, option))
			continue;
		config_name_option(held_back, option);
		config_keep_option(fresh, running, option, problems);
	}
	if (held_back->length > 0)
		config_check_together(fresh, problems);
	return problems->length == 0;
}

void
config_reload_apply(Config *running, Config *fresh, Buffer *changed)
{
	for (OptionId option = 0; option < OPTION_COUNT; option++)
	{
		if (config_options[option].change != OPTION_CHANGE_RELOAD)
			continue;
		if (config_option_differs(running, fresh, option))
			config_name_option(changed, option);
		config_option_swap(running, fresh, option);
	}
}
