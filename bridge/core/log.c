/*
 * log.c - one line per event on standard error, as logfmt text or JSON.
 *
 * Owns level, form and stream, and builds each line whole before it is written with one call.  What must not be
 * seen is taken out by log_redact.c before a value gets into a line.  Called by everyone but base/ and proto/.
 */
#include "core/log.h"

#include <math.h>

#include "base/timestamp.h"
#include "base/utf8.h"
#include "core/log_redact.h"

static LogLevel log_level = LOG_LEVEL_INFO;
static LogFormat log_format = LOG_FORMAT_TEXT;
static FILE *log_stream = NULL;

static const char *const log_level_names[] = {"debug", "info", "warning", "error"};

void
log_start(LogLevel level, LogFormat format)
{
	log_level = level;
	log_format = format;
}

void
log_set_stream(FILE *stream)
{
	log_stream = stream;
}

bool
log_is_enabled(LogLevel level)
{
	return level >= log_level;
}

static void
log_append_ascii(Buffer *line, char character)
{
	if (character == '"' || character == '\\')
		buffer_append_char(line, '\\');
	if (character == '\n')
		buffer_append_text(line, "\\n");
	else if (character < ' ' || character == 0x7f)
		buffer_append_format(line, "\\u%04x", (unsigned) character);
	else
		buffer_append_char(line, character);
}

/* Escaped as in JSON; bytes that are not UTF-8 become U+FFFD. */
static void
log_append_quoted(Buffer *line, Slice text)
{
	buffer_append_char(line, '"');
	for (size_t at = 0; at < text.length;)
	{
		size_t length = utf8_character_length(text.bytes + at, text.length - at);

		if (length == 0)
			buffer_append_text(line, "\xef\xbf\xbd");
		else if (length == 1)
			log_append_ascii(line, text.bytes[at]);
		else
			buffer_append(line, text.bytes + at, length);
		at += length > 0 ? length : 1;
	}
	buffer_append_char(line, '"');
}

static bool
log_needs_quotes(Slice text)
{
	for (size_t i = 0; i < text.length; i++)
	{
		unsigned char character = (unsigned char) text.bytes[i];

		if (character <= ' ' || character == '"' || character == '=' || character == '\\' || character >= 0x7f)
			return true;
	}
	return text.length == 0;
}

static void
log_append_text(Buffer *line, Slice text)
{
	if (log_format == LOG_FORMAT_TEXT && !log_needs_quotes(text))
		buffer_append_slice(line, text);
	else
		log_append_quoted(line, text);
}

static void
log_append_visible(Buffer *line, const LogField *field)
{
	Buffer visible = BUFFER_EMPTY;
	Buffer url = BUFFER_EMPTY;

	if (field->type == LOG_FIELD_URL)
		log_redact_url(&url, field->text);
	log_redact_tokens(&visible, field->type == LOG_FIELD_URL ? buffer_slice(&url) : field->text);
	log_append_text(line, buffer_slice(&visible));
	buffer_free(&visible);
	buffer_free(&url);
}

static void
log_append_uuid(Buffer *line, const Uuid *uuid)
{
	char text[UUID_TEXT_SIZE];

	log_append_text(line, slice_of_text(uuid_format(uuid, text)));
}

static void
log_append_value(Buffer *line, const LogField *field)
{
	switch (field->type)
	{
		case LOG_FIELD_NONE:
			break;
		case LOG_FIELD_TEXT:
		case LOG_FIELD_URL:
			log_append_visible(line, field);
			break;
		case LOG_FIELD_INTEGER:
			buffer_append_integer(line, field->integer);
			break;
		case LOG_FIELD_SECONDS:
			buffer_append_format(line, "%.6f", isfinite(field->seconds) ? field->seconds : 0.0);
			break;
		case LOG_FIELD_UUID:
			log_append_uuid(line, field->uuid);
			break;
	}
}

static bool
log_field_is_present(const LogField *field)
{
	switch (field->type)
	{
		case LOG_FIELD_NONE:
			return false;
		case LOG_FIELD_TEXT:
		case LOG_FIELD_URL:
			return field->text.bytes != NULL;
		case LOG_FIELD_UUID:
			return field->uuid != NULL;
		case LOG_FIELD_INTEGER:
		case LOG_FIELD_SECONDS:
			return true;
	}
	return false;
}

static void
log_append_field(Buffer *line, const LogField *field)
{
	if (!log_field_is_present(field))
		return;
	if (log_format == LOG_FORMAT_JSON)
		buffer_append_format(line, ",\"%s\":", field->name);
	else
		buffer_append_format(line, " %s=", field->name);
	log_append_value(line, field);
}

void
log_write(LogLevel level, const char *event, const LogField *fields, size_t count)
{
	Buffer line = BUFFER_EMPTY;
	char now[TIMESTAMP_TEXT_SIZE];
	bool is_json = log_format == LOG_FORMAT_JSON;

	timestamp_format(timestamp_now_ms(), now);
	buffer_append_format(&line, is_json ? "{\"time\":\"%s\",\"level\":\"%s\",\"event\":\"%s\"" : "%s %s %s", now,
						 log_level_names[level], event);
	for (size_t i = 0; i < count; i++)
		log_append_field(&line, &fields[i]);
	buffer_append_text(&line, is_json ? "}\n" : "\n");
	fwrite(line.bytes, 1, line.length, log_stream ? log_stream : stderr);
	if (log_stream)
		fflush(log_stream);
	buffer_free(&line);
}
