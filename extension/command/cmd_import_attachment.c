/*
 * cmd_import_attachment.c: attachments, covers and colors of a Trello export.
 *
 * Attachments become links: what was uploaded stays with Trello, who gives it to those who are logged in there.
 */
#include "postgres.h"

#include "command/cmd_import_trello.h"
#include "support/support_json.h"

#define NO_COLOR "gray"

/* Colors */

/* Trello's names are ours, with lighter and darker variants: "green_dark". */
const char *
import_color(Import *import, const char *color, const char *where)
{
	const char *variant = color == NULL ? NULL : strchr(color, '_');
	char *base = variant == NULL ? NULL : pnstrdup(color, variant - color);

	if (color != NULL && field_text_fits(FIELD_COLOR, color))
		return color;
	if (base == NULL || !field_text_fits(FIELD_COLOR, base))
		base = NO_COLOR;
	import_unmapped(&import->report, "colors", where, psprintf("%s became %s", color ? color : "no color", base));
	return base;
}

/* Attachments */

/* An address with every character that RFC 3986 does not know written with %. */
static char *
escaped_url(const char *url)
{
	StringInfoData out;

	initStringInfo(&out);
	for (const unsigned char *c = (const unsigned char *) url; *c; c++)
	{
		if (*c > ' ' && *c < 0x7f && strchr("<>\"\\^`{|}", *c) == NULL)
			appendStringInfoChar(&out, (char) *c);
		else
			appendStringInfo(&out, "%%%02X", *c);
	}
	return out.data;
}

static bool
read_attachment(Import *import, JsonbContainer *object, Mapped *task, ImportAttachment *attachment)
{
	const char *url = import_text(object, "url");
	const char *name = import_text(object, "name");
	const char *member = import_text(object, "idMember");
	const TimestampTz *date = import_time(object, "date");

	url = url == NULL ? NULL : escaped_url(url);
	if (url == NULL || !field_text_fits(FIELD_URL, url))
	{
		import_unmapped(&import->report, "attachments", task->name,
						psprintf("%s has no http address that fits", name ? name : "(unnamed)"));
		return false;
	}
	attachment->task = task;
	attachment->url = url;
	attachment->name = import_fit_text(import, name ? name : "", IMPORT_FILE_NAME_CHARACTERS, false, task->name);
	if (*attachment->name == '\0')
		attachment->name = import_fit_text(import, url, IMPORT_FILE_NAME_CHARACTERS, false, task->name);
	attachment->author = member == NULL ? NULL : import_people_find(&import->people, member);
	if (member != NULL && *member != '\0' && attachment->author == NULL)
		import_unmapped(&import->report, "members", task->name, "somebody whom the export does not describe");
	attachment->created_at = date != NULL ? date : import_made_at(object);
	if (import_is_true(object, "isUpload"))
		import_unmapped(&import->report, "uploaded files", task->name,
						psprintf("%s: a link to Trello's copy", attachment->name));
	return true;
}

ImportAttachment *
import_attachments(Import *import, JsonbContainer *card, Mapped *task, int *count)
{
	int given;
	Element *elements = import_sorted(card, "attachments", &given);
	ImportAttachment *attachments = palloc0(sizeof(ImportAttachment) * Max(given, 1));

	*count = 0;
	for (int i = 0; i < given; i++)
	{
		const char *key = import_text(elements[i].object, "id");
		Mapped *mapped;

		if (!read_attachment(import, elements[i].object, task, &attachments[*count]))
			continue;
		mapped = key == NULL ? NULL : import_map_new(import->attachments, key);
		attachments[*count].id = mapped == NULL ? command_new_id() : mapped->id;
		if (mapped != NULL)
			mapped->owner = task->index;
		(*count)++;
	}
	return attachments;
}

/* Covers */

static char *
cover_json(const char *key, const char *value)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_string(&out, key, value);
	json_end(&out, '}');
	return out.data;
}

char *
import_cover(Import *import, JsonbContainer *card, const char *title)
{
	JsonbValue *value = json_get(card, "cover");
	JsonbContainer *cover = json_is_object(value) ? value->val.binary.data : NULL;
	const char *attachment_id = cover == NULL ? NULL : import_text(cover, "idAttachment");
	const char *color = cover == NULL ? NULL : import_text(cover, "color");
	const char *url = cover == NULL ? NULL : import_text(cover, "sharedSourceUrl");
	const char *size = cover == NULL ? NULL : import_text(cover, "size");
	Mapped *attachment = import_map_find(import->attachments, attachment_id);
	Mapped *task = import_map_find(import->tasks, import_text(card, "id"));
	char *json = NULL;

	if (attachment != NULL && attachment->owner == task->index)
		json = cover_json("attachment_id", uuid_text(&attachment->id));
	else if (attachment_id != NULL)
		import_unmapped(&import->report, "covers", title, "an attachment that is not in the export");
	else if (color != NULL)
		json = cover_json("color", import_color(import, color, title));
	else if (url != NULL && field_text_fits(FIELD_URL, escaped_url(url)))
		json = cover_json("url", escaped_url(url));
	else if (cover != NULL && !json_is_null(json_get(cover, "idUploadedBackground")))
		import_unmapped(&import->report, "covers", title, "an uploaded background");
	if (json != NULL && size != NULL && strcmp(size, "full") == 0)
		import_unmapped(&import->report, "covers", title, "taken, but not the size \"full\"");
	return json;
}
