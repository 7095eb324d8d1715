/*
 * pg_address.c - connection parameters with host names resolved beforehand.
 *
 * Owns the parsed conninfos and the newest addresses of their names. A refresh uses getaddrinfo_a,
 * whose thread is the C library's own; its answer is picked up at the next connection attempt, so
 * no callback enters this process from another thread.
 */
#include "pg/pg_address.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/compiler.h"

#define ADDRESS_HOSTS_MAX 8
#define ADDRESS_PARAMS_MAX 64
#define ADDRESS_REFRESH_SECONDS 5

typedef struct AddressHost
{
	char name[256];
	char numeric[INET6_ADDRSTRLEN]; /* empty: a socket directory, or not resolved yet */
	bool needs_lookup;
	bool lookup_in_flight;
	struct gaicb lookup;
} AddressHost;

typedef struct Address
{
	PQconninfoOption *options;
	AddressHost hosts[ADDRESS_HOSTS_MAX];
	int host_count;
	time_t refreshed_at;
	char server_options[1024];
	const char *keywords[ADDRESS_PARAMS_MAX];
	const char *values[ADDRESS_PARAMS_MAX];
} Address;

/* Never freed: a look-up in flight points into them. */
static Address addresses[PG_ADDRESS_COUNT];

static char host_addresses[ADDRESS_HOSTS_MAX * (INET6_ADDRSTRLEN + 1)];

static const char *
address_option(const Address *address, const char *keyword)
{
	for (PQconninfoOption *option = address->options; option->keyword != NULL; option++)
		if (strcmp(option->keyword, keyword) == 0)
			return option->val != NULL ? option->val : "";
	return "";
}

static void
address_take(AddressHost *host, const struct addrinfo *found)
{
	const void *raw;

	if (found == NULL)
		return;
	if (found->ai_family == AF_INET6)
		raw = &((const struct sockaddr_in6 *) (const void *) found->ai_addr)->sin6_addr;
	else if (found->ai_family == AF_INET)
		raw = &((const struct sockaddr_in *) (const void *) found->ai_addr)->sin_addr;
	else
		return;
	inet_ntop(found->ai_family, raw, host->numeric, sizeof(host->numeric));
}

static bool
address_is_numeric(const char *name)
{
	unsigned char raw[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, name, raw) == 1 || inet_pton(AF_INET6, name, raw) == 1;
}

static void
address_resolve_now(AddressHost *host)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;

	if (getaddrinfo(host->name, NULL, &hints, &found) != 0)
		return;
	address_take(host, found);
	freeaddrinfo(found);
}

/* Splits the comma-separated host list, as libpq does. */
static void
address_read_hosts(Address *address, const char *list)
{
	const char *start = list;

	while (*list != '\0' && address->host_count < ADDRESS_HOSTS_MAX)
	{
		AddressHost *host = &address->hosts[address->host_count++];
		size_t length = strcspn(start, ",");

		snprintf(host->name, sizeof(host->name), "%.*s", (int) length, start);
		host->needs_lookup =
			host->name[0] != '\0' && host->name[0] != '/' && host->name[0] != '@' && !address_is_numeric(host->name);
		if (host->needs_lookup)
			address_resolve_now(host);
		if (start[length] == '\0')
			break;
		start += length + 1;
	}
}

bool
pg_address_open(PgAddressKind kind, const char *conninfo, char *error, int error_size)
{
	Address *address = &addresses[kind];
	char *message = NULL;

	address->host_count = 0;
	address->options = PQconninfoParse(conninfo, &message);
	if (address->options == NULL)
	{
		snprintf(error, (size_t) error_size, "%s", message != NULL ? message : "out of memory");
		error[strcspn(error, "\n")] = '\0';
		PQfreemem(message);
		return false;
	}
	if (address_option(address, "hostaddr")[0] == '\0')
		address_read_hosts(address, address_option(address, "host"));
	address->refreshed_at = time(NULL);
	return true;
}

void
pg_address_close(void)
{
	for (int kind = 0; kind < PG_ADDRESS_COUNT; kind++)
	{
		PQconninfoFree(addresses[kind].options);
		addresses[kind].options = NULL;
	}
}

