/*
 * load_client.c - the load generator: many connections on some boards, commands at a rate, what it takes.
 *
 *   load_client ADDRESS:PORT TOKENS TASKS --clients=100 --rate=50 --cursors=100 --seconds=10
 *   load_client ADDRESS:PORT TOKENS TASKS --clients=1000 --storm
 *
 * TOKENS has a token a line; TASKS a line "board task" each, board after board. Client n has token n and board n, both again from the first after the
 * last. --storm: all have connected, then all join at once; one more client sends a PING every 2 ms the while, whose
 * round trips are the pauses that the others meet.
 *
 * A command writes the time at which it was sent into a task's title: whoever gets the event knows how long it took. Status 1
 * when a version was missing or came twice, an answer did not come, or the server closed a connection.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "load_samples.h"
#include "load_socket.h"

#define UUID_SIZE 37
#define TICK_MS 1
#define PING_PAUSE_US 2000
#define SETTLE_US (60 * 1000000LL)
#define OPENING_MAX 100 /* connections being made at once: the kernel's queue is short */

typedef struct Task
{
	char board[UUID_SIZE];
	char id[UUID_SIZE];
} Task;

typedef struct Client
{
	LoadSocket socket; /* first: received() finds the client by it */
	const char *board;
	bool is_welcome;
	bool is_joined;
	long version; /* of the board */
	int64_t asked_us; /* when it joined, or sent the ping under way */
} Client;

static struct
{
	struct sockaddr_in address;
	int clients;
	int rate; /* commands a second */
	int cursors; /* a second */
	int seconds;
	bool is_storm;
} options = {.clients = 100, .rate = 50, .cursors = 0, .seconds = 10};

static struct
{
	char **tokens;
	size_t token_count;
	Task *tasks;
	size_t task_count;
	char (*boards)[UUID_SIZE]; /* each once */
	size_t board_count;
	Client *clients;
	Client pinger;
	int epoll;
	int connecting;
	int welcome;
	int joined;
	int refused;
	int closed;
	long gaps;
	long sent;
	long answered;
	long cursors;
	long events;
	size_t bytes;
	LoadSamples joins;
	LoadSamples commands;
	LoadSamples deliveries;
	LoadSamples pings;
} run = {.joins = {.name = "join to state"},
		 .commands = {.name = "command to answer"},
		 .deliveries = {.name = "command to event at others"},
		 .pings = {.name = "ping to pong, meanwhile"}};

/* ---- what comes ------------------------------------------------------------------------------------------------- */

static const char *
after(const char *bytes, size_t length, const char *name)
{
	const char *found = memmem(bytes, length, name, strlen(name));

	return found == NULL ? NULL : found + strlen(name);
}

/* The time in a title that client_command wrote; negative when there is none. */
static int64_t
sent_at(const char *bytes, size_t length)
{
	const char *at = after(bytes, length, "\"t:");

	return at == NULL ? -1 : strtoll(at, NULL, 10);
}

static long
number_after(const char *bytes, size_t length, const char *name)
{
	const char *at = after(bytes, length, name);

	return at == NULL ? -1 : strtol(at, NULL, 10);
}

/* The last "version" before "active_users": lists and tasks have versions too. */
static long
state_version(const char *bytes, size_t length)
{
	const char *end = bytes + length;
	static const char name[] = "\"version\":";

	for (const char *at = end - sizeof(name); at > bytes; at--)
		if (memcmp(at, name, sizeof(name) - 1) == 0)
			return strtol(at + sizeof(name) - 1, NULL, 10);
	return -1;
}

static void
client_advance(Client *client, long from, long to)
{
	if (from != client->version + 1)
		run.gaps++;
	client->version = to;
}

static void
take_state(Client *client, const char *bytes, size_t length)
{
	client->version = state_version(bytes, length);
	client->is_joined = true;
	run.joined++;
	load_samples_add(&run.joins, load_now_us() - client->asked_us);
}

