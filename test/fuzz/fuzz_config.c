/*
 * fuzz_config.c - the configuration file: valid, or refused by line; what --check-config prints is itself valid, and prints
 * the same.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/config.h"
#include "fuzz_support.h"

static char *no_environment[] = {NULL};

/* A file of this content that needs no disk. */
static int
memory_file(Slice content)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	FUZZ_CLAIM(fd >= 0 && write(fd, content.bytes, content.length) == (ssize_t) content.length, content);
	return fd;
}

static ConfigAction
load(Config *config, Slice content, Buffer *problems)
{
	int fd = memory_file(content);
	char path[32];
	ConfigAction action;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	action = config_load(config, 3, (char *[]){"bridge", "--config", path, NULL}, no_environment, problems);
	close(fd);
	return action;
}

static void
print(const Config *config, Buffer *out)
{
	char *text;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	config_print(config, stream);
	fclose(stream);
	buffer_append(out, text, length);
	free(text);
}

static void
claim_prints_itself(const Config *config)
{
	Buffer printed = BUFFER_EMPTY;
	Buffer again = BUFFER_EMPTY;
	Buffer problems = BUFFER_EMPTY;
	Config other;

	print(config, &printed);
	FUZZ_CLAIM(load(&other, buffer_slice(&printed), &problems) == CONFIG_RUN, buffer_slice(&printed));
	print(&other, &again);
	FUZZ_CLAIM(strcmp(buffer_text(&printed), buffer_text(&again)) == 0, buffer_slice(&again));
	config_free(&other);
	buffer_free(&printed);
	buffer_free(&again);
	buffer_free(&problems);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	Slice content = fuzz_slice(bytes, length);
	Buffer problems = BUFFER_EMPTY;
	Config config;
	ConfigAction action = load(&config, content, &problems);

	FUZZ_CLAIM(action == CONFIG_RUN || action == CONFIG_INVALID, content);
	FUZZ_CLAIM((action == CONFIG_INVALID) == (problems.length > 0), content);
	FUZZ_CLAIM(problems.length == 0 || problems.bytes[problems.length - 1] == '\n', buffer_slice(&problems));
	if (action == CONFIG_RUN)
		claim_prints_itself(&config);
	config_free(&config);
	buffer_free(&problems);
	return 0;
}
