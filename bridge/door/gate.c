/*
 * gate.c - whether a connection whose request has come is taken at all, by its address.
 */
#include "door/gate.h"

#include <string.h>

#include "auth/address.h"
#include "auth/limit.h"
#include "base/timestamp.h"

static const Config *gate_config;

/* False: there is no address to count by. */
static bool
gate_address(HeadPeer *peer, Slice forwarded, bool is_upgrade, AddressKey *key)
{
	Slice last = address_last_forwarded(forwarded);

	if (!gate_config->behind_proxy)
		return address_key(slice_of_text(peer->text), key);
	if (!is_upgrade || last.length >= sizeof(peer->text) || !address_key(last, key))
		return false;
	memcpy(peer->text, last.bytes, last.length);
	peer->text[last.length] = '\0';
	return true;
}

bool
gate_admits(HeadPeer *peer, Slice forwarded, bool is_upgrade, int64_t *retry_after_ms)
{
	AddressKey key;

	return !gate_address(peer, forwarded, is_upgrade, &key) ||
		   limit_take(LIMIT_ADDRESS_CONNECTION, address_key_slice(&key), timestamp_monotonic_ms(), retry_after_ms);
}

void
gate_open(const Config *config)
{
	gate_config = config;
}
