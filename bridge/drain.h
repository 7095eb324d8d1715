/*
 * drain.h - SIGTERM: what was accepted is finished, clients are told when to come back, the loop ends.
 */
#ifndef COLLAB_BRIDGE_DRAIN_H
#define COLLAB_BRIDGE_DRAIN_H

#include "core/config.h"

/* The first call begins; a second one ends the loop at once. */
extern void drain(const Config *config);

#endif
