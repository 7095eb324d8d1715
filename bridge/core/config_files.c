/*
 * config_files.c - what --check-config says of the files that options name.
 *
 * Looks at rights only; whether there is a usable key in a file is auth/'s to say.  Called by main.c.
 */
#include "core/config_files.h"

#include <sys/stat.h>

#include "core/config_option.h"

void
config_files_warn(const Config *config, Buffer *warnings)
{
	Buffer path = BUFFER_EMPTY;

	for (OptionId option = 0; option < OPTION_COUNT; option++)
	{
		struct stat status;

		if (config_options[option].type != OPTION_TYPE_SECRETFILE)
			continue;
		buffer_clear(&path);
		config_option_show(&path, config, option);
		if (path.length > 0 && stat(buffer_text(&path), &status) == 0 && (status.st_mode & (S_IROTH | S_IWOTH)) != 0)
			buffer_append_format(warnings, "warning: %s: %s is open to everybody on this machine (mode %04o)\n",
								 config_options[option].name, buffer_text(&path), (unsigned) (status.st_mode & 07777));
	}
	buffer_free(&path);
}
