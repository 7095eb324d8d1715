/*
 * siphash.h - SipHash-2-4, a keyed hash short inputs cannot be made to collide under.
 */
#ifndef COLLAB_BASE_SIPHASH_H
#define COLLAB_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

extern uint64_t siphash(const uint8_t key[16], const void *bytes, size_t length);

#endif
