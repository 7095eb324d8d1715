/*
 * openapi.c - docs/openapi.json, inside the program: the bytes as they are, put there by the assembler.
 *
 * Owns constant bytes.  Called by rest.c.  The Makefile builds it anew when the document changes.
 */
#include "door/openapi.h"

#include "base/compiler.h"

extern const char openapi_begin[];
extern const char openapi_end[];

__asm__(".pushsection .rodata\n"
		".global openapi_begin\n"
		".global openapi_end\n"
		"openapi_begin:\n"
		".incbin \"../docs/openapi.json\"\n"
		"openapi_end:\n"
		".byte 0\n"
		".popsection\n");

Slice
openapi_document(void)
{
	return slice_of(openapi_begin, (size_t) (openapi_end - openapi_begin));
}
