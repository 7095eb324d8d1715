/*
 * main.c - the bridge: options, order of start, order of shutdown.
 *
 * Start: options, log, keys, loop, socket, database, rooms, sessions. Nothing waits for the database: clients are told `unavailable` until it
 * is there.
 *
 * SIGTERM and SIGINT: stop accepting, answer what was accepted (at most option drain_timeout), tell
 * the clients when to come back, close 1001, exit 0. A second signal ends it at once. SIGHUP reads
 * the configuration and the files with keys again; when anything in them is wrong, nothing changes.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/key_store.h"
#include "auth/limit.h"
#include "auth/token_mint.h"
#include "auth/token_rules.h"
#include "base/deflate.h"
#include "base/timestamp.h"
#include "conn/inbox.h"
#include "conn/session.h"
#include "core/config.h"
#include "core/config_files.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/metrics.h"
#include "core/process.h"
#include "core/supervisor.h"
#include "core/version.h"
#include "door/door.h"
#include "door/tls_context.h"
#include "drain.h"
#include "hub/live.h"
#include "hub/presence.h"
#include "hub/presence_store.h"
#include "hub/room.h"
#include "pg/pg.h"
#include "reload.h"
#include "pg/pg_hint.h"

#define STATUS_INTERVAL 0.5

static struct
{
	Config config;
	ConfigSources sources;
	TokenRules rules;
	ev_signal signals[3];
	ev_timer status_timer;
	bool was_up; /* the database, at the last look */
} bridge;

/* Whatever it says: it may be forged, so everything is compared with the database. */
static void
on_control(Slice payload)
{
	(void) payload;
	room_catch_up_all();
	session_check_users();
}

static void
on_listening(void)
{
	room_catch_up_all();
	presence_store_resume();
	presence_resume();
	live_resume();
	room_people_catch_up();
	inbox_catch_up();
}

static void
on_board_heard(const Uuid *board_id, Slice payload)
{
	room_on_hint(board_id, (int) pg_hint_number(payload, "version", INT32_MAX));
}

static void
on_workspace_heard(const Uuid *workspace_id, Slice payload)
{
	room_on_workspace_hint(workspace_id, (int) pg_hint_number(payload, "version", INT32_MAX));
}

/* Of a board or of a workspace; each ignores the other's. */
static void
on_presence_heard(const Uuid *id, Slice payload)
{
	presence_on_heard(id, payload);
	room_on_people(id);
}

static void
on_presence_listening(const Uuid *id)
{
	presence_on_listening(id);
	room_on_people(id);
}

static void
on_notification_heard(const Uuid *none, Slice payload)
{
	(void) none;
	inbox_on_heard(payload);
}

static void
on_notifications_listening(const Uuid *none)
{
	(void) none;
	inbox_catch_up();
}

static const PgListenerHandlers listener_handlers = {
	.up = on_listening,
	.control = on_control,
	.channels =
		{
			[PG_CHANNEL_BOARD] = {.listening = room_on_listening, .heard = on_board_heard},
			[PG_CHANNEL_WORKSPACE] = {.listening = room_on_workspace_listening, .heard = on_workspace_heard},
			[PG_CHANNEL_PRESENCE] = {.listening = on_presence_listening, .heard = on_presence_heard},
			[PG_CHANNEL_LIVE] = {.listening = live_on_listening, .heard = live_on_heard},
			[PG_CHANNEL_NOTIFICATIONS] = {.listening = on_notifications_listening, .heard = on_notification_heard},
		},
};

/* What a lost notification would have said is found out now. */
static void
on_alive(void)
{
	presence_read_all();
	live_tidy();
	session_check_users();
}

static const PresenceStoreHandlers store_handlers = {.alive = on_alive, .refused = session_check_users};

/* Host and port, for people who look at the table of bridges. */
static void
presence_start(void)
{
	char host[256] = "";
	Buffer name = BUFFER_EMPTY;

	(void) gethostname(host, sizeof(host) - 1);
	buffer_append_format(&name, "%s:%d", host, door_port());
	presence_store_open(&bridge.config, buffer_text(&name), &store_handlers);
	live_open();
	buffer_free(&name);
}

/* ---- signals ---- */

static void
on_signal(struct ev_loop *ev, ev_signal *watcher, int events)
{
	(void) ev;
	(void) events;
	if (watcher->signum == SIGHUP)
		reload_all();
	else
		drain(&bridge.config);
}

/* ---- start ---- */

static bool
rules_open(Buffer *problem)
{
	KeyFiles files = token_key_files(&bridge.config);

	token_rules_set(&bridge.rules, &bridge.config);
	return key_store_open(&files, &bridge.rules, problem);
}

static void
signals_open(void)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < LENGTH_OF(numbers); i++)
	{
		ev_signal_init(&bridge.signals[i], on_signal, numbers[i]);
		ev_signal_start(loop_ev(), &bridge.signals[i]);
	}
}

/* Written under another name first: a reader sees nothing or all of it. */
static bool
write_number(const char *path, int number)
{
	char temporary[4096];
	FILE *file;

	if (path[0] == '\0')
		return true;
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	file = fopen(temporary, "w");
	if (file == NULL || fprintf(file, "%d\n", number) < 0 || fclose(file) != 0 || rename(temporary, path) != 0)
	{
		log_error("file_not_written", LOG_TEXT("file", path));
		return false;
	}
	return true;
}

