/*
 * door.h - the listening socket, and the libraries behind it.
 *
 * Owns the socket; hands each connection to libwebsockets (ws.c) or libmicrohttpd (http*.c).
 * Called by main.c.
 */
#ifndef COLLAB_DOOR_H
#define COLLAB_DOOR_H

#include <stdbool.h>

#include "auth/jwt.h"
#include "base/buffer.h"
#include "base/compiler.h"
#include "core/config.h"

/* False with a one-line problem: address in use, event-loop plug-in missing, ... */
bool door_open(const Config *config, const TokenRules *rules, Buffer *problem) MUST_CHECK;

/* "127.0.0.1:8080" as bound, and its port. */
const char *door_address(void);
int door_port(void);

/* HTTP requests that are not answered to the end. */
size_t door_busy(void);

/* No new connections, and /readyz says so. */
void door_stop_accepting(void);
void door_close(void);

#endif
