/*
 * upload_form.c - a file in a request: its name, and its place in multipart/form-data.
 *
 * Owns nothing. RFC 7578 and RFC 6266 as browsers and curl speak them: one level of parts, names in
 * UTF-8.
 */
#include "door/upload_form.h"

#include <string.h>
#include <strings.h>

#define BOUNDARY_MAX 70 /* RFC 2046 */

/* ---- a header's value and its parameters ---- */

static Slice
slice_after(Slice text, size_t count)
{
	return slice_of(text.bytes + count, text.length - count);
}

static Slice
skip_space(Slice text)
{
	while (text.length > 0 && (text.bytes[0] == ' ' || text.bytes[0] == '\t'))
		text = slice_after(text, 1);
	return text;
}

static size_t
token_length(Slice text)
{
	size_t length = 0;

	while (length < text.length && strchr(" \t;=\"", text.bytes[length]) == NULL)
		length++;
	return length;
}

bool
upload_type_is(Slice content_type, const char *type)
{
	Slice text = skip_space(content_type);
	size_t length = token_length(text);

	return length == strlen(type) && strncasecmp(text.bytes, type, length) == 0;
}

/* A quoted text or a token, without its escapes; *text goes on behind it. */
static void
take_value(Slice *text, Buffer *out)
{
	buffer_clear(out);
	if (text->length == 0 || text->bytes[0] != '"')
	{
		size_t length = token_length(*text);

		buffer_append(out, text->bytes, length);
		*text = slice_after(*text, length);
		return;
	}
	*text = slice_after(*text, 1);
	while (text->length > 0 && text->bytes[0] != '"')
	{
		/* Browsers send a backslash as it is, and a quote as %22. */
		if (text->bytes[0] == '\\' && text->length > 1 && (text->bytes[1] == '"' || text->bytes[1] == '\\'))
			*text = slice_after(*text, 1);
		buffer_append_char(out, text->bytes[0]);
		*text = slice_after(*text, 1);
	}
	if (text->length > 0)
		*text = slice_after(*text, 1);
}

static bool
find_parameter(Slice header, const char *name, Buffer *out)
{
	Slice text = header.length > 0 ? slice_after(header, token_length(header)) : header;

	while (text.length > 0)
	{
		size_t length;
		Slice found;

		text = skip_space(text);
		if (text.length == 0 || text.bytes[0] != ';')
			return false;
		text = skip_space(slice_after(text, 1));
		length = token_length(text);
		found = slice_of(text.bytes, length);
		text = skip_space(slice_after(text, length));
		if (text.length == 0 || text.bytes[0] != '=')
			continue;
		text = skip_space(slice_after(text, 1));
		take_value(&text, out);
		if (found.length == strlen(name) && strncasecmp(found.bytes, name, length) == 0)
			return true;
	}
	return false;
}

static int
hex_value(char character)
{
	const char *digits = "0123456789abcdef";
	const char *found = character != '\0' ? strchr(digits, character | 0x20) : NULL;

	return found != NULL ? (int) (found - digits) : -1;
}

/* RFC 8187: UTF-8'language'percent%20encoded. */
static bool
decode_extended(Buffer *out, Slice value)
{
	static const char charset[] = "utf-8'";
	const char *quote;

	if (value.length < sizeof(charset) || strncasecmp(value.bytes, charset, sizeof(charset) - 1) != 0)
		return false;
	value = slice_after(value, sizeof(charset) - 1);
	quote = memchr(value.bytes, '\'', value.length);
	if (quote == NULL)
		return false;
	value = slice_after(value, (size_t) (quote - value.bytes) + 1);
	for (size_t i = 0; i < value.length; i++)
	{
		int high = value.bytes[i] == '%' && i + 2 < value.length ? hex_value(value.bytes[i + 1]) : -1;
		int low = high >= 0 ? hex_value(value.bytes[i + 2]) : -1;

		buffer_append_char(out, low >= 0 ? (char) (high << 4 | low) : value.bytes[i]);
		i += low >= 0 ? 2 : 0;
	}
	return true;
}

/* Some clients tell the whole path: what is behind the last slash. */
static void
append_base_name(Buffer *out, Slice name)
{
	for (size_t i = name.length; i-- > 0;)
	{
		if (name.bytes[i] != '/' && name.bytes[i] != '\\')
			continue;
		name = slice_after(name, i + 1);
		break;
	}
	buffer_append_slice(out, name);
}

