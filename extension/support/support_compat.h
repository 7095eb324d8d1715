/*
 * support_compat.h: what differs between the server versions that are provided for.
 */
#ifndef COLLAB_SUPPORT_COMPAT_H
#define COLLAB_SUPPORT_COMPAT_H

#include "postgres.h"

/* Before the declaration of a function that does not return. */
#if PG_VERSION_NUM >= 180000
#define COLLAB_NORETURN pg_noreturn
#else
#define COLLAB_NORETURN pg_attribute_noreturn()
#endif

/* Up to 13 string keys are what a hash table has by default. */
#if PG_VERSION_NUM < 140000
#define HASH_STRINGS 0
#endif

#endif
