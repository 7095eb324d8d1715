/*
 * fuzz_support.h - what every fuzz target includes: claims that abort with what they were about, and input taken apart.
 *
 * A target is one file fuzz_*.c with the LLVMFuzzerTestOneInput that libFuzzer calls.  Whatever it is given, the code
 * under test must accept or refuse; what is more is claimed with FUZZ_CLAIM.
 */
#ifndef COLLAB_TEST_FUZZ_SUPPORT_H
#define COLLAB_TEST_FUZZ_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"
#include "proto/parse.h"

struct json_object;

/* `shown` is printed when the claim is false. */
#define FUZZ_CLAIM(claim, shown) ((claim) ? (void) 0 : fuzz_fail(__FILE__, __LINE__, #claim, (shown)))

extern int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
extern int LLVMFuzzerInitialize(int *argc, char ***argv);

extern void fuzz_fail(const char *file, int line, const char *claim, Slice shown) __attribute__((noreturn));

static inline Slice
fuzz_slice(const uint8_t *bytes, size_t length)
{
	return slice_of((const char *) bytes, length);
}

/* What stands before the next newline; *rest goes on behind it. */
extern Slice fuzz_take_line(Slice *rest);

/* A copy with a NUL, which ends it where it holds one; the caller frees it. */
extern char *fuzz_text(Slice slice) MUST_CHECK;

extern bool fuzz_is_utf8(Slice text);
extern bool fuzz_is_json(Slice text);
extern void fuzz_claim_json(Slice text);

/* What json-c, strict, makes of the whole text, however deep; NULL when it refuses.  The caller puts it back. */
extern struct json_object *fuzz_json_c(Slice text) MUST_CHECK;

/* A refusal that can be sent: with a code, and a text in UTF-8. */
extern void fuzz_claim_refusal(const Refusal *refusal);

#endif
