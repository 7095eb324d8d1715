/*
 * outq.c - what one connection still has to be sent.
 *
 * Owns one reference for each queued frame. QUEUE_BYTES counts the bytes of all queues together.
 */
#include "conn/outq.h"

#include <stdlib.h>

#include "base/memory.h"
#include "core/metrics.h"

#define OUTQ_FIRST_CAPACITY 8
/* Writes of 64 KB in one turn; a connection with more waits for its socket, others get their turn. */
#define OUTQ_WRITES_PER_TURN 4

void
outq_init(Outq *queue, size_t limit)
{
	*queue = (Outq){.limit = limit};
}

static OutqEntry *
outq_at(const Outq *queue, unsigned position)
{
	return &queue->entries[(queue->first + position) & (queue->capacity - 1)];
}

static void
outq_count_bytes(Outq *queue, const OutqEntry *entry, size_t length, bool is_added)
{
	if (!entry->is_counted)
		return;
	queue->bytes = is_added ? queue->bytes + length : queue->bytes - length;
	metrics_add(METRIC_QUEUE_BYTES, is_added ? (int64_t) length : -(int64_t) length);
}

static void
outq_grow(Outq *queue)
{
	unsigned capacity = queue->capacity > 0 ? queue->capacity * 2 : OUTQ_FIRST_CAPACITY;
	OutqEntry *entries = memory_alloc(sizeof(*entries) * capacity);

	for (unsigned i = 0; i < queue->count; i++)
		entries[i] = *outq_at(queue, i);
	free(queue->entries);
	queue->entries = entries;
	queue->capacity = capacity;
	queue->first = 0;
}

void
outq_push(Outq *queue, Frame *frame, bool is_counted)
{
	OutqEntry *entry;

	if (queue->count == queue->capacity)
		outq_grow(queue);
	entry = outq_at(queue, queue->count++);
	*entry = (OutqEntry){.frame = frame_ref(frame), .is_counted = is_counted};
	outq_count_bytes(queue, entry, frame->length, true);
}

bool
outq_push_loose(Outq *queue, Frame *frame)
{
	if (queue->is_full)
	{
		metrics_add(METRIC_DROPPED, 1);
		return false;
	}
	outq_push(queue, frame, true);
	return true;
}

bool
outq_has_room(const Outq *queue)
{
	return queue->bytes < queue->limit / 4 * 3;
}

bool
outq_is_over(const Outq *queue, size_t more)
{
	return queue->bytes + more > queue->limit;
}

bool
outq_is_empty(const Outq *queue)
{
	return queue->count == queue->held;
}

bool
outq_holds_uncounted(const Outq *queue)
{
	for (unsigned i = 0; i < queue->count; i++)
		if (!outq_at(queue, i)->is_counted)
			return true;
	return false;
}

static void
outq_drop_first(Outq *queue)
{
	frame_unref(outq_at(queue, 0)->frame);
	queue->first = (queue->first + 1) & (queue->capacity - 1);
	queue->count--;
}

/* An idle connection keeps no queue memory. */
static void
outq_shrink(Outq *queue)
{
	if (queue->count > 0)
		return;
	free(queue->entries);
	queue->entries = NULL;
	queue->capacity = queue->first = 0;
}

void
outq_drained(Outq *queue)
{
	queue->is_full = false;
	for (; queue->held > 0; queue->held--)
		outq_drop_first(queue);
	outq_shrink(queue);
}

/* The pieces of the next write; returns how many, and their bytes in *length. */
static int
outq_gather(const Outq *queue, struct iovec *pieces, size_t *length)
{
	size_t skip = queue->offset;
	int count = 0;

	*length = 0;
	for (unsigned i = queue->held; i < queue->count && count < OUTQ_WRITE_PIECES; i++)
	{
		const Frame *frame = outq_at(queue, i)->frame;
		size_t left = frame->length - skip;
		size_t room = OUTQ_WRITE_BYTES - *length;

		if (room == 0)
			break;
		pieces[count].iov_base = (void *) (uintptr_t) (frame->bytes + skip);
		pieces[count].iov_len = left < room ? left : room;
		*length += pieces[count++].iov_len;
		skip = 0;
	}
	return count;
}

/* Everything gathered was taken over: frames that are through become held. */
static void
outq_advance(Outq *queue, size_t length)
{
	metrics_add(METRIC_BYTES_SENT, (int64_t) length);
	while (length > 0)
	{
		OutqEntry *entry = outq_at(queue, queue->held);
		size_t left = entry->frame->length - queue->offset;
		size_t taken = length < left ? length : left;

		outq_count_bytes(queue, entry, taken, false);
		length -= taken;
		queue->offset += taken;
		if (taken < left)
			return;
		queue->held++;
		queue->offset = 0;
		metrics_add(METRIC_FRAMES_SENT, 1);
	}
}

bool
outq_flush(Outq *queue, OutqWrite write, void *transport)
{
	for (int i = 0; i < OUTQ_WRITES_PER_TURN && !queue->is_full && !outq_is_empty(queue); i++)
	{
		struct iovec pieces[OUTQ_WRITE_PIECES];
		size_t length;
		int count = outq_gather(queue, pieces, &length);

		switch (write(transport, pieces, count, length))
		{
			case OUTQ_WRITTEN:
				outq_advance(queue, length);
				outq_drained(queue);
				break;
			case OUTQ_FULL:
				outq_advance(queue, length);
				queue->is_full = true;
				break;
			case OUTQ_LATER:
				queue->is_full = true;
				break;
			case OUTQ_BROKEN:
				return false;
		}
	}
	return true;
}

void
outq_drop_pending(Outq *queue)
{
	unsigned keep = queue->held + (queue->offset > 0 ? 1 : 0);

	while (queue->count > keep)
	{
		OutqEntry *entry = outq_at(queue, queue->count - 1);

		outq_count_bytes(queue, entry, entry->frame->length, false);
		frame_unref(entry->frame);
		queue->count--;
	}
}

void
outq_free(Outq *queue)
{
	metrics_add(METRIC_QUEUE_BYTES, -(int64_t) queue->bytes);
	while (queue->count > 0)
		outq_drop_first(queue);
	free(queue->entries);
	*queue = (Outq){.limit = queue->limit};
}
