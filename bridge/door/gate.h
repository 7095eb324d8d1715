/*
 * gate.h - whether a connection whose request has come is taken at all, by its address.
 *
 * Behind a proxy (option behind_proxy) the address of an upgrade is the last one of X-Forwarded-For,
 * and other connections are the proxy's own: they are not counted. Otherwise that header means nothing.
 *
 * Called by head.c.
 */
#ifndef COLLAB_DOOR_GATE_H
#define COLLAB_DOOR_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "core/config.h"
#include "door/head.h"

void gate_open(const Config *config);

/*
 * `forwarded` is the value of X-Forwarded-For, or empty. Puts the client's address in the place of a
 * proxy's. False: too many of late, the next after *retry_after_ms.
 */
bool gate_admits(HeadPeer *peer, Slice forwarded, bool is_upgrade, int64_t *retry_after_ms) MUST_CHECK;

#endif
