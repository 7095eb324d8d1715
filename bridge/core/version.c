/*
 * version.c - the version this bridge was built as.
 *
 * COLLAB_VERSION comes from the Makefile, which reads it from collab.control.
 */
#include "core/version.h"

#ifndef COLLAB_VERSION
#error "define COLLAB_VERSION, the default_version of collab.control"
#endif

const char *
version_text(void)
{
	return COLLAB_VERSION;
}
