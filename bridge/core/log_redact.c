/*
 * log_redact.c - taking tokens out of what is about to be logged.
 *
 * Two nets: the values of token parameters in a URL, by name; and, in any text, whatever has the shape of a JSON
 * Web Token, so that a token in an unexpected place is not logged either.  Called by log.c and the doors.
 */
#include "core/log_redact.h"

#include <ctype.h>
#include <string.h>

#include "core/log.h"

#define LOG_REDACTED "[redacted]"

/* Every JSON Web Token starts with base64url of `{"`. */
#define LOG_TOKEN_START "eyJ"
#define LOG_TOKEN_MIN_LENGTH 16

static bool
log_is_token_character(char character)
{
	return isalnum((unsigned char) character) || character == '-' || character == '_' || character == '.';
}

/* Length of the token-like text at the start, or 0: long enough, and with the point that ends the head. */
static size_t
log_token_length(Slice text)
{
	size_t length = 0;

	if (text.length < LOG_TOKEN_MIN_LENGTH || memcmp(text.bytes, LOG_TOKEN_START, strlen(LOG_TOKEN_START)) != 0)
		return 0;
	while (length < text.length && log_is_token_character(text.bytes[length]))
		length++;
	return length >= LOG_TOKEN_MIN_LENGTH && memchr(text.bytes, '.', length) ? length : 0;
}

void
log_redact_tokens(Buffer *out, Slice text)
{
	size_t at = 0;

	while (at < text.length)
	{
		size_t length = log_token_length(slice_of(text.bytes + at, text.length - at));

		if (length > 0)
			buffer_append_text(out, LOG_REDACTED);
		else
			buffer_append_char(out, text.bytes[at]);
		at += length > 0 ? length : 1;
	}
}

static int
log_hex_digit(char character)
{
	if (!isxdigit((unsigned char) character))
		return -1;
	return isdigit((unsigned char) character) ? character - '0' : tolower((unsigned char) character) - 'a' + 10;
}

/* Percent-decoded and in lower case: a receiver may be as lenient. */
static void
log_decode_name(Buffer *out, Slice name)
{
	for (size_t i = 0; i < name.length; i++)
	{
		char character = name.bytes[i];

		if (character == '%' && i + 2 < name.length && log_hex_digit(name.bytes[i + 1]) >= 0 &&
			log_hex_digit(name.bytes[i + 2]) >= 0)
		{
			character = (char) (log_hex_digit(name.bytes[i + 1]) << 4 | log_hex_digit(name.bytes[i + 2]));
			i += 2;
		}
		buffer_append_char(out, (char) tolower((unsigned char) character));
	}
}

static bool
log_name_is_secret(Slice name)
{
	static const char secret[] = "token";
	Buffer decoded = BUFFER_EMPTY;
	bool is_secret;

	log_decode_name(&decoded, name);
	is_secret = strstr(buffer_text(&decoded), secret) != NULL;
	buffer_free(&decoded);
	return is_secret;
}

static bool
log_ends_parameter(char character)
{
	return character == '&' || character == ';' || character == '#' || character == '?';
}

/* One name=value, or whatever stands there without a =. */
static void
log_redact_parameter(Buffer *out, Slice parameter)
{
	const char *equals = parameter.length ? memchr(parameter.bytes, '=', parameter.length) : NULL;
	size_t name_length = equals ? (size_t) (equals - parameter.bytes) : parameter.length;

	if (equals && log_name_is_secret(slice_of(parameter.bytes, name_length)))
	{
		buffer_append(out, parameter.bytes, name_length + 1);
		buffer_append_text(out, LOG_REDACTED);
	}
	else
		buffer_append_slice(out, parameter);
}

void
log_redact_url(Buffer *out, Slice url)
{
	size_t at = 0;

	while (at < url.length)
	{
		size_t end = at;

		while (end < url.length && !log_ends_parameter(url.bytes[end]))
			end++;
		log_redact_parameter(out, slice_of(url.bytes + at, end - at));
		if (end < url.length)
			buffer_append_char(out, url.bytes[end++]);
		at = end;
	}
}
