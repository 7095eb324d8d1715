/*
 * tls_context.c - the certificate and its key, and their replacement while the bridge runs.
 *
 * TLS 1.2 and later, HTTP/1.1 only, no renegotiation. Owns the context.
 */
#include "door/tls_context.h"

#include <openssl/err.h>
#include <string.h>

#include "auth/key_file.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/metrics.h"

#define TLS_MAX_FILE_LENGTH 1048576
#define TLS_FILES 2

typedef struct TlsPrints
{
	KeyFingerprint of[TLS_FILES];
} TlsPrints;

static struct
{
	const Config *config;
	SSL_CTX *context;
	TlsPrints prints; /* of the last attempt, good or bad */
	ev_timer timer;
	bool is_watching;
} store;

static const unsigned char tls_protocols[] = "\x08http/1.1";

/* A client that speaks other protocols only is refused: it would not understand the answer. */
static int
on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_length, const unsigned char *in, unsigned in_length,
		void *unused)
{
	unsigned char *chosen;

	(void) ssl;
	(void) unused;
	if (SSL_select_next_proto(&chosen, out_length, tls_protocols, sizeof(tls_protocols) - 1, in, in_length) !=
		OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static void
tls_complain(Buffer *problem, const char *option, const char *file)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	buffer_append_format(problem, "%s: %s: %s", option, file, reason != NULL ? reason : "cannot be used");
	ERR_clear_error();
}

static bool
tls_load_files(SSL_CTX *context, const Config *config, Buffer *problem)
{
	ERR_clear_error();
	if (SSL_CTX_use_certificate_chain_file(context, config->tls_certificate_file) != 1)
		tls_complain(problem, "tls_certificate_file", config->tls_certificate_file);
	else if (SSL_CTX_use_PrivateKey_file(context, config->tls_key_file, SSL_FILETYPE_PEM) != 1 ||
			 SSL_CTX_check_private_key(context) != 1)
		tls_complain(problem, "tls_key_file", config->tls_key_file);
	else
		return true;
	return false;
}

static SSL_CTX *
tls_load(const Config *config, Buffer *problem)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (context == NULL || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
	{
		tls_complain(problem, "tls_certificate_file", "TLS 1.2");
		SSL_CTX_free(context);
		return NULL;
	}
	(void) SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
	(void) SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
										 SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_alpn_select_cb(context, on_alpn, NULL);
	if (tls_load_files(context, config, problem))
		return context;
	SSL_CTX_free(context);
	return NULL;
}

static bool
tls_prints(TlsPrints *prints)
{
	return key_file_fingerprint(store.config->tls_certificate_file, TLS_MAX_FILE_LENGTH, &prints->of[0]) &&
		   key_file_fingerprint(store.config->tls_key_file, TLS_MAX_FILE_LENGTH, &prints->of[1]);
}

bool
tls_context_check(const Config *config, Buffer *problem)
{
	SSL_CTX *context;

	if (config->tls_certificate_file[0] == '\0')
		return true;
	context = tls_load(config, problem);
	SSL_CTX_free(context);
	return context != NULL;
}

bool
tls_context_open(const Config *config, Buffer *problem)
{
	store.config = config;
	if (config->tls_certificate_file[0] == '\0')
		return true;
	(void) tls_prints(&store.prints);
	store.context = tls_load(config, problem);
	return store.context != NULL;
}

SSL_CTX *
tls_context(void)
{
	return store.context;
}

/* The fingerprint is taken first: what changes while it loads is found at the next look. */
void
tls_context_reload(void)
{
	Buffer problem = BUFFER_EMPTY;
	SSL_CTX *context;

	if (store.context == NULL)
		return;
	(void) tls_prints(&store.prints);
	context = tls_load(store.config, &problem);
	if (context != NULL)
	{
		SSL_CTX_free(store.context);
		store.context = context;
		log_info("tls_reloaded");
	}
	else
	{
		metrics_add(METRIC_TLS_RELOADS_FAILED, 1);
		log_error("tls_not_reloaded", LOG_TEXT("problem", buffer_text(&problem)));
	}
	buffer_free(&problem);
}

static void
on_look_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
	TlsPrints prints;

	(void) ev;
	(void) watcher;
	(void) events;
	if (tls_prints(&prints) && memcmp(&prints, &store.prints, sizeof(prints)) != 0)
		tls_context_reload();
}

void
tls_context_watch(int64_t interval_ms)
{
	double interval = (double) interval_ms / 1000.0;

	if (store.is_watching)
		ev_timer_stop(loop_ev(), &store.timer);
	store.is_watching = store.context != NULL && interval_ms > 0;
	if (!store.is_watching)
		return;
	ev_timer_init(&store.timer, on_look_timer, interval, interval);
	ev_timer_start(loop_ev(), &store.timer);
}

void
tls_context_close(void)
{
	if (store.is_watching)
		ev_timer_stop(loop_ev(), &store.timer);
	store.is_watching = false;
	SSL_CTX_free(store.context);
	store.context = NULL;
}