static void
take_answer(Client *client, const char *bytes, size_t length)
{
	int64_t sent = sent_at(bytes, length);
	long from = number_after(bytes, length, "\"from_version\":");

	run.answered++;
	if (from >= 0)
		client_advance(client, from, number_after(bytes, length, "\"version\":"));
	if (sent >= 0)
		load_samples_add(&run.commands, load_now_us() - sent);
}

static void
take_event(Client *client, const char *bytes, size_t length)
{
	int64_t sent = sent_at(bytes, length);
	long version = number_after(bytes, length, "\"version\":");

	if (version < 0 || !client->is_joined)
		return;
	run.events++;
	client_advance(client, version, version);
	if (sent >= 0)
		load_samples_add(&run.deliveries, load_now_us() - sent);
}

static bool
message_is(const char *bytes, size_t length, const char *type)
{
	static const char begin[] = "{\"type\":\"";
	size_t size = strlen(type);

	return length > sizeof(begin) + size && memcmp(bytes + sizeof(begin) - 1, type, size) == 0 &&
		   bytes[sizeof(begin) - 1 + size] == '"';
}

static void
on_received(LoadSocket *socket, LoadFrame kind, const char *bytes, size_t length)
{
	Client *client = (Client *) socket;

	run.bytes += length;
	if (kind == LOAD_PONG)
	{
		load_samples_add(&run.pings, load_now_us() - client->asked_us);
		client->asked_us = -load_now_us();
	}
	else if (message_is(bytes, length, "WELCOME"))
	{
		client->is_welcome = true;
		run.welcome++;
	}
	else if (message_is(bytes, length, "BOARD_STATE"))
		take_state(client, bytes, length);
	else if (message_is(bytes, length, "ACK"))
		take_answer(client, bytes, length);
	else if (message_is(bytes, length, "ERROR") || message_is(bytes, length, "CONFLICT_ERROR"))
	{
		if (run.refused++ == 0)
			fprintf(stderr, "refused: %.*s\n", (int) (length > 300 ? 300 : length), bytes);
		run.answered++;
	}
	else if (length > 16 && memcmp(bytes + 9, "TASK_UPDATED", 12) == 0)
		take_event(client, bytes, length);
}

/* ---- what goes -------------------------------------------------------------------------------------------------- */

static void
client_send(Client *client, const char *text, int length)
{
	load_socket_send(&client->socket, LOAD_TEXT, text, (size_t) length);
}

static void
client_join(Client *client)
{
	char text[128];

	client->asked_us = load_now_us();
	client_send(
		client, text,
		snprintf(text, sizeof(text), "{\"type\":\"JOIN_BOARD\",\"payload\":{\"board_id\":\"%s\"}}", client->board));
}

/* A task of the client's board, any: there is one, or the file of tasks would not name the board. */
static const char *
any_task(const Client *client)
{
	size_t at = (size_t) random() % run.task_count;

	while (strcmp(run.tasks[at].board, client->board) != 0)
		at = (at + 1) % run.task_count;
	return run.tasks[at].id;
}

static void
client_command(Client *client)
{
	char text[400];
	int length = snprintf(text, sizeof(text),
						  "{\"type\":\"UPDATE_TASK\",\"payload\":{\"board_id\":\"%s\",\"task_id\":\"%s\","
						  "\"updates\":{\"title\":\"t:%lld of %d\"}}}",
						  client->board, any_task(client), (long long) load_now_us(), (int) (client - run.clients));

	run.sent++;
	client_send(client, text, length);
}

static void
client_cursor(Client *client)
{
	char text[200];

	run.cursors++;
	client_send(client, text,
				snprintf(text, sizeof(text),
						 "{\"type\":\"CURSOR_MOVE\",\"payload\":{\"board_id\":\"%s\",\"x\":%ld,\"y\":%ld}}",
						 client->board, random() % 1000, random() % 1000));
}

static Client *
any_client(void)
{
	return &run.clients[random() % options.clients];
}

/* ---- the loop --------------------------------------------------------------------------------------------------- */

static void
watch(Client *client, int operation)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};

	if (client->socket.out.length > 0)
		event.events |= EPOLLOUT;
	(void) epoll_ctl(run.epoll, operation, client->socket.fd, &event);
}

