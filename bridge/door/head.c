/*
 * head.c - the first request head of a connection, before anybody reads it.
 *
 * What has been looked at stays in the socket, which therefore stays readable: while a head is
 * incomplete the watcher rests, and a timer looks again.
 *
 * Owns the sockets whose head is not complete yet, each with a watcher and two timers.
 */
#include "door/head.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/list.h"
#include "base/memory.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/metrics.h"
#include "door/gate.h"
#include "door/head_text.h"

#define HEAD_MAX_BYTES 65536 /* the most that option max_headers allows */
#define HEAD_LOOK_SECONDS 0.02 /* between two looks at an incomplete head */
#define HEAD_END "\r\n\r\n"
#define HEAD_IS_NONE "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
#define HEAD_TOO_LARGE "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
#define HEAD_TOO_LATE "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"

typedef struct Head
{
	ListLink link;
	ev_io io;
	ev_timer look; /* runs instead of io while the head is incomplete */
	ev_timer deadline;
	HeadPeer peer;
} Head;

static struct
{
	HeadOptions options;
	List heads;
	size_t count;
} reading;

/* ---- looking ---- */

static void
head_forget(Head *head)
{
	ev_io_stop(loop_ev(), &head->io);
	ev_timer_stop(loop_ev(), &head->look);
	ev_timer_stop(loop_ev(), &head->deadline);
	list_remove(&head->link);
	reading.count--;
	free(head);
}

/*
 * What has come is taken out first: closing a socket with something left in it resets the
 * connection, and the answer is lost. It may be lost all the same on a client that still sends.
 */
static void
head_refuse(Head *head, const char *answer)
{
	char unread[4096];

	if (answer != NULL)
	{
		metrics_add(METRIC_HTTP_4XX, 1);
		for (size_t taken = 0; taken <= 2 * HEAD_MAX_BYTES; taken += sizeof(unread))
			if (recv(head->io.fd, unread, sizeof(unread), MSG_DONTWAIT) <= 0)
				break;
		(void) !send(head->io.fd, answer, strlen(answer), MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	close(head->io.fd);
	head_forget(head);
}

/* `seen` is what is in the socket; its first `head_length` bytes are the head. */
static void
head_upgrade(Head *head, Slice seen, size_t head_length)
{
	Buffer bytes = BUFFER_EMPTY;
	HeadPeer peer = head->peer;
	int fd = head->io.fd;
	char *place = buffer_extend(&bytes, seen.length);
	bool is_read = recv(fd, place, seen.length, MSG_DONTWAIT) == (ssize_t) seen.length;
	Buffer rewritten = BUFFER_EMPTY;

	head_forget(head); /* its watcher must be gone before the library watches the socket */
	if (is_read)
	{
		head_rewrite(&rewritten, slice_of(bytes.bytes, head_length), *reading.options.may_deflate);
		buffer_append(&rewritten, bytes.bytes + head_length, bytes.length - head_length);
		reading.options.upgrade(fd, &peer, buffer_slice(&rewritten));
	}
	else
		close(fd);
	buffer_free(&rewritten);
	buffer_free(&bytes);
}

static void
head_refuse_rate(Head *head, int64_t retry_after_ms)
{
	char answer[256];

	snprintf(answer, sizeof(answer),
			 "HTTP/1.1 429 Too Many Requests\r\nretry-after: %lld\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
			 (long long) ((retry_after_ms + 999) / 1000));
	log_info("connection_refused", LOG_TEXT("peer", head->peer.text), LOG_TEXT("reason", "address_connection_rate"));
	head_refuse(head, answer);
}

static void
head_complete(Head *head, Slice seen, size_t head_length)
{
	Slice text = slice_of(seen.bytes, head_length);
	bool is_upgrade = head_is_websocket(text);
	int64_t retry_after_ms;
	HeadPeer peer;
	int fd = head->io.fd;

	if (!gate_admits(&head->peer, head_forwarded(text), is_upgrade, &retry_after_ms))
	{
		head_refuse_rate(head, retry_after_ms);
		return;
	}
	peer = head->peer;
	if (is_upgrade)
	{
		head_upgrade(head, seen, head_length);
		return;
	}
	head_forget(head);
	reading.options.plain(fd, &peer);
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

bool
head_peer_has_ended(int fd)
{
	struct pollfd look = {.fd = fd, .events = POLLRDHUP};

	return poll(&look, 1, 0) > 0 && (look.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

static void
head_wait(Head *head)
{
	if (head_peer_has_ended(head->io.fd))
	{
		head_refuse(head, NULL);
		return;
	}
	ev_io_stop(loop_ev(), &head->io);
	ev_timer_again(loop_ev(), &head->look);
}

static void
head_take_seen(Head *head, Slice seen)
{
	const char *end = memmem(seen.bytes, seen.length, HEAD_END, strlen(HEAD_END));

	if (end != NULL && (size_t) (end - seen.bytes) <= reading.options.max_bytes)
		head_complete(head, seen, (size_t) (end - seen.bytes) + strlen(HEAD_END));
	else if (end == NULL && !head_may_be_http(seen))
		head_refuse(head, HEAD_IS_NONE);
	else if (seen.length > reading.options.max_bytes)
		head_refuse(head, HEAD_TOO_LARGE);
	else
		head_wait(head);
}

static void
head_look(Head *head)
{
	static char bytes[HEAD_MAX_BYTES + sizeof(HEAD_END)];
	size_t most = reading.options.max_bytes + strlen(HEAD_END);
	ssize_t got = recv(head->io.fd, bytes, most < sizeof(bytes) ? most : sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0)
		head_refuse(head, NULL);
	else
		head_take_seen(head, slice_of(bytes, (size_t) got));
}

static void
on_head_readable(struct ev_loop *ev, ev_io *watcher, int events)
{
	(void) ev;
	(void) events;
	head_look(CONTAINER_OF(watcher, Head, io));
}

static void
on_head_look(struct ev_loop *ev, ev_timer *watcher, int events)
{
	(void) ev;
	(void) events;
	head_look(CONTAINER_OF(watcher, Head, look));
}

static void
on_head_deadline(struct ev_loop *ev, ev_timer *watcher, int events)
{
	(void) ev;
	(void) events;
	head_refuse(CONTAINER_OF(watcher, Head, deadline), HEAD_TOO_LATE);
}

void
head_read(int fd, const HeadPeer *peer)
{
	Head *head = memory_alloc(sizeof(*head));

	head->peer = *peer;
	list_append(&reading.heads, &head->link);
	reading.count++;
	ev_io_init(&head->io, on_head_readable, fd, EV_READ);
	ev_io_start(loop_ev(), &head->io);
	ev_init(&head->look, on_head_look);
	head->look.repeat = HEAD_LOOK_SECONDS;
	ev_timer_init(&head->deadline, on_head_deadline, reading.options.timeout, 0.0);
	ev_timer_start(loop_ev(), &head->deadline);
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
