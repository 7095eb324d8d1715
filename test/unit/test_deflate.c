/*
 * test_deflate.c - messages compressed and expanded as permessage-deflate has them.
 */
#include "unit_support.h"

#include "base/deflate.h"

/* RFC 7692, section 7.2.3: "Hello" in one block, in two, uncompressed, and with a final block. */
static const struct
{
	const char *bytes;
	size_t length;
	const char *message;
} examples[] = {
	{"\xf2\x48\xcd\xc9\xc9\x07\x00", 7, "Hello"},
	{"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11, "Hello"},
	{"\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8, "Hello"},
	{"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13, "Hello"},
	{"\x00", 1, ""},
};

static void
examples_of_the_rfc_are_understood(void **state)
{
	for (size_t i = 0; i < LENGTH_OF(examples); i++)
	{
		Buffer out = BUFFER_EMPTY;

		assert_int_equal(inflate_message(&out, slice_of(examples[i].bytes, examples[i].length), 100), INFLATE_DONE);
		assert_string_equal(buffer_text(&out), examples[i].message);
		buffer_free(&out);
	}
	deflate_close();
}

static void
fill(Buffer *message, size_t length)
{
	static const char text[] = "{\"title\":\"Größe €  Aufgabe 👍\",\"id\":";

	while (message->length < length)
		buffer_append_format(message, "%s%zu},", text, message->length * 2654435761u);
	buffer_truncate(message, length);
}

/* Each stands alone: read in another order than written. */
static void
a_message_comes_back_as_it_was(void **state)
{
	static const size_t lengths[] = {0, 1, 125, 126, 16383, 16384, 16385, 70000, 300000};
	Buffer messages[LENGTH_OF(lengths)] = {BUFFER_EMPTY};
	Buffer compressed[LENGTH_OF(lengths)] = {BUFFER_EMPTY};

	for (size_t i = 0; i < LENGTH_OF(lengths); i++)
	{
		fill(&messages[i], lengths[i]);
		deflate_message(&compressed[i], buffer_slice(&messages[i]));
		if (lengths[i] >= 126)
			assert_true(compressed[i].length < lengths[i] * 3 / 4);
	}
	for (size_t i = LENGTH_OF(lengths); i-- > 0;)
	{
		Buffer out = BUFFER_EMPTY;

		assert_int_equal(inflate_message(&out, buffer_slice(&compressed[i]), lengths[i]), INFLATE_DONE);
		assert_int_equal(out.length, lengths[i]);
		if (lengths[i] > 0)
			assert_memory_equal(out.bytes, messages[i].bytes, lengths[i]);
		buffer_free(&out);
		buffer_free(&messages[i]);
		buffer_free(&compressed[i]);
	}
	deflate_close();
}

static void
what_is_compressed_in_pieces_is_one_message(void **state)
{
	Buffer message = BUFFER_EMPTY;
	Buffer compressed = BUFFER_EMPTY;
	Buffer out = BUFFER_EMPTY;
	DeflateStream *stream = deflate_stream_new();

	fill(&message, 200000);
	for (size_t at = 0; at < message.length; at += 50000)
		deflate_stream_add(stream, slice_of(message.bytes + at, 50000), at + 50000 == message.length, &compressed);
	deflate_stream_free(stream);
	assert_int_equal(inflate_message(&out, buffer_slice(&compressed), message.length), INFLATE_DONE);
	assert_int_equal(out.length, message.length);
	assert_memory_equal(out.bytes, message.bytes, message.length);
	buffer_free(&message);
	buffer_free(&compressed);
	buffer_free(&out);
	deflate_close();
}

/* 100 MB of zeroes in 100 kB. */
static void
a_bomb_stops_at_the_limit(void **state)
{
	Buffer compressed = BUFFER_EMPTY;
	Buffer out = BUFFER_EMPTY;
	DeflateStream *stream = deflate_stream_new();
	char *zeroes = calloc(1, 1 << 20);

	for (int i = 0; i < 100; i++)
		deflate_stream_add(stream, slice_of(zeroes, 1 << 20), i == 99, &compressed);
	assert_int_equal(inflate_message(&out, buffer_slice(&compressed), 1 << 20), INFLATE_TOO_BIG);
	assert_true(out.capacity <= 4 << 20);
	deflate_stream_free(stream);
	free(zeroes);
	buffer_free(&compressed);
	buffer_free(&out);
	deflate_close();
}

static void
the_limit_itself_is_allowed(void **state)
{
	Buffer compressed = BUFFER_EMPTY;
	Buffer out = BUFFER_EMPTY;

	deflate_message(&compressed, SLICE("0123456789"));
	assert_int_equal(inflate_message(&out, buffer_slice(&compressed), 10), INFLATE_DONE);
	buffer_clear(&out);
	assert_int_equal(inflate_message(&out, buffer_slice(&compressed), 9), INFLATE_TOO_BIG);
	buffer_free(&compressed);
	buffer_free(&out);
	deflate_close();
}

/* Every message cut short, and every byte of one turned over: an answer, whatever it is, and no more than the limit. */
static void
what_is_broken_is_refused(void **state)
{
	Buffer message = BUFFER_EMPTY;
	Buffer compressed = BUFFER_EMPTY;

	fill(&message, 400);
	deflate_message(&compressed, buffer_slice(&message));
	for (size_t length = 1; length < compressed.length; length++)
	{
		Buffer out = BUFFER_EMPTY;
		InflateResult result = inflate_message(&out, slice_of(compressed.bytes, length), 1000);

		assert_true(result != INFLATE_DONE || out.length < 400);
		buffer_free(&out);
	}
	for (size_t at = 0; at < compressed.length; at++)
	{
		Buffer out = BUFFER_EMPTY;

		compressed.bytes[at] ^= 0x55;
		(void) !inflate_message(&out, buffer_slice(&compressed), 1000);
		assert_true(out.length <= 1001);
		compressed.bytes[at] ^= 0x55;
		buffer_free(&out);
	}
	assert_int_equal(inflate_message(&message, SLICE("\xff\xff\xff"), 1000), INFLATE_BROKEN);
	buffer_free(&message);
	buffer_free(&compressed);
	deflate_close();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples_of_the_rfc_are_understood),
		cmocka_unit_test(a_message_comes_back_as_it_was),
		cmocka_unit_test(what_is_compressed_in_pieces_is_one_message),
		cmocka_unit_test(a_bomb_stops_at_the_limit),
		cmocka_unit_test(the_limit_itself_is_allowed),
		cmocka_unit_test(what_is_broken_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
