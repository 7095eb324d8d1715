/*
 * key_file.h - the bytes of a file with keys, and whether they are still the same.
 *
 * Private to auth/.
 */
#ifndef COLLAB_AUTH_KEY_FILE_H
#define COLLAB_AUTH_KEY_FILE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/compiler.h"

#define KEY_FINGERPRINT_LENGTH 32

typedef struct KeyFingerprint
{
	unsigned char bytes[KEY_FINGERPRINT_LENGTH];
} KeyFingerprint;

/* Appends at most max_length bytes; false with errno.  The caller wipes them with key_file_wipe. */
extern bool key_file_read(const char *path, size_t max_length, Buffer *content) MUST_CHECK;
extern void key_file_wipe(Buffer *content); /* and frees */

/*
 * A digest of the content; of nothing, when the path is NULL or "" or cannot be read.  False when it is no regular file: a pipe
 * gives its content once, and waiting for more would stop the loop.
 */
extern bool key_file_fingerprint(const char *path, size_t max_length, KeyFingerprint *fingerprint) MUST_CHECK;

#endif
