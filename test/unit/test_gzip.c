/*
 * test_gzip.c - compressed answers: who takes them, what is worth it, and that they decompress to what they were.
 */
#include "unit_support.h"

#include <zlib.h>

#include "door/gzip.h"

static void
a_client_says_what_it_takes(void **state)
{
	static const char *const yes[] = {"gzip", "GZIP",   "deflate, gzip", "br;q=1.0, gzip;q=0.8, *;q=0.1",
									  "*",    "x-gzip", "gzip;q=0.001",  "identity;q=0,\tgzip ; q=1"};
	static const char *const no[] = {"",        "identity", "gzip;q=0", "gzip;q=0.000", "gzip;q=0, *",
									 "gzipped", "*;q=0",    ",,"};

	for (size_t i = 0; i < LENGTH_OF(yes); i++)
		assert_true(gzip_is_accepted(yes[i]));
	for (size_t i = 0; i < LENGTH_OF(no); i++)
		assert_false(gzip_is_accepted(no[i]));
	assert_false(gzip_is_accepted(NULL));
}

static void
only_text_shrinks(void **state)
{
	assert_true(gzip_helps("application/json; charset=utf-8"));
	assert_true(gzip_helps("text/css"));
	assert_true(gzip_helps("image/svg+xml"));
	assert_false(gzip_helps("image/png"));
	assert_false(gzip_helps("text/event-stream"));
	assert_false(gzip_helps("application/zip"));
	assert_false(gzip_helps(NULL));
}

/* Reads `body` in pieces of `most` bytes and compares what comes of them. */
static void
assert_survives(Slice body, size_t most)
{
	Gzip *gzip = gzip_new();
	Buffer out = BUFFER_EMPTY;
	ssize_t got;
	char *plain = malloc(body.length + 1);
	z_stream inflater = {0};

	while ((got = gzip_read(gzip, body, buffer_extend(&out, most), most)) > 0)
		buffer_truncate(&out, out.length - most + (size_t) got);
	assert_int_equal(got, 0);
	buffer_truncate(&out, out.length - most);
	assert_int_equal(inflateInit2(&inflater, 15 + 16), Z_OK);
	inflater.next_in = (Bytef *) out.bytes;
	inflater.avail_in = (unsigned) out.length;
	inflater.next_out = (Bytef *) plain;
	inflater.avail_out = (unsigned) body.length + 1;
	assert_int_equal(inflate(&inflater, Z_FINISH), Z_STREAM_END);
	assert_int_equal(inflater.total_out, body.length);
	assert_memory_equal(plain, body.bytes, body.length);
	inflateEnd(&inflater);
	gzip_free(gzip);
	buffer_free(&out);
	free(plain);
}

static void
every_body_survives_in_every_piece(void **state)
{
	Buffer body = BUFFER_EMPTY;
	uint32_t random = 7;

	assert_survives(slice_of("", 0), 100);
	assert_survives(slice_of_text("x"), 1);
	for (int i = 0; i < 100000; i++)
	{
		random = random * 1664525 + 1013904223;
		buffer_append_char(&body, (char) (i % 3 == 0 ? random >> 24 : 'a'));
	}
	assert_survives(buffer_slice(&body), 10);
	assert_survives(buffer_slice(&body), 4096);
	assert_survives(buffer_slice(&body), 1000000);
	buffer_free(&body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_says_what_it_takes),
		cmocka_unit_test(only_text_shrinks),
		cmocka_unit_test(every_body_survives_in_every_piece),
	};

	return RUN_TESTS(tests);
}
