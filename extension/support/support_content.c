/*
 * support_content.c: see support_content.h; the types are in content_types.def.
 *
 * A file goes back out to other people's browsers under the type it was given, so the type is from a list, and the bytes must
 * begin as that type does.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "support/support_content.h"

typedef struct Mark
{
	const char *bytes;
	size_t length;
	size_t offset;
} Mark;

typedef struct ContentType
{
	const char *name;
	bool is_text;
	Mark marks[2];
} ContentType;

#define BINARY(type, first, first_offset, other, other_offset)                                                         \
	{type, false, {{first, sizeof(first) - 1, first_offset}, {other, sizeof(other) - 1, other_offset}}},
#define TEXT(type) {type, true, {{NULL, 0, 0}, {NULL, 0, 0}}},
static const ContentType content_types[] = {
#include "support/content_types.def"
};
#undef BINARY
#undef TEXT

/* What a text may not begin with, in lower case: a browser that guesses would run it, or a shell. */
static const char *const active_beginnings[] = {"<!doctype", "<html", "<head", "<body", "<script",
												"<svg",      "<?xml", "#!",    NULL};

/* Ends of names under which systems run what was saved. */
static const char *const refused_extensions[] = {
	"html", "htm", "xhtml", "shtml", "mht", "mhtml", "svg", "svgz", "xml", "xsl",     "js",
	"mjs",  "jse", "vbs",   "vbe",   "wsf", "hta",   "exe", "dll",  "com", "bat",     "cmd",
	"scr",  "pif", "cpl",   "msi",   "msp", "ps1",   "sh",  "bash", "csh", "run",     "jar",
	"app",  "dmg", "pkg",   "apk",   "deb", "rpm",   "lnk", "url",  "reg", "desktop", NULL};

char *
content_plain_type(const char *given)
{
	size_t length = strcspn(given, "; \t");
	char *type = pnstrdup(given, length);

	for (char *c = type; *c; c++)
		*c = pg_ascii_tolower((unsigned char) *c);
	return type;
}

static char *
allowed_types(void)
{
	StringInfoData list;
	const char *last = "";

	initStringInfo(&list);
	for (int i = 0; i < (int) lengthof(content_types); i++)
	{
		if (strcmp(content_types[i].name, last) != 0)
			appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", content_types[i].name);
		last = content_types[i].name;
	}
	return list.data;
}

static bool
has_mark(const Mark *mark, const char *bytes, size_t length)
{
	return mark->offset + mark->length <= length && memcmp(bytes + mark->offset, mark->bytes, mark->length) == 0;
}

static bool
is_active(const char *text, size_t length)
{
	size_t start = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	for (; start < length && strchr(" \t\r\n\f\v", text[start]) != NULL; start++)
		;
	for (const char *const *beginning = active_beginnings; *beginning != NULL; beginning++)
	{
		size_t wanted = strlen(*beginning);

		if (length - start >= wanted && pg_strncasecmp(text + start, *beginning, wanted) == 0)
			return true;
	}
	return false;
}

/* Logs have tabs, form feeds and escapes; what has others is no text, though it may be UTF-8 by chance. */
static bool
has_control_byte(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		if ((unsigned char) text[i] < 0x20 && strchr("\t\n\f\r\033", text[i]) == NULL)
			return true;
	}
	return false;
}

static bool
check_text(const char *type, const char *text, size_t length, Refusal *refusal)
{
	/* strchr finds a NUL in any text, the verifier does not take one */
	if (!pg_verify_mbstr(PG_UTF8, text, (int) length, true) || has_control_byte(text, length))
		return refuse(refusal, REFUSAL_INVALID, "Send it with its own type, or as UTF-8 without control characters.",
					  "content is not %s", type);
	return !is_active(text, length) || refuse(refusal, REFUSAL_INVALID, psprintf("Allowed are %s.", allowed_types()),
											  "content is a page or a script, not %s", type);
}

bool
content_check(const char *type, const char *bytes, size_t length, Refusal *refusal)
{
	bool is_known = false;

	for (int i = 0; i < (int) lengthof(content_types); i++)
	{
		const ContentType *content_type = &content_types[i];

		if (strcmp(content_type->name, type) != 0)
			continue;
		if (content_type->is_text)
			return check_text(type, bytes, length, refusal);
		is_known = true;
		if (has_mark(&content_type->marks[0], bytes, length) && has_mark(&content_type->marks[1], bytes, length))
			return true;
	}
	if (is_known)
		return refuse(refusal, REFUSAL_INVALID, "Send it with its own type.", "content is not %s", type);
	return refuse(refusal, REFUSAL_INVALID, psprintf("Allowed are %s.", allowed_types()),
				  "content_type \"%s\" is not allowed", pnstrdup(type, pg_mbcliplen(type, (int) strlen(type), 100)));
}

bool
content_check_name(const char *name, Refusal *refusal)
{
	const char *dot = strrchr(name, '.');

	for (const char *const *extension = refused_extensions; dot != NULL && *extension != NULL; extension++)
	{
		if (pg_strcasecmp(dot + 1, *extension) == 0)
			return refuse(refusal, REFUSAL_INVALID, "Pack it into an archive, or attach a link.",
						  "name must not end with .%s", *extension);
	}
	if (strpbrk(name, "/\\") != NULL)
		return refuse(refusal, REFUSAL_INVALID, NULL, "name must not contain / or \\");
	return true;
}
