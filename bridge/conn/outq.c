/*
 * outq.c - what one connection still has to be sent.
 *
 * Owns one reference for each queued frame. QUEUE_BYTES counts the bytes of all queues together.
 */
#include "conn/outq.h"

#include <assert.h>
#include <stdlib.h>

#include "base/deflate.h"
#include "base/memory.h"
#include "core/loop.h"
#include "core/metrics.h"

#define OUTQ_FIRST_CAPACITY 8
/* Writes of 64 KB in one turn; a connection with more waits for its socket, others get their turn. */
#define OUTQ_WRITES_PER_TURN 4
/* With its head it fits into one write. */
#define OUTQ_PART_BYTES 65520
/* What is compressed for one piece, and in one turn for all connections: about 0.5 and 2 ms. */
#define OUTQ_PIECE_BYTES 65536
#define OUTQ_PIECES_PER_TURN 4

struct OutqPieces
{
	DeflateStream *stream;
	size_t taken; /* bytes of the payload that are compressed */
	bool has_begun; /* its first piece was queued */
};

/* Pieces made in this turn of the loop. */
static struct
{
	unsigned turn;
	int count;
} outq_spent;

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

/* The stream is made when its turn comes: queues may hold many, and few are under way. */
void
outq_push_in_pieces(Outq *queue, Frame *frame, bool is_counted)
{
	outq_push(queue, frame, is_counted);
	outq_at(queue, queue->count - 1)->pieces = memory_alloc(sizeof(OutqPieces));
}

