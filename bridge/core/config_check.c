/*
 * config_check.c - what options must satisfy together, and the form of `listen`.
 *
 * Looks at values only; whether files exist and hosts resolve shows when main.c uses them.
 */
#include "core/config_check.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG_HOST_SIZE 256

typedef struct Checker
{
	const ConfigOrigins *origins;
	Buffer *problems;
} Checker;

static void PRINTF_LIKE(3, 4) config_complain(const Checker *checker, OptionId option, const char *format, ...)
{
	va_list arguments;

	if (checker->origins->is_wrong[option])
		return;
	buffer_append_format(checker->problems, "%s: %s: ", checker->origins->of[option], config_options[option].name);
	va_start(arguments, format);
	buffer_append_va(checker->problems, format, arguments);
	va_end(arguments);
	buffer_append_char(checker->problems, '\n');
}

static bool
config_parse_port(const char *text, int *port)
{
	int number = 0;

	if (*text == '\0' || strlen(text) > 5)
		return false;
	for (; *text; text++)
	{
		if (*text < '0' || *text > '9')
			return false;
		number = number * 10 + (*text - '0');
	}
	*port = number;
	return number <= 65535;
}

bool
config_split_listen(const char *listen, char host[CONFIG_HOST_SIZE], int *port)
{
	const char *colon = strrchr(listen, ':');
	const char *start = listen;
	size_t length;

	if (colon == NULL || !config_parse_port(colon + 1, port))
		return false;
	length = (size_t) (colon - listen);
	if (length >= 2 && listen[0] == '[' && colon[-1] == ']')
	{
		start++;
		length -= 2;
	}
	else if (memchr(listen, ':', length) != NULL)
		return false;
	if (length >= CONFIG_HOST_SIZE || memchr(start, '[', length) || memchr(start, ']', length))
		return false;
	memcpy(host, start, length);
	host[length] = '\0';
	return true;
}

/* Numeric addresses and `localhost` only: other names may mean anything tomorrow. */
static bool
config_host_is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (strcmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static void
config_check_listen(const Checker *checker, const Config *config)
{
	char host[CONFIG_HOST_SIZE];
	int port;

	if (!config_split_listen(config->listen, host, &port))
		config_complain(checker, OPTION_ID_listen, "\"%s\" is not of the form address:port", config->listen);
	else if (!config_host_is_loopback(host) && !config->behind_proxy && config->tls_certificate_file[0] == '\0')
		config_complain(checker, OPTION_ID_listen,
						"\"%s\" is not a loopback address; set tls_certificate_file, or put a proxy that ends TLS in "
						"front and set behind_proxy = on",
						config->listen);
}

static void
config_check_tls(const Checker *checker, const Config *config)
{
	bool has_certificate = config->tls_certificate_file[0] != '\0';

	if (has_certificate != (config->tls_key_file[0] != '\0'))
		config_complain(checker, has_certificate ? OPTION_ID_tls_key_file : OPTION_ID_tls_certificate_file,
						"must be set, too: a certificate and its key belong together");
}

static void
config_check_claims(const Checker *checker, const Config *config)
{
	if (config->jwt_key_file[0] == '\0' && config->jwt_public_key_file[0] == '\0' && config->jwt_jwks_file[0] == '\0')
		config_complain(checker, OPTION_ID_jwt_key_file,
						"must be set to a file with the secret tokens are signed with, or jwt_public_key_file or "
						"jwt_jwks_file to one with public keys");
	if (config->jwt_subject_claim[0] == '\0')
		config_complain(checker, OPTION_ID_jwt_subject_claim, "must not be empty");
	if (config->jwt_name_claim[0] == '\0')
		config_complain(checker, OPTION_ID_jwt_name_claim, "must not be empty");
	if (config->jwt_picture_claim[0] == '\0')
		config_complain(checker, OPTION_ID_jwt_picture_claim, "must not be empty");
}

/* scheme://host[:port] and nothing behind it, or a star. */
static bool
config_is_origin(const char *text, size_t length)
{
	const char *colon = memchr(text, ':', length);
	size_t scheme = colon != NULL ? (size_t) (colon - text) : 0;

	if (length == 1 && text[0] == '*')
		return true;
	return scheme > 0 && length > scheme + 3 && memcmp(colon, "://", 3) == 0 &&
		   memchr(colon + 3, '/', length - scheme - 3) == NULL && memchr(text, ' ', length) == NULL;
}

static void
config_check_origins(const Checker *checker, const Config *config)
{
	const char *at = config->allowed_origins;

	while (*(at += strspn(at, ", \t")) != '\0')
	{
		size_t length = strcspn(at, ",");
		size_t used = length;

		while (strchr(" \t", at[used - 1]) != NULL)
			used--;
		if (!config_is_origin(at, used))
			config_complain(checker, OPTION_ID_allowed_origins,
							"\"%.*s\" is not of the form https://host or https://host:port", (int) used, at);
		at += length;
	}
}

void
config_check(const Config *config, const ConfigOrigins *origins, Buffer *problems)
{
	const Checker checker = {origins, problems};

	config_check_listen(&checker, config);
	config_check_claims(&checker, config);
	config_check_origins(&checker, config);
	config_check_tls(&checker, config);
	if (config->database[0] == '\0')
		config_complain(&checker, OPTION_ID_database, "must not be empty");
	if (config->idle_timeout <= config->ping_interval && !origins->is_wrong[OPTION_ID_ping_interval])
		config_complain(&checker, OPTION_ID_idle_timeout, "must be longer than ping_interval");
}
