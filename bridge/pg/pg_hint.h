/*
 * pg_hint.h - what the payload of a notification says, without trusting it.
 *
 * Pure. Payloads are flat objects of numbers and ids; every role that can connect can send anything
 * instead. Called by main.c and hub/ for what pg_listener.c has heard.
 */
#ifndef COLLAB_PG_HINT_H
#define COLLAB_PG_HINT_H

#include <stdint.h>

#include "base/slice.h"

/* The number of member `name`; 0 when there is none from 1 to `most`. */
int64_t pg_hint_number(Slice payload, const char *name, int64_t most);

#endif
