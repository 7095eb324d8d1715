/*
 * address.h - whose connection it is, as far as its address says: for limits, not for rights.
 *
 * An IPv6 address counts by its /64, which one customer has whole; an IPv4 address in IPv6's form
 * counts as itself. Pure. Called by door/ and conn/.
 */
#ifndef COLLAB_AUTH_ADDRESS_H
#define COLLAB_AUTH_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/slice.h"

#define ADDRESS_TEXT_SIZE 64

typedef struct AddressKey
{
	uint8_t bytes[9]; /* 4 or 6, then the address or its first half; no padding, so it may be hashed */
} AddressKey;

/* "192.0.2.1", "2001:db8::1", either with a port or in brackets. False when it is none of these. */
bool address_key(Slice text, AddressKey *key) MUST_CHECK;

/* The last entry of X-Forwarded-For: what the proxy in front has seen. The others are hearsay. */
Slice address_last_forwarded(Slice header);

static inline Slice
address_key_slice(const AddressKey *key)
{
	return slice_of((const char *) key->bytes, sizeof(key->bytes));
}

#endif
