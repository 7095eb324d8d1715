/*
 * outq.h - what one connection still has to be sent.
 *
 *     held │ offset
 *     ─────┼──────────────────────────────────►  order of sending
 *     F F  │ F(partly)  F  F  F
 *      │
 *      └─ handed over, kept until the socket has drained: the library may still point to them
 *
 * A queue of references to frames, shared ones (events) and private ones (ACK, ERROR, state) alike;
 * each stands at the place at which it leaves. What was pushed during a turn leaves at its end in
 * as few writes as possible. When the socket is full the queue waits for `drained`; from then on
 * loose frames (cursors, presence) are dropped, and has_room tells the events' source to stop.
 *
 * A message too large to be compressed in one go is compressed as it leaves, a piece each time the
 * queue gets to it, within what one turn of the loop may spend on that for all connections:
 *
 *     F (rest of a piece)   S F F            S: the message, and how far it is compressed
 *
 * Knows no sockets: the door gives a write function. Called by session.c.
 */
#ifndef COLLAB_CONN_OUTQ_H
#define COLLAB_CONN_OUTQ_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "base/compiler.h"
#include "hub/frame.h"

#define OUTQ_WRITE_BYTES 65536
#define OUTQ_WRITE_PIECES 64

typedef enum OutqWritten
{
	OUTQ_WRITTEN, /* all of it has left */
	OUTQ_FULL, /* all was taken, some is still in the library; drained comes later */
	OUTQ_LATER, /* nothing was taken; drained comes later */
	OUTQ_BROKEN /* the connection is gone */
} OutqWritten;

typedef OutqWritten (*OutqWrite)(void *transport, const struct iovec *pieces, int count, size_t length);

typedef struct OutqPieces OutqPieces;

typedef struct OutqEntry
{
	Frame *frame;
	OutqPieces *pieces; /* NULL: the frame leaves as it is */
	bool is_counted;
} OutqEntry;

typedef struct Outq
{
	OutqEntry *entries; /* ring of `capacity`, a power of two; NULL while nothing was queued */
	unsigned capacity;
	unsigned first;
	unsigned count;
	unsigned held; /* of count, from the first: handed over */
	size_t
		offset; /* bytes of the first entry after the held ones that are handed over: of its payload, when it has a head */
	char head[FRAME_HEADER_MAX]; /* of the fragment being written */
	size_t bytes; /* of counted entries that are not handed over */
	size_t limit; /* for bytes */
	bool is_full; /* waiting for drained */
} Outq;

void outq_init(Outq *queue, size_t limit);
void outq_free(Outq *queue);

/* Takes a reference of its own. is_counted false: one board state, not held against the limit. */
void outq_push(Outq *queue, Frame *frame, bool is_counted);

/* The same for a text frame that leaves compressed, in pieces. */
void outq_push_in_pieces(Outq *queue, Frame *frame, bool is_counted);

/* A frame that may be lost; false when it was. */
bool outq_push_loose(Outq *queue, Frame *frame);

/* Whether events may be added: less than three quarters of the limit is queued. */
bool outq_has_room(const Outq *queue);
bool outq_is_over(const Outq *queue, size_t more);
bool outq_is_empty(const Outq *queue); /* nothing left to hand over */
bool outq_holds_uncounted(const Outq *queue);

/* Hands over as much as goes; false when the connection is gone. */
bool outq_flush(Outq *queue, OutqWrite write, void *transport) MUST_CHECK;

/* The socket has taken everything handed over. */
void outq_drained(Outq *queue);

/* Forgets what is not handed over yet, except the rest of a frame that has begun. */
void outq_drop_pending(Outq *queue);

#endif
