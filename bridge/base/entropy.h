/*
 * entropy.h - random numbers from the kernel.
 */
#ifndef COLLAB_BASE_ENTROPY_H
#define COLLAB_BASE_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

extern void entropy_fill(void *bytes, size_t length); /* aborts when the kernel gives none */

/* Evenly from 0 to `below` - 1; 0 when `below` is 0.  For jitter, identifiers, sampling. */
extern uint64_t entropy_below(uint64_t below);

#endif
