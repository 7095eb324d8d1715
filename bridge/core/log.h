/*
 * log.h - one line per event on standard error, as logfmt text or JSON.
 *
 *     log_info("listening", LOG_TEXT("address", address), LOG_INTEGER("port", port));
 *     2025-03-01T09:30:00.123Z info listening address=127.0.0.1:8080 port=8080
 *
 * The first argument names the event in lower case with underscores and is constant.  Values are quoted and
 * escaped as needed, so a line is always one line.  Tokens never get through: LOG_URL hides the values of token
 * parameters, and anything in a text value that looks like a JSON Web Token is replaced.  Not for threads.
 */
#ifndef COLLAB_CORE_LOG_H
#define COLLAB_CORE_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "base/uuid.h"

/* In the order of option log_level. */
typedef enum LogLevel
{
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR,
} LogLevel;

/* In the order of option log_format. */
typedef enum LogFormat
{
	LOG_FORMAT_TEXT,
	LOG_FORMAT_JSON,
} LogFormat;

typedef enum LogFieldType
{
	LOG_FIELD_NONE, /* printed as nothing */
	LOG_FIELD_TEXT,
	LOG_FIELD_URL,
	LOG_FIELD_INTEGER,
	LOG_FIELD_SECONDS,
	LOG_FIELD_UUID,
} LogFieldType;

typedef struct LogField
{
	LogFieldType type;
	const char *name;
	Slice text; /* TEXT, URL */
	int64_t integer;
	double seconds;
	const Uuid *uuid;
} LogField;

/* A NULL text or uuid leaves the field out. */
#define LOG_TEXT(field, value) ((LogField){.type = LOG_FIELD_TEXT, .name = (field), .text = slice_of_text(value)})
#define LOG_SLICE(field, value) ((LogField){.type = LOG_FIELD_TEXT, .name = (field), .text = (value)})
#define LOG_URL(field, value) ((LogField){.type = LOG_FIELD_URL, .name = (field), .text = (value)})
#define LOG_INTEGER(field, value) ((LogField){.type = LOG_FIELD_INTEGER, .name = (field), .integer = (value)})
#define LOG_SECONDS(field, value) ((LogField){.type = LOG_FIELD_SECONDS, .name = (field), .seconds = (value)})
#define LOG_UUID(field, value) ((LogField){.type = LOG_FIELD_UUID, .name = (field), .uuid = (value)})
#define LOG_CONNECTION(id) LOG_UUID("conn", id)

extern void log_start(LogLevel level, LogFormat format); /* before it: info, text */
extern void log_set_stream(FILE *stream); /* NULL is standard error; the stream stays the caller's */
extern bool log_is_enabled(LogLevel level);
extern void log_write(LogLevel level, const char *event, const LogField *fields, size_t count);

#define log_fields(level, event, ...)                                                                                  \
	do                                                                                                                 \
	{                                                                                                                  \
		if (log_is_enabled(level))                                                                                     \
		{                                                                                                              \
			const LogField log_fields_[] = {{.type = LOG_FIELD_NONE}, ##__VA_ARGS__};                                  \
			log_write(level, event, log_fields_, sizeof(log_fields_) / sizeof(log_fields_[0]));                        \
		}                                                                                                              \
	} while (0)

#define log_debug(event, ...) log_fields(LOG_LEVEL_DEBUG, event, ##__VA_ARGS__)
#define log_info(event, ...) log_fields(LOG_LEVEL_INFO, event, ##__VA_ARGS__)
#define log_warning(event, ...) log_fields(LOG_LEVEL_WARNING, event, ##__VA_ARGS__)
#define log_error(event, ...) log_fields(LOG_LEVEL_ERROR, event, ##__VA_ARGS__)

/*
 * Appends `url` with the values of token parameters (token, auth_token, access_token, in any percent-encoding of
 * their names, in query or fragment) replaced by [redacted].
 */
extern void log_redact_url(Buffer *out, Slice url);

#endif
