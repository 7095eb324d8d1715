/*
 * utf8.h - UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#ifndef COLLAB_BASE_UTF8_H
#define COLLAB_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length in bytes (1 to 4) of the character at `bytes`, or 0 when it is not valid or cut off. */
extern size_t utf8_character_length(const char *bytes, size_t available);

extern bool utf8_is_valid(const char *bytes, size_t length);

/* The longest prefix of at most `limit` bytes that does not cut a character of valid text. */
extern size_t utf8_cut(const char *bytes, size_t length, size_t limit);

#endif
