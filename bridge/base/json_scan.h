/*
 * json_scan.h - walking over the members of one JSON value without building anything.
 *
 * For text that is known to be JSON (ours, or checked by json_validate): every byte is looked at within bounds, but
 * what is malformed is not reported, it only ends the walk.  Names and values are the raw bytes of the text, names
 * without their quotes.  Pure, no allocation, no recursion.
 */
#ifndef COLLAB_BASE_JSON_SCAN_H
#define COLLAB_BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/slice.h"

typedef struct JsonScan
{
	const char *at;
	const char *end;
} JsonScan;

/* Inside the object or array that `text` is; false when it does not begin with this bracket. */
extern bool json_scan_open(JsonScan *scan, Slice text, char bracket) MUST_CHECK;

/* The next member of an object; false behind the last one. */
extern bool json_scan_member(JsonScan *scan, Slice *name, Slice *value) MUST_CHECK;

/* The next member's name alone; json_scan_value() or json_scan_rest() goes on from there. */
extern bool json_scan_name(JsonScan *scan, Slice *name) MUST_CHECK;

/* The next value: of the name just read, or of an array; false behind the last one. */
extern bool json_scan_value(JsonScan *scan, Slice *value) MUST_CHECK;

/* All between here and the closing bracket of the whole, not looked at: the value of an object's last member. */
extern Slice json_scan_rest(const JsonScan *scan);

/* Whether a raw string (a name, or a value's inside) says `text`, escapes counted as what they stand for. */
extern bool json_scan_says(Slice raw, const char *text);

/* The same, decoded into text[size] with a NUL; false when it does not fit or holds an escape beyond ASCII. */
extern bool json_scan_copy(Slice raw, char *text, size_t size) MUST_CHECK;

/* The member of an object, the last one of this name as every reader takes it; empty when there is none. */
extern Slice json_scan_find(Slice object, const char *name);

/* The inside of a string value; false for anything else. */
extern bool json_scan_string(Slice value, Slice *raw) MUST_CHECK;

#endif
