/*
 * json_text.h - writing JSON values into a buffer.
 */
#ifndef COLLAB_PROTO_JSON_TEXT_H
#define COLLAB_PROTO_JSON_TEXT_H

#include "base/buffer.h"
#include "base/slice.h"
#include "base/uuid.h"

/* Quoted and escaped.  Bytes that are not UTF-8 become U+FFFD. */
extern void json_append_string(Buffer *out, Slice text);
extern void json_append_text(Buffer *out, const char *text); /* NULL is written as null */
extern void json_append_uuid(Buffer *out, const Uuid *uuid); /* NULL is written as null */

/* Shortest form that reads back the same; what is not finite is written as null. */
extern void json_append_number(Buffer *out, double number);

#endif