static void
serve(Client *client, uint32_t events)
{
	bool was_open = client->socket.is_open;

	if ((events & EPOLLOUT) != 0)
		load_socket_flush(&client->socket);
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
		load_socket_read(&client->socket);
	if (!was_open && (client->socket.is_open || client->socket.is_closed))
		run.connecting--;
	if (!client->socket.is_closed)
	{
		watch(client, EPOLL_CTL_MOD);
		return;
	}
	if (run.closed++ == 0)
		fprintf(stderr, "closed by the server: %d\n", client->socket.close_code);
	(void) epoll_ctl(run.epoll, EPOLL_CTL_DEL, client->socket.fd, NULL);
}

static void
turn(void)
{
	struct epoll_event events[256];
	int count = epoll_wait(run.epoll, events, 256, TICK_MS);

	for (int i = 0; i < count; i++)
		serve(events[i].data.ptr, events[i].events);
}

static void
open_client(Client *client, size_t number)
{
	client->socket = (LoadSocket){.received = on_received};
	client->board = run.boards[number % run.board_count];
	if (!load_socket_connect(&client->socket, &options.address, run.tokens[number % run.token_count]))
	{
		perror("load_client: connect");
		exit(2);
	}
	run.connecting++;
	watch(client, EPOLL_CTL_ADD);
}

static bool
connect_all(void)
{
	int64_t end = load_now_us() + SETTLE_US;
	int opened = 0;

	open_client(&run.pinger, 0);
	while (run.welcome <= options.clients && run.closed == 0 && load_now_us() < end)
	{
		for (; opened < options.clients && run.connecting < OPENING_MAX; opened++)
			open_client(&run.clients[opened], (size_t) opened);
		turn();
	}
	return run.welcome == options.clients + 1;
}

static void
ping(int64_t now)
{
	if (run.pinger.asked_us > 0 || now + run.pinger.asked_us < PING_PAUSE_US)
		return;
	run.pinger.asked_us = now;
	load_socket_send(&run.pinger.socket, LOAD_PING, "ping", 4);
}

static bool
join_all(void)
{
	int64_t end = load_now_us() + 4 * SETTLE_US;

	for (int i = 0; i < options.clients; i++)
		client_join(&run.clients[i]);
	while (run.joined + run.refused + run.closed < options.clients && load_now_us() < end)
	{
		if (options.is_storm)
			ping(load_now_us());
		turn();
	}
	return run.joined == options.clients;
}

static void
play(void)
{
	int64_t start = load_now_us();
	int64_t length = (int64_t) options.seconds * 1000000;
	int64_t now;

	while ((now = load_now_us()) - start < length)
	{
		while (run.sent < (now - start) * options.rate / 1000000)
			client_command(any_client());
		while (run.cursors < (now - start) * options.cursors / 1000000)
			client_cursor(any_client());
		ping(now);
		turn();
	}
	while (run.answered < run.sent && load_now_us() - start < length + SETTLE_US)
		turn();
	/* what others are told of the last ones */
	for (int i = 0; i < 200; i++)
		turn();
}

/* ---- begin and end ---------------------------------------------------------------------------------------------- */

static void
read_tokens(FILE *file)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, file) > 0)
	{
		line[strcspn(line, "\n")] = '\0';
		run.tokens = realloc(run.tokens, (run.token_count + 1) * sizeof(*run.tokens));
		run.tokens[run.token_count++] = line;
		line = NULL;
	}
	free(line);
}

static void
add_board(const char *board)
{
	run.boards = realloc(run.boards, (run.board_count + 1) * sizeof(*run.boards));
	memcpy(run.boards[run.board_count++], board, UUID_SIZE);
}

static void
read_tasks(FILE *file)
{
	Task task;

	while (fscanf(file, "%36s %36s", task.board, task.id) == 2)
	{
		if (run.task_count == 0 || strcmp(run.tasks[run.task_count - 1].board, task.board) != 0)
			add_board(task.board);
		run.tasks = realloc(run.tasks, (run.task_count + 1) * sizeof(*run.tasks));
		run.tasks[run.task_count++] = task;
	}
}

