/*
 * event_body.h - the little the bridge looks up in an event's wire message.
 *
 * Bodies come from the database, so they are well-formed; they are forwarded as bytes and never
 * parsed into a tree. Pure. Called by hub/room.c.
 */
#ifndef COLLAB_HUB_EVENT_BODY_H
#define COLLAB_HUB_EVENT_BODY_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/slice.h"
#include "base/uuid.h"

/* The member `command_id` of the payload itself, not one of the same name deeper down. */
bool event_body_command_id(Slice body, Uuid *command_id) MUST_CHECK;

#endif
