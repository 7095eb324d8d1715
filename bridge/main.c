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
#include "base/timestamp.h"
#include "conn/session.h"
#include "core/config.h"
#include "core/config_files.h"
#include "core/config_reload.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/metrics.h"
#include "core/version.h"
#include "door/door.h"
#include "hub/room.h"
#include "pg/pg.h"
#include "pg/pg_command.h"
#include "pg/pg_hint.h"

#define DRAIN_LOOK_INTERVAL 0.02
/* After the close frames: how long clients may take to answer them. */
#define DRAIN_CLOSE_SECONDS 2.0

static struct
{
	Config config;
	ConfigSources sources;
	TokenRules rules;
	ev_signal signals[3];
	ev_timer drain_timer;
	double drain_deadline; /* loop_now; 0: not draining */
	bool has_said_goodbye;
} bridge;

/* Whatever it says: it may be forged, so everything is compared with the database. */
static void
on_control(Slice payload)
{
	(void) payload;
	room_catch_up_all();
}

static void
on_board_heard(const Uuid *board_id, Slice payload)
{
	room_on_hint(board_id, (int) pg_hint_number(payload, "version", INT32_MAX));
}

static const PgListenerHandlers listener_handlers = {
	.up = room_catch_up_all,
	.control = on_control,
	.channels =
		{
			[PG_CHANNEL_BOARD] = {.listening = room_on_listening, .heard = on_board_heard},
		},
};

/* ---- tokens ---- */

static KeyFiles
key_files(const Config *config)
{
	return (KeyFiles){
		.secret = config->jwt_key_file,
		.secret_id = config->jwt_key_id,
		.public_key = config->jwt_public_key_file,
		.public_key_id = config->jwt_public_key_id,
		.jwks = config->jwt_jwks_file,
	};
}

/* The keys are the store's. */
static void
rules_set(const Config *config)
{
	bridge.rules = (TokenRules){
		.keys = bridge.rules.keys,
		.issuer = config->jwt_issuer,
		.audience = config->jwt_audience,
		.subject_claim = config->jwt_subject_claim,
		.name_claim = config->jwt_name_claim,
		.picture_claim = config->jwt_picture_claim,
		.leeway_s = config->jwt_leeway / 1000,
		.max_age_s = config->max_token_age / 1000,
	};
}

static bool
rules_open(Buffer *problem)
{
	KeyFiles files = key_files(&bridge.config);

	rules_set(&bridge.config);
	return key_store_open(&files, &bridge.rules, problem);
}

/* ---- reloading ---- */

/* Whoever keeps a copy of what a RELOAD option says is told here. */
static void
reload_tell(const Config *config)
{
	log_start((LogLevel) config->log_level, (LogFormat) config->log_format);
	rules_set(config);
	key_store_watch(config->jwt_reload_interval);
	room_hub_configure(config);
	pg_configure(config);
}

static void
reload_refused(const Buffer *problems)
{
	Slice rest = buffer_slice(problems);

	metrics_add(METRIC_RELOADS_FAILED, 1);
	while (rest.length > 0)
	{
		const char *newline = memchr(rest.bytes, '\n', rest.length);
		size_t length = newline != NULL ? (size_t) (newline - rest.bytes) : rest.length;

		log_error("configuration_not_reloaded", LOG_SLICE("problem", slice_of(rest.bytes, length)));
		length += newline != NULL;
		rest = slice_of(rest.bytes + length, rest.length - length);
	}
}

/* The keys before the rest: they are what can still be refused. */
static bool
reload_carry_out(Config *fresh, Buffer *changed, Buffer *held_back, Buffer *problems)
{
	KeyFiles files;

	if (!config_reload_read(&bridge.config, &bridge.sources, fresh, held_back, problems))
		return false;
	files = key_files(fresh);
	if (!key_store_change(&files))
	{
		buffer_append_text(problems, "the keys could not be read");
		return false;
	}
	config_reload_apply(&bridge.config, fresh, changed);
	reload_tell(&bridge.config);
	return true;
}

static void
reload(void)
{
	Config fresh;
	Buffer changed = BUFFER_EMPTY;
	Buffer held_back = BUFFER_EMPTY;
	Buffer problems = BUFFER_EMPTY;

	log_info("reloading", LOG_TEXT("file", bridge.config.config_file));
	if (reload_carry_out(&fresh, &changed, &held_back, &problems))
	{
		metrics_add(METRIC_RELOADS_OK, 1);
		if (held_back.length > 0)
			log_warning("options_need_restart", LOG_TEXT("options", buffer_text(&held_back)));
		log_info("configuration_reloaded", LOG_TEXT("changed", buffer_text(&changed)));
	}
	else
		reload_refused(&problems);
	config_free(&fresh);
	buffer_free(&changed);
	buffer_free(&held_back);
	buffer_free(&problems);
}

/* ---- shutdown ---- */

static void
drain_say_goodbye(void)
{
	bridge.has_said_goodbye = true;
	bridge.drain_deadline = loop_now() + DRAIN_CLOSE_SECONDS;
	session_drain_end();
}

static void
on_drain_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
	bool is_late = loop_now() >= bridge.drain_deadline;

	(void) ev;
	(void) watcher;
	(void) events;
	if (!bridge.has_said_goodbye)
	{
		if ((pg_command_pending() == 0 && door_busy() == 0) || is_late)
			drain_say_goodbye();
	}
	else if ((session_count() == 0 && door_busy() == 0) || is_late)
		loop_stop();
}

static void
drain_begin(void)
{
	log_info("shutting_down", LOG_INTEGER("connections", (int64_t) session_count()),
			 LOG_INTEGER("commands", (int64_t) pg_command_pending()));
	bridge.drain_deadline = loop_now() + (double) bridge.config.drain_timeout / 1000.0;
	door_stop_accepting();
	session_drain_begin();
	ev_timer_init(&bridge.drain_timer, on_drain_timer, 0.0, DRAIN_LOOK_INTERVAL);
	ev_timer_start(loop_ev(), &bridge.drain_timer);
}

static void
on_signal(struct ev_loop *ev, ev_signal *watcher, int events)
{
	(void) ev;
	(void) events;
	if (watcher->signum == SIGHUP)
		reload();
	else if (bridge.drain_deadline == 0)
		drain_begin();
	else
		loop_stop();
}

/* ---- start ---- */

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
	key_store_watch(bridge.config.jwt_reload_interval);
	signals_open();
	return true;
}

static bool
start(void)
{
	Buffer problem = BUFFER_EMPTY;
	bool is_open = open_all(&problem);

	if (!is_open)
		fprintf(stderr, "collab-bridge: %s\n", buffer_text(&problem));
	buffer_free(&problem);
	if (!is_open)
		return false;
	log_info("listening", LOG_TEXT("address", door_address()), LOG_TEXT("version", version_text()));
	metrics_set(METRIC_START_TIME, timestamp_now_ms() / 1000);
	return write_number(bridge.config.port_file, door_port()) && write_number(bridge.config.pid_file, (int) getpid());
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
	room_hub_close();
	session_hub_close();
	key_store_close();
	limit_close();
	loop_close();
	frame_close();
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
	KeyFiles files = key_files(&bridge.config);
	Buffer problem = BUFFER_EMPTY;
	Buffer warnings = BUFFER_EMPTY;
	KeySet *keys = keys_load(&files, &problem);
	int status = EXIT_SUCCESS;

	config_files_warn(&bridge.config, &warnings);
	fputs(buffer_text(&warnings), stderr);
	if (keys == NULL)
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
