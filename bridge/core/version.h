/*
 * version.h - the version this bridge was built as; it is written in collab.control and nowhere else.
 */
#ifndef COLLAB_CORE_VERSION_H
#define COLLAB_CORE_VERSION_H

extern const char *version_text(void); /* "0.1" */

#endif
