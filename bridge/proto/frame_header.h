/*
 * frame_header.h - the head of a WebSocket frame a server sends: final, unmasked, RFC 6455 section 5.2.
 *
 * A frame is built once and shared, so its head must stand right before its payload:
 *
 *     Buffer frame = BUFFER_EMPTY;
 *     frame_header_reserve(&frame);             room for the longest head
 *     encode_...(&frame, ...);                  the payload
 *     start = frame_header_place(&frame, FRAME_TEXT);
 *     the frame is frame.bytes + start, frame.length - start bytes
 */
#ifndef COLLAB_PROTO_FRAME_HEADER_H
#define COLLAB_PROTO_FRAME_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/compiler.h"

#define FRAME_HEADER_MAX 10

typedef enum FrameOpcode
{
	FRAME_CONTINUATION = 0x0,
	FRAME_TEXT = 0x1,
	FRAME_BINARY = 0x2,
	FRAME_CLOSE = 0x8,
	FRAME_PING = 0x9,
	FRAME_PONG = 0xA,
} FrameOpcode;

/* Writes the head and returns its length: 2, 4 or 10. */
extern size_t frame_header_encode(uint8_t head[FRAME_HEADER_MAX], FrameOpcode opcode, uint64_t payload_length);

extern void frame_header_reserve(Buffer *empty);
extern size_t frame_header_place(Buffer *frame, FrameOpcode opcode) MUST_CHECK;

#endif
