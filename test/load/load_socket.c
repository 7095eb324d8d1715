/*
 * load_socket.c - the client's half of RFC 6455, as much as a load generator needs.
 *
 * It trusts the server: lengths are bounded, the accept key is not looked at. Owns the descriptor and three buffers.
 */
#include "load_socket.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE (64 * 1024)
#define MESSAGE_MAX (256UL * 1024 * 1024)
#define FIN 0x80
#define MASKED 0x80

static void
bytes_reserve(LoadBytes *bytes, size_t more)
{
	if (bytes->length + more <= bytes->capacity)
		return;
	bytes->capacity = (bytes->length + more) * 2;
	bytes->bytes = realloc(bytes->bytes, bytes->capacity);
	if (bytes->bytes == NULL)
		abort();
}

static void
bytes_append(LoadBytes *bytes, const void *more, size_t length)
{
	bytes_reserve(bytes, length);
	memcpy(bytes->bytes + bytes->length, more, length);
	bytes->length += length;
}

static void
bytes_drop(LoadBytes *bytes, size_t length)
{
	bytes->length -= length;
	memmove(bytes->bytes, bytes->bytes + length, bytes->length);
}

bool
load_socket_connect(LoadSocket *socket_, const struct sockaddr_in *address, const char *token)
{
	char request[4096];
	int one = 1;
	int length = snprintf(request, sizeof(request),
						  "GET /ws HTTP/1.1\r\nHost: load\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
						  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bG9hZC1nZW5lcmF0b3ItMQ==\r\n"
						  "Authorization: Bearer %s\r\n\r\n",
						  token);

	socket_->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (socket_->fd < 0)
		return false;
	(void) setsockopt(socket_->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(socket_->fd, (const struct sockaddr *) address, sizeof(*address)) != 0 && errno != EINPROGRESS)
		return false;
	bytes_append(&socket_->out, request, (size_t) length);
	return true;
}

/* Masked with zeros, which leaves the bytes as they are: they are no proxy's to misunderstand. */
void
load_socket_send(LoadSocket *socket_, LoadFrame kind, const char *bytes, size_t length)
{
	unsigned char head[14] = {(unsigned char) (FIN | kind)};
	size_t size = 2;

	if (length < 126)
		head[1] = (unsigned char) (MASKED | length);
	else
	{
		head[1] = MASKED | 126;
		head[2] = (unsigned char) (length >> 8);
		head[3] = (unsigned char) length;
		size = 4;
	}
	bytes_append(&socket_->out, head, size + 4);
	bytes_append(&socket_->out, bytes, length);
	load_socket_flush(socket_);
}

void
load_socket_flush(LoadSocket *socket_)
{
	while (socket_->out.length > 0 && !socket_->is_closed)
	{
		ssize_t taken = send(socket_->fd, socket_->out.bytes, socket_->out.length, MSG_NOSIGNAL);

		if (taken > 0)
			bytes_drop(&socket_->out, (size_t) taken);
		else if (errno == EAGAIN || errno == EINPROGRESS || errno == ENOTCONN)
			return;
		else
			socket_->is_closed = true;
	}
}

static void
socket_take_answer(LoadSocket *socket_)
{
	char *end = memmem(socket_->in.bytes, socket_->in.length, "\r\n\r\n", 4);

	if (end == NULL)
		return;
	if (memmem(socket_->in.bytes, (size_t) (end - socket_->in.bytes), " 101 ", 5) == NULL)
	{
		socket_->is_closed = true;
		return;
	}
	bytes_drop(&socket_->in, (size_t) (end + 4 - socket_->in.bytes));
	socket_->is_open = true;
}

static void
socket_take_frame(LoadSocket *socket_, unsigned char head, const char *bytes, size_t length)
{
	switch (head & 0x0f)
	{
		case LOAD_CLOSE:
			socket_->close_code = length >= 2 ? (unsigned char) bytes[0] << 8 | (unsigned char) bytes[1] : 1005;
			socket_->is_closed = true;
			break;
		case LOAD_PING:
			load_socket_send(socket_, LOAD_PONG, bytes, length);
			break;
		case LOAD_PONG:
			socket_->received(socket_, LOAD_PONG, bytes, length);
			break;
		default:
			bytes_append(&socket_->message, bytes, length);
			if ((head & FIN) == 0)
				break;
			socket_->received(socket_, LOAD_TEXT, socket_->message.bytes, socket_->message.length);
			socket_->message.length = 0;
	}
}

/* The size of the frame's head, and its payload's; 0 when more must be read first. */
static size_t
frame_head(const unsigned char *at, size_t have, size_t *length)
{
	size_t size = 2;
	int extended = 0;

	if (have < 2)
		return 0;
	*length = at[1] & 0x7f;
	if (*length == 126)
		extended = 2;
	else if (*length == 127)
		extended = 8;
	size += (size_t) extended;
	if (have < size)
		return 0;
	if (extended > 0)
		*length = 0;
	for (int i = 0; i < extended; i++)
		*length = *length << 8 | at[2 + i];
	return size;
}

static void
socket_take_frames(LoadSocket *socket_)
{
	size_t at = 0;

	while (!socket_->is_closed)
	{
		const unsigned char *frame = (const unsigned char *) socket_->in.bytes + at;
		size_t length;
		size_t head = frame_head(frame, socket_->in.length - at, &length);

		if (head == 0 || socket_->in.length - at - head < length)
			break;
		if (length > MESSAGE_MAX)
			socket_->is_closed = true;
		else
			socket_take_frame(socket_, frame[0], (const char *) frame + head, length);
		at += head + length;
	}
	bytes_drop(&socket_->in, at);
}

void
load_socket_read(LoadSocket *socket_)
{
	ssize_t got;

	do
	{
		bytes_reserve(&socket_->in, READ_SIZE);
		got = recv(socket_->fd, socket_->in.bytes + socket_->in.length, READ_SIZE, 0);
		if (got > 0)
			socket_->in.length += (size_t) got;
		else if (got == 0 || (errno != EAGAIN && errno != EINTR))
			socket_->is_closed = true;
		if (!socket_->is_open && socket_->in.length > 0)
			socket_take_answer(socket_);
		if (socket_->is_open)
			socket_take_frames(socket_);
	} while (got == READ_SIZE && !socket_->is_closed);
}

void
load_socket_free(LoadSocket *socket_)
{
	if (socket_->fd >= 0)
		close(socket_->fd);
	free(socket_->in.bytes);
	free(socket_->message.bytes);
	free(socket_->out.bytes);
}