/* Takes what the background look-up has found, if it is done. */
static void
address_collect(AddressHost *host)
{
	int status;

	if (!host->lookup_in_flight)
		return;
	status = gai_error(&host->lookup);
	if (status == EAI_INPROGRESS)
		return;
	host->lookup_in_flight = false;
	if (status != 0)
		return;
	address_take(host, host->lookup.ar_result);
	freeaddrinfo(host->lookup.ar_result);
	host->lookup.ar_result = NULL;
}

/* One address per host; "" when any is still unknown, so that libpq gets no half list. */
static const char *
address_list(Address *address)
{
	size_t used = 0;
	bool has_name = false;

	host_addresses[0] = '\0';
	for (int i = 0; i < address->host_count; i++)
	{
		AddressHost *host = &address->hosts[i];

		address_collect(host);
		has_name |= host->needs_lookup;
		used += (size_t) snprintf(host_addresses + used, sizeof(host_addresses) - used, "%s%s", i > 0 ? "," : "",
								  host->numeric);
	}
	return has_name ? host_addresses : "";
}

/*
 * A server that vanishes without a word (power, network) would otherwise be waited for for hours: the
 * listener asks nothing, and what is asked is only repeated by the kernel.
 */
static const struct
{
	const char *keyword;
	const char *value;
} address_defaults[] = {
	{"keepalives_idle", "10"},
	{"keepalives_interval", "3"},
	{"keepalives_count", "3"},
	{"tcp_user_timeout", "15000"},
};

static void
address_push(Address *address, int *count, const char *keyword, const char *value)
{
	if (value == NULL || value[0] == '\0' || *count >= ADDRESS_PARAMS_MAX - 1)
		return;
	address->keywords[*count] = keyword;
	address->values[*count] = value;
	(*count)++;
}

void
pg_address_params(const PgAddressUse *use, const char *const **keywords, const char *const **values)
{
	Address *address = &addresses[use->kind];
	int count = 0;
	const char *own = address_option(address, "options");

	snprintf(address->server_options, sizeof(address->server_options), "%s%s%s", own, own[0] != '\0' ? " " : "",
			 use->server_options != NULL ? use->server_options : "");
	for (PQconninfoOption *option = address->options; option->keyword != NULL; option++)
	{
		if (strcmp(option->keyword, "options") == 0)
			continue;
		if (strcmp(option->keyword, "application_name") == 0 || strcmp(option->keyword, "client_encoding") == 0)
			continue;
		if (strcmp(option->keyword, "hostaddr") == 0 && address->host_count > 0)
			continue;
		address_push(address, &count, option->keyword, option->val);
	}
	for (size_t i = 0; i < LENGTH_OF(address_defaults); i++)
	{
		if (address_option(address, address_defaults[i].keyword)[0] == '\0')
			address_push(address, &count, address_defaults[i].keyword, address_defaults[i].value);
	}
	address_push(address, &count, "hostaddr", address->host_count > 0 ? address_list(address) : NULL);
	address_push(address, &count, "options", address->server_options);
	address_push(address, &count, "application_name", use->application_name);
	address_push(address, &count, "client_encoding", "UTF8");
	address->keywords[count] = NULL;
	address->values[count] = NULL;
	*keywords = address->keywords;
	*values = address->values;
}

void
pg_address_refresh(PgAddressKind kind)
{
	Address *address = &addresses[kind];

	if (time(NULL) - address->refreshed_at < ADDRESS_REFRESH_SECONDS)
		return;
	address->refreshed_at = time(NULL);
	for (int i = 0; i < address->host_count; i++)
	{
		AddressHost *host = &address->hosts[i];
		struct gaicb *list[1] = {&host->lookup};

		address_collect(host);
		if (!host->needs_lookup || host->lookup_in_flight)
			continue;
		memset(&host->lookup, 0, sizeof(host->lookup));
		host->lookup.ar_name = host->name;
		host->lookup_in_flight = getaddrinfo_a(GAI_NOWAIT, list, 1, NULL) == 0;
	}
}