static void
with_file(const char *name, void (*take)(FILE *))
{
	FILE *file = fopen(name, "r");

	if (file == NULL)
	{
		perror(name);
		exit(2);
	}
	take(file);
	fclose(file);
}

static void
set_address(char *text)
{
	char *colon = strchr(text, ':');

	options.address.sin_family = AF_INET;
	if (colon != NULL)
		*colon = '\0';
	if (colon == NULL || inet_pton(AF_INET, text, &options.address.sin_addr) != 1)
	{
		fprintf(stderr, "load_client: %s is no address:port\n", text);
		exit(2);
	}
	options.address.sin_port = htons((uint16_t) atoi(colon + 1));
}

static void
set_options(int argc, char **argv)
{
	static const struct option names[] = {
		{"clients", required_argument, NULL, 'c'}, {"rate", required_argument, NULL, 'r'},
		{"cursors", required_argument, NULL, 'u'}, {"seconds", required_argument, NULL, 's'},
		{"storm", no_argument, NULL, 'j'},         {0}};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1)
		switch (option)
		{
			case 'c':
				options.clients = atoi(optarg);
				break;
			case 'r':
				options.rate = atoi(optarg);
				break;
			case 'u':
				options.cursors = atoi(optarg);
				break;
			case 's':
				options.seconds = atoi(optarg);
				break;
			case 'j':
				options.is_storm = true;
				break;
			default:
				exit(2);
		}
	if (argc - optind != 3 || options.clients < 1)
	{
		fprintf(
			stderr,
			"usage: load_client ADDRESS:PORT TOKENS TASKS [--clients=N] [--rate=N] [--cursors=N] [--seconds=N] [--storm]\n");
		exit(2);
	}
	set_address(argv[optind]);
	with_file(argv[optind + 1], read_tokens);
	with_file(argv[optind + 2], read_tasks);
	if (run.token_count == 0 || run.task_count == 0)
		exit(2);
}

static void
allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
	{
		limit.rlim_cur = limit.rlim_max;
		(void) setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static bool
report(void)
{
	bool is_fine = run.gaps == 0 && run.closed == 0 && run.refused == 0 && run.answered == run.sent;

	load_samples_print_head();
	load_samples_print(&run.joins);
	load_samples_print(&run.commands);
	load_samples_print(&run.deliveries);
	load_samples_print(&run.pings);
	printf("\n%d clients, %ld commands sent, %ld answered, %ld cursors, %ld events received, %.1f MB in all\n",
		   options.clients, run.sent, run.answered, run.cursors, run.events, (double) run.bytes / 1048576.0);
	printf("%ld gaps or repeats, %d refused, %d closed by the server: %s\n", run.gaps, run.refused, run.closed,
		   is_fine ? "ok" : "NOT OK");
	return is_fine;
}

static void
free_all(void)
{
	for (int i = 0; i < options.clients; i++)
		load_socket_free(&run.clients[i].socket);
	load_socket_free(&run.pinger.socket);
	for (size_t i = 0; i < run.token_count; i++)
		free(run.tokens[i]);
	free(run.tokens);
	free(run.tasks);
	free(run.boards);
	free(run.clients);
	load_samples_free(&run.joins);
	load_samples_free(&run.commands);
	load_samples_free(&run.deliveries);
	load_samples_free(&run.pings);
}

int
main(int argc, char **argv)
{
	bool is_fine;

	set_options(argc, argv);
	allow_descriptors();
	run.epoll = epoll_create1(EPOLL_CLOEXEC);
	run.clients = calloc((size_t) options.clients, sizeof(*run.clients));
	for (int i = 0; i < options.clients; i++)
		run.clients[i].socket.fd = -1;
	is_fine = connect_all() && join_all();
	if (!is_fine)
		fprintf(stderr, "%d of %d connected, %d joined\n", run.welcome, options.clients, run.joined);
	if (is_fine && !options.is_storm)
		play();
	is_fine = report() && is_fine;
	free_all();
	return is_fine ? 0 : 1;
}
