/*
 * support_jsonb.h: jsonb made of JSON text that this extension wrote itself, several times faster than jsonb_in.
 */
#ifndef COLLAB_SUPPORT_JSONB_H
#define COLLAB_SUPPORT_JSONB_H

#include "postgres.h"
#include "utils/jsonb.h"

/*
 * The text is an object or an array as the writers of support_json.h and jsonb's own output make it: valid, every key of
 * an object once. An ERROR, never a wrong value, if it is not. Gives what jsonb_in would.
 */
extern Jsonb *jsonb_of_own_text(const char *text);

#endif
