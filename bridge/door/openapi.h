/*
 * openapi.h - docs/openapi.json, inside the program.
 */
#ifndef COLLAB_DOOR_OPENAPI_H
#define COLLAB_DOOR_OPENAPI_H

#include "base/slice.h"

extern Slice openapi_document(void);

#endif