bool
upload_file_name(Buffer *out, Slice disposition)
{
	Buffer value = BUFFER_EMPTY;
	Buffer decoded = BUFFER_EMPTY;
	bool is_found = find_parameter(disposition, "filename*", &value) && decode_extended(&decoded, buffer_slice(&value));

	if (is_found)
		append_base_name(out, buffer_slice(&decoded));
	else if ((is_found = find_parameter(disposition, "filename", &value)))
		append_base_name(out, buffer_slice(&value));
	buffer_free(&value);
	buffer_free(&decoded);
	return is_found;
}

/* ---- multipart/form-data ---- */

static Slice
line_value(Slice line, const char *name)
{
	size_t length = strlen(name);

	if (line.length <= length || line.bytes[length] != ':' || strncasecmp(line.bytes, name, length) != 0)
		return (Slice){0};
	return skip_space(slice_after(line, length + 1));
}

/* `part` is what stands between two delimiters: lines, an empty line, the content. */
static bool
parse_part(Slice part, UploadPart *out)
{
	*out = (UploadPart){0};
	for (;;)
	{
		const char *end = memmem(part.bytes, part.length, "\r\n", 2);
		Slice line;

		if (end == NULL)
			return false;
		line = slice_of(part.bytes, (size_t) (end - part.bytes));
		part = slice_after(part, line.length + 2);
		if (line.length == 0)
			break;
		if (line_value(line, "Content-Disposition").length > 0)
			out->disposition = line_value(line, "Content-Disposition");
		if (line_value(line, "Content-Type").length > 0)
			out->content_type = line_value(line, "Content-Type");
	}
	out->content = part;
	return true;
}

static bool
part_is_file(const UploadPart *part)
{
	Buffer name = BUFFER_EMPTY;
	bool is_file = upload_file_name(&name, part->disposition);

	buffer_free(&name);
	return is_file;
}

/* The parts behind the first delimiter; `delimiter` begins with a line end. */
static bool
find_file(Slice rest, Slice delimiter, UploadPart *file, const char **problem)
{
	int count = 0;

	while (rest.length < 2 || memcmp(rest.bytes, "--", 2) != 0)
	{
		const char *end = memmem(rest.bytes, rest.length, delimiter.bytes, delimiter.length);
		UploadPart part;

		*problem = "the form is malformed";
		if (end == NULL || rest.length < 2 || memcmp(rest.bytes, "\r\n", 2) != 0 ||
			!parse_part(slice_of(rest.bytes + 2, (size_t) (end - rest.bytes) > 2 ? (size_t) (end - rest.bytes) - 2 : 0),
						&part))
			return false;
		if (part_is_file(&part) && count++ == 0)
			*file = part;
		rest = slice_after(rest, (size_t) (end - rest.bytes) + delimiter.length);
	}
	*problem = count == 0 ? "the form has no file" : "the form has more than one file";
	return count == 1;
}

bool
upload_find_file(Slice content_type, Slice body, UploadPart *file, const char **problem)
{
	Buffer delimiter = BUFFER_EMPTY;
	Buffer boundary = BUFFER_EMPTY;
	bool is_found = false;

	*problem = "the form's boundary is missing";
	if (find_parameter(content_type, "boundary", &boundary) && boundary.length > 0 && boundary.length <= BOUNDARY_MAX)
	{
		Slice first;

		buffer_append_text(&delimiter, "\r\n--");
		buffer_append_slice(&delimiter, buffer_slice(&boundary));
		first = slice_after(buffer_slice(&delimiter), 2);
		*problem = "the form is malformed";
		if (body.length >= first.length && memcmp(body.bytes, first.bytes, first.length) == 0)
			is_found = find_file(slice_after(body, first.length), buffer_slice(&delimiter), file, problem);
	}
	buffer_free(&delimiter);
	buffer_free(&boundary);
	return is_found;
}

/* ---- the way back ---- */

/* In ASCII for old clients, and whole. */
void
upload_append_disposition(Buffer *out, const char *kind, Slice name)
{
	buffer_append_format(out, "%s; filename=\"", kind);
	for (size_t i = 0; i < name.length; i++)
	{
		unsigned char character = (unsigned char) name.bytes[i];
		bool is_plain = character >= ' ' && character < 0x7f && strchr("\"\\%", character) == NULL;

		buffer_append_char(out, is_plain ? (char) character : '_');
	}
	buffer_append_text(out, "\"; filename*=UTF-8''");
	for (size_t i = 0; i < name.length; i++)
	{
		unsigned char character = (unsigned char) name.bytes[i];
		bool is_plain = (character >= '0' && character <= '9') ||
						((character | 0x20) >= 'a' && (character | 0x20) <= 'z') || character == '.' ||
						character == '-' || character == '_';

		if (is_plain)
			buffer_append_char(out, (char) character);
		else
			buffer_append_format(out, "%%%02X", character);
	}
}