static void
pieces_free(OutqPieces *pieces)
{
	if (pieces == NULL)
		return;
	if (pieces->stream != NULL)
		metrics_add(METRIC_HELD_BYTES, -DEFLATE_STREAM_BYTES);
	deflate_stream_free(pieces->stream);
	free(pieces);
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
entry_free(OutqEntry *entry)
{
	pieces_free(entry->pieces);
	frame_unref(entry->frame);
}

static void
outq_drop_first(Outq *queue)
{
	entry_free(outq_at(queue, 0));
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

/* ---- the next write ---- */

/* What one write takes: whole frames, or a part of one. */
typedef struct OutqBatch
{
	struct iovec parts[OUTQ_WRITE_PIECES];
	int part_count;
	size_t length; /* of all parts */
	unsigned frame_count; /* whole frames */
	size_t part_of_frame; /* bytes of the first frame's payload (or of it, without a head) instead */
} OutqBatch;

static void
batch_add(OutqBatch *batch, const void *bytes, size_t length)
{
	batch->parts[batch->part_count++] = (struct iovec){.iov_base = (void *) (uintptr_t) bytes, .iov_len = length};
	batch->length += length;
}

static bool
frame_is_websocket(const Frame *frame)
{
	return frame->head_length > 0;
}

/* The bytes of a frame that are cut: without its head, which each fragment has anew. */
static Slice
frame_content(const Frame *frame)
{
	return frame_is_websocket(frame) ? frame_payload(frame) : slice_of(frame->bytes, frame->length);
}

/*
 * A frame that does not fit into one write leaves as fragments of the message, each written at once.
 * The library answers pings by itself whenever the socket takes something: between two fragments it may,
 * inside a frame it would break it.
 */
static void
batch_take_part(OutqBatch *batch, Outq *queue, const Frame *frame)
{
	Slice content = frame_content(frame);
	size_t left = content.length - queue->offset;
	size_t taken = left < OUTQ_PART_BYTES ? left : OUTQ_PART_BYTES;

	if (frame_is_websocket(frame))
		batch_add(batch, queue->head,
				  frame_fragment_head((uint8_t *) queue->head, frame, taken, queue->offset == 0, taken == left));
	batch_add(batch, content.bytes + queue->offset, taken);
	batch->part_of_frame = taken;
}

static void
outq_gather(Outq *queue, OutqBatch *batch)
{
	const Frame *first = outq_at(queue, queue->held)->frame;

	batch->part_count = 0;
	batch->length = 0;
	batch->frame_count = 0;
	batch->part_of_frame = 0;
	if (first->length > OUTQ_WRITE_BYTES)
	{
		batch_take_part(batch, queue, first);
		return;
	}
	for (unsigned i = queue->held; i < queue->count && batch->part_count < OUTQ_WRITE_PIECES; i++)
	{
		const Frame *frame = outq_at(queue, i)->frame;

		if (outq_at(queue, i)->pieces != NULL || batch->length + frame->length > OUTQ_WRITE_BYTES)
			return;
		batch_add(batch, frame->bytes, frame->length);
		batch->frame_count++;
	}
}

/* This frame is through: it is held until the socket has drained. */
static void
outq_hold(Outq *queue)
{
	OutqEntry *entry = outq_at(queue, queue->held);

	outq_count_bytes(queue, entry, entry->frame->length - queue->offset, false);
	queue->held++;
	queue->offset = 0;
	metrics_add(METRIC_FRAMES_SENT, 1);
}

/* Everything gathered was taken over. */
static void
outq_advance(Outq *queue, const OutqBatch *batch)
{
	metrics_add(METRIC_BYTES_SENT, (int64_t) batch->length);
	if (batch->part_of_frame > 0)
	{
		OutqEntry *entry = outq_at(queue, queue->held);

		outq_count_bytes(queue, entry, batch->part_of_frame, false);
		queue->offset += batch->part_of_frame;
		if (queue->offset == frame_content(entry->frame).length)
			outq_hold(queue);
		return;
	}
	for (unsigned i = 0; i < batch->frame_count; i++)
		outq_hold(queue);
}

/* ---- what leaves in pieces ---- */

static bool
outq_may_compress(void)
{
	if (outq_spent.turn != loop_turn_number())
		outq_spent.count = 0;
	outq_spent.turn = loop_turn_number();
	return outq_spent.count++ < OUTQ_PIECES_PER_TURN;
}

/* Compresses on; true when that was the end. */
static bool
pieces_compress(OutqPieces *pieces, Slice payload, Buffer *out)
{
	size_t left = payload.length - pieces->taken;
	size_t length = left < OUTQ_PIECE_BYTES ? left : OUTQ_PIECE_BYTES;
	bool is_last = length == left;

	if (pieces->stream == NULL)
	{
		pieces->stream = deflate_stream_new();
		metrics_add(METRIC_HELD_BYTES, DEFLATE_STREAM_BYTES);
	}
	deflate_stream_add(pieces->stream, slice_of(payload.bytes + pieces->taken, length), is_last, out);
	pieces->taken += length;
	return is_last;
}

static void
outq_push_front(Outq *queue, Frame *frame)
{
	if (queue->count == queue->capacity)
		outq_grow(queue);
	queue->first = (queue->first - 1) & (queue->capacity - 1);
	queue->count++;
	*outq_at(queue, 0) = (OutqEntry){.frame = frame};
}

/* The next piece before the message at the front, or in its place when it is the last one. */
static void
outq_make_piece(Outq *queue)
{
	OutqEntry *entry = outq_at(queue, 0);
	OutqPieces *pieces = entry->pieces;
	Buffer out = BUFFER_EMPTY;
	bool is_last = pieces_compress(pieces, frame_payload(entry->frame), &out);
	Frame *piece = NULL;

	/* the compressor may keep everything for the next piece */
	if (out.length > 0 || is_last)
	{
		piece = frame_new_deflated(buffer_slice(&out), !pieces->has_begun, is_last);
		pieces->has_begun = true;
	}
	buffer_free(&out);
	if (is_last)
	{
		outq_count_bytes(queue, entry, entry->frame->length, false);
		outq_drop_first(queue);
	}
	if (piece != NULL)
		outq_push_front(queue, piece);
}

/* What stands in front can be written; false when this turn has spent its time. */
static bool
outq_ready_front(Outq *queue)
{
	assert(queue->held == 0);
	while (outq_at(queue, 0)->pieces != NULL)
	{
		if (!outq_may_compress())
			return false;
		outq_make_piece(queue);
	}
	return true;
}

bool
outq_flush(Outq *queue, OutqWrite write, void *transport)
{
	for (int i = 0; i < OUTQ_WRITES_PER_TURN && !queue->is_full && !outq_is_empty(queue) && outq_ready_front(queue);
		 i++)
	{
		OutqBatch batch;

		outq_gather(queue, &batch);
		switch (write(transport, batch.parts, batch.part_count, batch.length))
		{
			case OUTQ_WRITTEN:
				outq_advance(queue, &batch);
				outq_drained(queue);
				break;
			case OUTQ_FULL:
				outq_advance(queue, &batch);
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

/* A message that has begun in fragments may end there: a close frame follows. Without fragments it may not. */
static bool
outq_is_inside_frame(const Outq *queue)
{
	return queue->offset > 0 && !frame_is_websocket(outq_at(queue, queue->held)->frame);
}

void
outq_drop_pending(Outq *queue)
{
	bool is_inside = outq_is_inside_frame(queue);
	unsigned keep = queue->held + is_inside;

	while (queue->count > keep)
	{
		OutqEntry *entry = outq_at(queue, queue->count - 1);
		size_t sent = queue->count - 1 == queue->held ? queue->offset : 0;

		outq_count_bytes(queue, entry, entry->frame->length - sent, false);
		entry_free(entry);
		queue->count--;
	}
	if (!is_inside)
		queue->offset = 0;
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
