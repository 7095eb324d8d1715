/*
 * load_socket.h - one WebSocket connection of the load generator: request, frames in, frames out.
 *
 * No library: what is measured should be the bridge. Non-blocking; its owner (load_client.c) has the descriptor in an
 * epoll set and calls load_socket_read when it is readable, load_socket_flush when it is writable.
 */
#ifndef COLLAB_LOAD_SOCKET_H
#define COLLAB_LOAD_SOCKET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum LoadFrame
{
	LOAD_TEXT = 1,
	LOAD_CLOSE = 8,
	LOAD_PING = 9,
	LOAD_PONG = 10
} LoadFrame;

typedef struct LoadBytes
{
	char *bytes;
	size_t length;
	size_t capacity;
} LoadBytes;

typedef struct LoadSocket LoadSocket;
struct LoadSocket
{
	int fd;
	bool is_open; /* the server has said 101 */
	bool is_closed;
	int close_code; /* the server's, 0 when there was none */
	LoadBytes in; /* not yet understood */
	LoadBytes message; /* the fragments so far */
	LoadBytes out; /* not yet taken by the socket */
	/* A whole message, or a pong. */
	void (*received)(LoadSocket *socket, LoadFrame kind, const char *bytes, size_t length);
};

/* Begins to connect and queues the request; false with errno set when there is no socket to be had. */
bool load_socket_connect(LoadSocket *socket, const struct sockaddr_in *address, const char *token);

void load_socket_send(LoadSocket *socket, LoadFrame kind, const char *bytes, size_t length);

/* Both notice the end: is_closed. */
void load_socket_read(LoadSocket *socket);
void load_socket_flush(LoadSocket *socket);

void load_socket_free(LoadSocket *socket);

#endif
