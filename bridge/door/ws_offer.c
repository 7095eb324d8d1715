/*
 * ws_offer.c - which of a client's offers of permessage-deflate is taken (RFC 7692, section 7).
 *
 * Offers are separated by commas, an offer's parameters by semicolons; a parameter that is unknown, given twice or has
 * a value it may not have makes its offer one that is not taken. Owns nothing. Called by head.c.
 */
#include "door/ws_offer.h"

#include <string.h>
#include <strings.h>

typedef enum OfferValue
{
	OFFER_VALUE_NONE,
	OFFER_VALUE_BITS, /* 8 to 15 */
	OFFER_VALUE_BITS_OR_NONE
} OfferValue;

static const struct
{
	const char *name;
	OfferValue value;
	int least_bits; /* that can be kept to */
} offer_parameters[] = {
	{WS_OFFER_NO_SERVER_CONTEXT, OFFER_VALUE_NONE, 0},
	{WS_OFFER_NO_CLIENT_CONTEXT, OFFER_VALUE_NONE, 0},
	{"server_max_window_bits", OFFER_VALUE_BITS, 15},
	{"client_max_window_bits", OFFER_VALUE_BITS_OR_NONE, 8},
};

static Slice
slice_trim(Slice text)
{
	while (text.length > 0 && strchr(" \t\r\n", text.bytes[0]) != NULL)
		text = slice_of(text.bytes + 1, text.length - 1);
	while (text.length > 0 && strchr(" \t\r\n", text.bytes[text.length - 1]) != NULL)
		text.length--;
	return text;
}

/* What stands before the separator, trimmed; takes it off the front. */
static Slice
slice_take(Slice *rest, char separator)
{
	const char *end = rest->length > 0 ? memchr(rest->bytes, separator, rest->length) : NULL;
	size_t length = end != NULL ? (size_t) (end - rest->bytes) : rest->length;
	Slice taken = slice_of(rest->bytes, length);

	*rest = end != NULL ? slice_of(end + 1, rest->length - length - 1) : slice_of(rest->bytes + length, 0);
	return slice_trim(taken);
}

static bool
slice_is(Slice text, const char *name)
{
	return text.length == strlen(name) && strncasecmp(text.bytes, name, text.length) == 0;
}

/* 8 to 15, without a leading zero, perhaps in quotes; 0 when it is none. */
static int
offer_bits(Slice text)
{
	if (text.length >= 2 && text.bytes[0] == '"' && text.bytes[text.length - 1] == '"')
		text = slice_of(text.bytes + 1, text.length - 2);
	if (text.length == 1 && (text.bytes[0] == '8' || text.bytes[0] == '9'))
		return text.bytes[0] - '0';
	if (text.length == 2 && text.bytes[0] == '1' && text.bytes[1] >= '0' && text.bytes[1] <= '5')
		return 10 + text.bytes[1] - '0';
	return 0;
}

static bool
offer_value_is_fine(size_t parameter, bool has_value, Slice value)
{
	int bits = has_value ? offer_bits(value) : 0;

	switch (offer_parameters[parameter].value)
	{
		case OFFER_VALUE_NONE:
			return !has_value;
		case OFFER_VALUE_BITS:
			return bits >= offer_parameters[parameter].least_bits;
		case OFFER_VALUE_BITS_OR_NONE:
			return !has_value || bits >= offer_parameters[parameter].least_bits;
	}
	return false;
}

/* The bit of the parameter; 0 when it cannot be agreed to. */
static unsigned
offer_parameter_bit(Slice text)
{
	bool has_value = text.length > 0 && memchr(text.bytes, '=', text.length) != NULL;
	Slice name = slice_take(&text, '=');

	for (size_t i = 0; i < LENGTH_OF(offer_parameters); i++)
	{
		if (slice_is(name, offer_parameters[i].name))
			return offer_value_is_fine(i, has_value, slice_trim(text)) ? 1u << i : 0;
	}
	return 0;
}

static bool
offer_is_fine(Slice offer)
{
	unsigned seen = 0;

	if (!slice_is(slice_take(&offer, ';'), WS_OFFER_EXTENSION))
		return false;
	while (offer.length > 0)
	{
		unsigned bit = offer_parameter_bit(slice_take(&offer, ';'));

		if (bit == 0 || (seen & bit) != 0)
			return false;
		seen |= bit;
	}
	return true;
}

bool
ws_offer_can_be_taken(Slice value)
{
	while (value.length > 0)
	{
		if (offer_is_fine(slice_take(&value, ',')))
			return true;
	}
	return false;
}
