/*
 * ring.h - the newest events of one room, as shared frames, without a gap.
 *
 * Bounded by a count and by bytes; the oldest leave first. Owns one reference to each frame. Called
 * by room.c.
 */
#ifndef COLLAB_HUB_RING_H
#define COLLAB_HUB_RING_H

#include "base/compiler.h"
#include "base/uuid.h"
#include "hub/frame.h"

typedef struct RingEntry
{
	Frame *frame; /* with its version and mark */
	bool has_command_id;
	Uuid command_id; /* of the command that made the event */
} RingEntry;

typedef struct Ring
{
	RingEntry *entries; /* version v is at v % capacity; NULL until the first event */
	int capacity;
	int count;
	int last; /* newest version held; meaningless while count is 0 */
	size_t bytes; /* of the frames; with the forms made of them at most FRAME_FORM_COUNT times as much */
} Ring;

typedef struct RingLimits
{
	int events;
	size_t bytes; /* a single larger event is held all the same */
} RingLimits;

/* The event after `last`, or any one when the ring is empty; takes over the caller's reference. */
void ring_push(Ring *ring, const RingLimits *limits, Frame *frame);

/* NULL when the ring does not hold this version. */
const RingEntry *ring_at(const Ring *ring, int version);

/* The oldest version held; last + 1 when there is none. */
int ring_first(const Ring *ring);

void ring_clear(Ring *ring);
void ring_free(Ring *ring);

#endif
