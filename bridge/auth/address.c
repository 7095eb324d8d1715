/*
 * address.c - whose connection it is, as far as its address says.
 */
#include "auth/address.h"

#include <arpa/inet.h>
#include <string.h>

#define ADDRESS_HALF 8

static bool
key_of_v4(const char *text, AddressKey *key)
{
	if (inet_pton(AF_INET, text, key->bytes + 1) != 1)
		return false;
	key->bytes[0] = 4;
	return true;
}

static bool
key_of_v6(const char *text, AddressKey *key)
{
	struct in6_addr address;

	if (inet_pton(AF_INET6, text, &address) != 1)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&address))
	{
		key->bytes[0] = 4;
		memcpy(key->bytes + 1, address.s6_addr + 12, 4);
		return true;
	}
	key->bytes[0] = 6;
	memcpy(key->bytes + 1, address.s6_addr, ADDRESS_HALF);
	return true;
}

/* Without brackets, port and zone; "" when it is too long for an address. */
static void
strip_port(Slice text, char out[ADDRESS_TEXT_SIZE])
{
	const char *end;

	out[0] = '\0';
	if (text.length > 0 && text.bytes[0] == '[')
	{
		text = slice_of(text.bytes + 1, text.length - 1);
		end = memchr(text.bytes, ']', text.length);
		text.length = end != NULL ? (size_t) (end - text.bytes) : 0;
	}
	else
	{
		end = memchr(text.bytes, ':', text.length);
		if (end != NULL && memchr(end + 1, ':', (size_t) (text.bytes + text.length - end - 1)) == NULL)
			text.length = (size_t) (end - text.bytes);
	}
	if (text.length >= ADDRESS_TEXT_SIZE)
		return;
	memcpy(out, text.bytes, text.length);
	out[text.length] = '\0';
	out[strcspn(out, "%")] = '\0';
}

bool
address_key(Slice text, AddressKey *key)
{
	char plain[ADDRESS_TEXT_SIZE];

	*key = (AddressKey){{0}};
	if (text.length == 0)
		return false;
	strip_port(text, plain);
	return key_of_v4(plain, key) || key_of_v6(plain, key);
}

Slice
address_last_forwarded(Slice header)
{
	size_t start = header.length;

	while (header.length > 0 && strchr(" \t\r\n", header.bytes[header.length - 1]) != NULL)
		header.length--;
	start = header.length;
	while (start > 0 && strchr(", \t", header.bytes[start - 1]) == NULL)
		start--;
	return slice_of(header.bytes + start, header.length - start);
}