/* The socket before everything else: a busy port must leave no trace. */
static bool
open_all(Buffer *problem)
{
	if (!rules_open(problem))
		return false;
	if (!loop_open())
	{
		buffer_append_text(problem, "libev cannot be initialised");
		return false;
	}
	if (!limit_open(&bridge.config, timestamp_monotonic_ms(), problem))
		return false;
	if (!door_open(&bridge.config, &bridge.rules, problem) || !pg_open(&bridge.config, &listener_handlers, problem))
		return false;
	room_hub_open(&bridge.config);
	session_hub_open(&bridge.config, &bridge.rules);
	presence_start();
	key_store_watch(bridge.config.jwt_reload_interval);
	tls_context_watch(bridge.config.jwt_reload_interval);
	reload_open(&bridge.config, &bridge.rules, &bridge.sources);
	signals_open();
	return true;
}

/* Whether commands can be carried out: for the log when it changes, and for who looks at the service. */
static void
on_status_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
	bool is_up = pg_is_up();
	char line[128];

	if (is_up && !bridge.was_up)
		log_info("ready");
	else if (!is_up && bridge.was_up)
		log_warning("not_ready", LOG_TEXT("reason", "the database is not available"));
	bridge.was_up = is_up;
	snprintf(line, sizeof(line), "%s; %zu connections on %s", is_up ? "ready" : "the database is not available",
			 session_count(), door_address());
	supervisor_status(line);
}

static void
collect_metrics(void)
{
	process_measure();
	room_measure();
}

/* Ready is who listens: clients are told `unavailable` until the database is there, and a manager must not wait for it. */
static void
tell_ready(void)
{
	metrics_set_collector(collect_metrics);
	supervisor_ready();
	on_status_timer(loop_ev(), &bridge.status_timer, 0);
	ev_timer_init(&bridge.status_timer, on_status_timer, STATUS_INTERVAL, STATUS_INTERVAL);
	ev_timer_start(loop_ev(), &bridge.status_timer);
}

static bool
start(void)
{
	Buffer problem = BUFFER_EMPTY;
	bool is_open;

	log_info("starting", LOG_TEXT("version", version_text()), LOG_INTEGER("pid", (int64_t) getpid()),
			 LOG_TEXT("file", bridge.config.config_file));
	is_open = open_all(&problem);

	if (!is_open)
		fprintf(stderr, "collab-bridge: %s\n", buffer_text(&problem));
	buffer_free(&problem);
	if (!is_open)
		return false;
	log_info("listening", LOG_TEXT("address", door_address()), LOG_TEXT("version", version_text()));
	metrics_set(METRIC_START_TIME, timestamp_now_ms() / 1000);
	if (!write_number(bridge.config.port_file, door_port()) || !write_number(bridge.config.pid_file, (int) getpid()))
		return false;
	tell_ready();
	return true;
}

static void
remove_file(const char *path)
{
	if (path[0] != '\0')
		(void) unlink(path);
}

/* Connections end first, then what they would still have asked for. */
static void
stop(void)
{
	door_close();
	pg_close();
	loop_turn();
	presence_store_close();
	room_hub_close();
	live_close();
	session_hub_close();
	key_store_close();
	limit_close();
	ev_timer_stop(loop_ev(), &bridge.status_timer);
	metrics_set_collector(NULL);
	supervisor_close();
	loop_close();
	frame_close();
	deflate_close();
	remove_file(bridge.config.pid_file);
	remove_file(bridge.config.port_file);
	log_info("stopped");
}

static int
run(void)
{
	log_start((LogLevel) bridge.config.log_level, (LogFormat) bridge.config.log_format);
	if (!start())
		return EXIT_FAILURE;
	loop_run();
	stop();
	return EXIT_SUCCESS;
}

static int
config_problem(const Buffer *problems)
{
	fwrite(problems->bytes, 1, problems->length, stderr);
	if (problems->length > 0 && problems->bytes[problems->length - 1] != '\n')
		fputc('\n', stderr);
	return 2;
}

/* Everything that can be known without starting: also what the files named hold. */
static int
check_files(void)
{
	KeyFiles files = token_key_files(&bridge.config);
	Buffer problem = BUFFER_EMPTY;
	Buffer warnings = BUFFER_EMPTY;
	KeySet *keys = keys_load(&files, &problem);
	int status = EXIT_SUCCESS;

	config_files_warn(&bridge.config, &warnings);
	fputs(buffer_text(&warnings), stderr);
	if (keys == NULL || !tls_context_check(&bridge.config, &problem))
		status = config_problem(&problem);
	else
	{
		puts("# the configuration is valid; it would run with");
		config_print(&bridge.config, stdout);
	}
	keys_free(keys);
	buffer_free(&warnings);
	buffer_free(&problem);
	return status;
}

int
main(int argc, char **argv)
{
	Buffer problems = BUFFER_EMPTY;
	int status = EXIT_SUCCESS;

	if (argc > 1 && strcmp(argv[1], "token") == 0)
		return token_mint_main(argc - 1, argv + 1, stdout, stderr);
	bridge.sources = (ConfigSources){argc, argv, environ};
	switch (config_load(&bridge.config, argc, argv, environ, &problems))
	{
		case CONFIG_RUN:
			status = run();
			break;
		case CONFIG_CHECK:
			status = check_files();
			break;
		case CONFIG_VERSION:
			printf("collab-bridge %s\n", version_text());
			break;
		case CONFIG_HELP:
			config_print_help(stdout);
			break;
		case CONFIG_INVALID:
			status = config_problem(&problems);
			break;
	}
	buffer_free(&problems);
	config_free(&bridge.config);
	return status;
}
