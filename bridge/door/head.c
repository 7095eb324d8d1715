/*
 * head.c - the first request head of a connection, before the library sees it.
 *
 * Owns the sockets whose head is not complete yet, each with a watcher, a timer and its bytes.
 */
#include "door/head.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/list.h"
#include "base/memory.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/metrics.h"

#define HEAD_READ_BYTES 4096
#define HEAD_END "\r\n\r\n"
#define HEAD_PROTOCOL "Sec-WebSocket-Protocol:"
#define HEAD_AUTHORIZATION "Authorization:"
#define HEAD_BEARER "bearer."
#define HEAD_IS_NONE "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
#define HEAD_TOO_LARGE "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
#define HEAD_TOO_LATE "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"

typedef struct Head
{
	ListLink link;
	ev_io io;
	ev_timer timer;
	Buffer bytes;
} Head;

static struct
{
	HeadOptions options;
	List heads;
	size_t count;
} reading;

/* ---- rewriting ---- */

static bool
line_has_name(Slice line, const char *name)
{
	size_t length = strlen(name);

	return line.length >= length && strncasecmp(line.bytes, name, length) == 0;
}

/* The line that starts at `offset`, with its end; `head` ends with a line end. */
static Slice
head_line(Slice head, size_t offset)
{
	const char *start = head.bytes + offset;
	const char *end = memmem(start, head.length - offset, "\r\n", 2);

	return slice_of(start, end != NULL ? (size_t) (end - start) + 2 : head.length - offset);
}

static bool
head_has(Slice head, const char *name)
{
	for (size_t at = 0; at < head.length; at += head_line(head, at).length)
		if (line_has_name(head_line(head, at), name))
			return true;
	return false;
}

static Slice
next_protocol(Slice *list)
{
	Slice protocol;

	while (list->length > 0 && strchr(", \t\r\n", list->bytes[0]) != NULL)
		*list = slice_of(list->bytes + 1, list->length - 1);
	protocol = slice_of(list->bytes, 0);
	while (protocol.length < list->length && strchr(", \t\r\n", protocol.bytes[protocol.length]) == NULL)
		protocol.length++;
	*list = slice_of(list->bytes + protocol.length, list->length - protocol.length);
	return protocol;
}

/* The other protocols stay; the bearer becomes a header of its own, unless there is one. */
static void
rewrite_protocols(Buffer *out, Slice line, bool has_authorization)
{
	size_t name = strlen(HEAD_PROTOCOL);
	Slice list = slice_of(line.bytes + name, line.length - name);
	Slice bearer = {0};
	Slice protocol;
	int count = 0;

	while ((protocol = next_protocol(&list)).length > 0)
	{
		if (line_has_name(protocol, HEAD_BEARER))
		{
			bearer = slice_of(protocol.bytes + strlen(HEAD_BEARER), protocol.length - strlen(HEAD_BEARER));
			continue;
		}
		buffer_append_text(out, count++ == 0 ? HEAD_PROTOCOL " " : ", ");
		buffer_append_slice(out, protocol);
	}
	if (count > 0)
		buffer_append_text(out, "\r\n");
	if (bearer.length == 0 || has_authorization)
		return;
	buffer_append_text(out, HEAD_AUTHORIZATION " Bearer ");
	buffer_append_slice(out, bearer);
	buffer_append_text(out, "\r\n");
}

void
head_rewrite(Buffer *out, Slice head)
{
	bool has_authorization = head_has(head, HEAD_AUTHORIZATION);

	for (size_t at = 0; at < head.length;)
	{
		Slice line = head_line(head, at);

		if (line_has_name(line, HEAD_PROTOCOL))
			rewrite_protocols(out, line, has_authorization);
		else
			buffer_append_slice(out, line);
		at += line.length;
	}
}

/* ---- reading ---- */

static void
head_forget(Head *head)
{
	ev_io_stop(loop_ev(), &head->io);
	ev_timer_stop(loop_ev(), &head->timer);
	list_remove(&head->link);
	reading.count--;
	buffer_free(&head->bytes);
	free(head);
}

/* The answer may be lost on a client that still sends; it is hung up all the same. */
static void
head_refuse(Head *head, const char *answer)
{
	if (answer != NULL)
	{
		metrics_add(METRIC_HTTP_4XX, 1);
		(void) !send(head->io.fd, answer, strlen(answer), MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	close(head->io.fd);
	head_forget(head);
}

static void
head_complete(Head *head, size_t head_length)
{
	Buffer bytes = BUFFER_EMPTY;
	int fd = head->io.fd;

	head_rewrite(&bytes, slice_of(head->bytes.bytes, head_length));
	buffer_append(&bytes, head->bytes.bytes + head_length, head->bytes.length - head_length);
	head_forget(head); /* its watcher must be gone before the library watches the socket */
	reading.options.complete(fd, buffer_slice(&bytes));
	buffer_free(&bytes);
}

/* Text that begins with a method; anything else need not be waited for. */
static bool
head_may_be_http(Slice bytes)
{
	if (bytes.bytes[0] < 'A' || bytes.bytes[0] > 'Z')
		return false;
	for (size_t i = 0; i < bytes.length; i++)
		if ((unsigned char) bytes.bytes[i] < ' ' && strchr("\r\n\t", bytes.bytes[i]) == NULL)
			return false;
	return memchr(bytes.bytes, '\0', bytes.length) == NULL;
}

static void
on_head_readable(struct ev_loop *ev, ev_io *watcher, int events)
{
	Head *head = CONTAINER_OF(watcher, Head, io);
	char bytes[HEAD_READ_BYTES];
	ssize_t got = recv(watcher->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	const char *end;

	(void) ev;
	(void) events;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0)
	{
		head_refuse(head, NULL);
		return;
	}
	buffer_append(&head->bytes, bytes, (size_t) got);
	end = memmem(head->bytes.bytes, head->bytes.length, HEAD_END, strlen(HEAD_END));
	if (end != NULL && (size_t) (end - head->bytes.bytes) <= reading.options.max_bytes)
		head_complete(head, (size_t) (end - head->bytes.bytes) + strlen(HEAD_END));
	else if (end == NULL && !head_may_be_http(buffer_slice(&head->bytes)))
		head_refuse(head, HEAD_IS_NONE);
	else if (head->bytes.length > reading.options.max_bytes)
		head_refuse(head, HEAD_TOO_LARGE);
}

static void
on_head_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
	(void) ev;
	(void) events;
	head_refuse(CONTAINER_OF(watcher, Head, timer), HEAD_TOO_LATE);
}

void
head_read(int fd)
{
	Head *head = memory_alloc(sizeof(*head));

	list_append(&reading.heads, &head->link);
	reading.count++;
	ev_io_init(&head->io, on_head_readable, fd, EV_READ);
	ev_io_start(loop_ev(), &head->io);
	ev_timer_init(&head->timer, on_head_timer, reading.options.timeout, 0.0);
	ev_timer_start(loop_ev(), &head->timer);
}

size_t
head_count(void)
{
	return reading.count;
}

void
head_open(const HeadOptions *options)
{
	reading.options = *options;
	list_init(&reading.heads);
}

void
head_close(void)
{
	while (!list_is_empty(&reading.heads))
		head_refuse(CONTAINER_OF(list_first(&reading.heads), Head, link), NULL);
}
