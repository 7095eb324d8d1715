/*
 * unit_support.h - what every unit test includes: cmocka with the headers it wants first, and comparisons of text.
 */
#ifndef COLLAB_TEST_UNIT_SUPPORT_H
#define COLLAB_TEST_UNIT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/slice.h"

struct json_object;

/* Shows both texts when they differ; the buffer is left as it is. */
#define assert_buffer_text(buffer, text) assert_string_equal(buffer_text(buffer), (text))

/* A text as a slice, length without its NUL; `literal` may hold NULs. */
#define SLICE(literal) slice_of((literal), sizeof(literal) - 1)

#define RUN_TESTS(tests) cmocka_run_group_tests((tests), NULL, NULL)

/* test/vectors/<name>, parsed; the test fails when it cannot be read.  The caller puts it back. */
extern struct json_object *unit_read_vectors(const char *name);

/* The bytes of a vector: its member "text", or "hex" for what JSON cannot hold. */
extern void unit_vector_bytes(struct json_object *vector, Buffer *bytes);

/* A member that must be there. */
extern struct json_object *unit_member(struct json_object *object, const char *name);
extern const char *unit_text_member(struct json_object *object, const char *name);

/* Fails unless `buffer` is valid JSON equal to `expected`, whatever the order of members. */
extern void unit_assert_json(Buffer *buffer, struct json_object *expected, const char *name);

/* A new file of this content below TMPDIR; the caller unlinks and frees the path. */
extern char *unit_write_file(Slice content);

#endif
