/*
 * tls_context.h - the certificate and its key, and their replacement while the bridge runs.
 *
 * Called by tls.c, and by main.c for reloading and --check-config.
 */
#ifndef COLLAB_DOOR_TLS_CONTEXT_H
#define COLLAB_DOOR_TLS_CONTEXT_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "core/config.h"

/* Whether the files can be used; true when none are named. */
bool tls_context_check(const Config *config, Buffer *problem) MUST_CHECK;

bool tls_context_open(const Config *config, Buffer *problem) MUST_CHECK;
void tls_context_close(void);

/* NULL: TLS is off. Connections that have begun keep the one they began with. */
SSL_CTX *tls_context(void);

/* Reads the files again: at once, or when they have changed. A bad one leaves what is in use. */
void tls_context_reload(void);
void tls_context_watch(int64_t interval_ms); /* 0: on tls_context_reload only */

#endif
