/*
 * tls.h - TLS in front of everything else.
 *
 *     client ══TLS══► outer socket │ tls.c │ inner ◄──socketpair──► head.c, then a library
 *
 * Who serves the connection sees a plain socket, its end of a pair, and knows nothing of TLS. What
 * lies between is little and has a limit: one piece of 16 kB each way, and 64 kB in the pair; a
 * client that does not read stops the pair, and so the session's queue grows, where it is counted.
 *
 *   from        to          when
 *   ---------   ---------   ----------------------------------------------------------------------
 *   HANDSHAKE   OPEN        the handshake is done; the pair is made, its end handed on
 *   HANDSHAKE   ENDED       it failed, took too long, or was no TLS (answered 400 when it was HTTP)
 *   OPEN        LINGERING   our side has closed and everything has left; the client is to follow
 *   OPEN        ENDED       the client is gone, or takes nothing for too long
 *   LINGERING   ENDED       the client has closed, too, or has not in time
 *
 * Called by door.c.
 */
#ifndef COLLAB_DOOR_TLS_H
#define COLLAB_DOOR_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/config.h"
#include "door/head.h"

/* `take` gets the plain end of each connection, with the peer as it was accepted. */
void tls_open(const Config *config, void (*take)(int fd, const HeadPeer *peer));
void tls_close(void);

/* Takes the socket over. */
void tls_accept(int fd, const HeadPeer *peer);

/* Connections that no one else counts: those in a handshake and those that linger. */
size_t tls_count(void);

#endif
