/*
 * compiler.h - the few compiler attributes and macros that every module uses.
 *
 * Owns nothing at run time.  Included by headers; knows nobody.
 */
#ifndef COLLAB_BASE_COMPILER_H
#define COLLAB_BASE_COMPILER_H

#include <stddef.h>

/* The caller must look at the result. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* printf-like argument checking; positions count from 1. */
#define PRINTF_LIKE(format_at, first_at) __attribute__((format(printf, format_at, first_at)))

#define LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The structure that holds `member` at address `pointer`. */
#define CONTAINER_OF(pointer, Type, member) ((Type *) ((char *) (pointer) -offsetof(Type, member)))

#endif
