/*
 * entropy.c - random numbers from the kernel.
 *
 * Owns nothing.  Called for identifiers, the key of the hash and jitter.
 */
#include "base/entropy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void
entropy_fill(void *bytes, size_t length)
{
	char *at = bytes;

	while (length > 0)
	{
		ssize_t got = getrandom(at, length, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
		{
			perror("collab-bridge: getrandom");
			abort();
		}
		at += got;
		length -= (size_t) got;
	}
}

uint64_t
entropy_below(uint64_t below)
{
	uint64_t number;
	uint64_t uneven;

	if (below == 0)
		return 0;
	/* Drawn again while it lies in the last, incomplete run of 0 … below - 1. */
	uneven = (UINT64_MAX - below + 1) % below;
	do
		entropy_fill(&number, sizeof(number));
	while (number > UINT64_MAX - uneven);
	return number % below;
}
