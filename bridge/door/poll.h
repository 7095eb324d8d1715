/*
 * poll.h - sessions of clients that poll: present on a board, and told when something happens there.
 *
 * A poll is a session like a stream's that keeps nothing of what it is sent: it only notes the newest
 * version. Released, it stays for a while (option poll_grace), so that who asks again at once does not
 * leave and come back in everybody's eyes, and takes the session that is there.
 *
 * Called by rest_events.c.
 */
#ifndef COLLAB_DOOR_POLL_H
#define COLLAB_DOOR_POLL_H

#include "conn/session.h"

typedef struct Poll Poll;

typedef struct PollClient
{
	int64_t user_id;
	/* poll_newest has grown. Not from within another call of this file. */
	void (*news)(void *owner);
	/* The session has ended; the poll must not be used any more, nor be released. */
	void (*ended)(void *owner, CloseCode code);
	void *owner;
} PollClient;

/* On the board of the request, after its since_version. */
Poll *poll_open(const PollClient *client, const SessionRequest *request);
int poll_newest(const Poll *poll); /* version; 0: nothing was heard yet */
void poll_release(Poll *poll);

/* Ends those that nobody waits with: at the end. */
void poll_close(void);

#endif
