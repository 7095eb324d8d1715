/*
 * ring.c - the newest events of one room, as shared frames, without a gap.
 *
 * Owns the entries. Grows by doubling, so that a quiet room costs little.
 */
#include "hub/ring.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"
#include "hub/event_body.h"

#define RING_FIRST_CAPACITY 16

static RingEntry *
ring_slot(const Ring *ring, int version)
{
	return &ring->entries[version % ring->capacity];
}

int
ring_first(const Ring *ring)
{
	return ring->last - ring->count + 1;
}

const RingEntry *
ring_at(const Ring *ring, int version)
{
	if (ring->count == 0 || version < ring_first(ring) || version > ring->last)
		return NULL;
	return ring_slot(ring, version);
}

static void
ring_drop_first(Ring *ring)
{
	RingEntry *entry = ring_slot(ring, ring_first(ring));

	ring->bytes -= entry->frame->length;
	frame_unref(entry->frame);
	*entry = (RingEntry){0};
	ring->count--;
}

static void
ring_grow(Ring *ring)
{
	int capacity = ring->capacity > 0 ? ring->capacity * 2 : RING_FIRST_CAPACITY;
	RingEntry *entries = memory_alloc(sizeof(*entries) * (size_t) capacity);

	for (int version = ring_first(ring); version <= ring->last && ring->count > 0; version++)
		entries[version % capacity] = *ring_slot(ring, version);
	free(ring->entries);
	ring->entries = entries;
	ring->capacity = capacity;
}

/* Place for one more of this length: the oldest go, all of them if it is large. */
static void
ring_make_place(Ring *ring, const RingLimits *limits, size_t length)
{
	while (ring->count > 0 && (ring->count >= limits->events || ring->bytes + length > limits->bytes))
		ring_drop_first(ring);
	if (ring->count >= ring->capacity)
		ring_grow(ring);
}

void
ring_push(Ring *ring, const RingLimits *limits, Frame *frame)
{
	RingEntry *entry;

	assert(ring->count == 0 || frame->version == ring->last + 1);
	ring_make_place(ring, limits, frame->length);
	ring->last = frame->version;
	ring->count++;
	ring->bytes += frame->length;
	entry = ring_slot(ring, frame->version);
	entry->frame = frame;
	entry->has_command_id = event_body_command_id(frame_payload(frame), &entry->command_id);
}

void
ring_clear(Ring *ring)
{
	while (ring->count > 0)
		ring_drop_first(ring);
}

void
ring_free(Ring *ring)
{
	ring_clear(ring);
	free(ring->entries);
	*ring = (Ring){0};
}
