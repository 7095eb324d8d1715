/*
 * json_validate.h - is this text RFC 8259 JSON that every later reader understands alike?
 *
 * Runs before json-c and before PostgreSQL see anything from outside.  Stricter than the RFC where readers
 * differ: UTF-8 must be valid, \u escapes of surrogates paired, no \u0000, numbers at most 32 characters with
 * an exponent of at most 308, depth at most 32, one document and nothing after it.  Pure, no allocation,
 * no recursion.
 */
#ifndef COLLAB_BASE_JSON_VALIDATE_H
#define COLLAB_BASE_JSON_VALIDATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

#define JSON_MAX_DEPTH 32
#define JSON_MAX_NUMBER_LENGTH 32
#define JSON_MAX_EXPONENT 308

typedef enum JsonFault
{
	JSON_VALID,
	JSON_TOO_LONG, /* more bytes than allowed */
	JSON_EMPTY, /* nothing but white space */
	JSON_CUT_OFF, /* ends in the middle */
	JSON_UNEXPECTED, /* a character that cannot stand here */
	JSON_BAD_LITERAL, /* not true, false or null */
	JSON_BAD_NUMBER, /* leading zero, bare point, ... */
	JSON_NUMBER_TOO_LONG,
	JSON_EXPONENT_TOO_BIG,
	JSON_BAD_UTF8,
	JSON_CONTROL_CHARACTER, /* below U+0020 inside a string */
	JSON_BAD_ESCAPE,
	JSON_NUL_CHARACTER, /* \u0000 */
	JSON_LONE_SURROGATE,
	JSON_TOO_DEEP,
	JSON_TRAILING, /* something after the document */
} JsonFault;

typedef struct JsonReport
{
	JsonFault fault;
	size_t offset; /* byte at which the fault was seen */
	char first; /* first character of the document: '{' for an object */
	int depth; /* levels of brackets; 0: a bare value */
	size_t outer_members; /* members of the outermost object, duplicates counted */
} JsonReport;

/* True when valid; *report is filled either way. */
extern bool json_validate(const char *bytes, size_t length, size_t max_length, JsonReport *report) MUST_CHECK;

extern const char *json_fault_text(JsonFault fault); /* "number with more than 32 characters" */

#endif
