/*
 * upload_form.h - a file in a request: its name, and its place in multipart/form-data.
 *
 * Pure. Called by rest_upload.c.
 */
#ifndef COLLAB_DOOR_UPLOAD_FORM_H
#define COLLAB_DOOR_UPLOAD_FORM_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/slice.h"

/* Whether a Content-Type (empty: none) is of that type, whatever its parameters. */
bool upload_type_is(Slice content_type, const char *type);

/* The file name that a Content-Disposition tells, filename* before filename; false when it tells none. */
bool upload_file_name(Buffer *out, Slice disposition);

typedef struct UploadPart
{
	Slice disposition; /* header values; empty: absent */
	Slice content_type;
	Slice content;
} UploadPart;

/*
 * The one part of multipart/form-data that is a file. False: it is malformed, or has no file or
 * several; *problem then says which.
 */
bool upload_find_file(Slice content_type, Slice body, UploadPart *file, const char **problem) MUST_CHECK;

/* Appends a Content-Disposition for a file of that name. */
void upload_append_disposition(Buffer *out, const char *kind, Slice name);

#endif
