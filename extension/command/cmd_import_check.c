/*
 * cmd_import_check.c: the shape that an import can rely on.
 *
 * A table of the fields that are read, with their types. What a Trello export has besides is not looked at; a field
 * that is there with another type is refused with its place, before anything is decided.
 */
#include "postgres.h"

#include "command/cmd_import_trello.h"
#include "support/support_json.h"
#include "support/support_time.h"

typedef enum ShapeType
{
	SHAPE_STRING,
	SHAPE_ID, /* a string short enough to be a key */
	SHAPE_NUMBER,
	SHAPE_BOOLEAN,
	SHAPE_TIME,
	SHAPE_OBJECT,
	SHAPE_IDS, /* an array of ids */
	SHAPE_ARRAY, /* an array of objects */
} ShapeType;

typedef struct Shape
{
	const char *key; /* NULL ends a table */
	ShapeType type;
	bool is_required; /* else it may be absent or null */
	const struct Shape *fields; /* of an object, or of an array's objects */
} Shape;

static const Shape member_shape[] = {{"id", SHAPE_ID, true, NULL},
									 {"username", SHAPE_STRING, true, NULL},
									 {"fullName", SHAPE_STRING, false, NULL},
									 {NULL}};
static const Shape label_shape[] = {
	{"id", SHAPE_ID, true, NULL}, {"name", SHAPE_STRING, false, NULL}, {"color", SHAPE_STRING, false, NULL}, {NULL}};
static const Shape list_shape[] = {
	{"id", SHAPE_ID, true, NULL},      {"name", SHAPE_STRING, true, NULL},       {"closed", SHAPE_BOOLEAN, false, NULL},
	{"pos", SHAPE_NUMBER, true, NULL}, {"softLimit", SHAPE_NUMBER, false, NULL}, {NULL}};
static const Shape badges_shape[] = {{"comments", SHAPE_NUMBER, false, NULL}, {NULL}};
static const Shape attachment_shape[] = {{"id", SHAPE_ID, false, NULL},
										 {"name", SHAPE_STRING, false, NULL},
										 {"url", SHAPE_STRING, false, NULL},
										 {"date", SHAPE_TIME, false, NULL},
										 {"idMember", SHAPE_STRING, false, NULL},
										 {"pos", SHAPE_NUMBER, false, NULL},
										 {"isUpload", SHAPE_BOOLEAN, false, NULL},
										 {NULL}};
static const Shape field_value_shape[] = {{"text", SHAPE_STRING, false, NULL},
										  {"number", SHAPE_STRING, false, NULL},
										  {"date", SHAPE_STRING, false, NULL},
										  {"checked", SHAPE_STRING, false, NULL},
										  {NULL}};
static const Shape field_item_shape[] = {{"idCustomField", SHAPE_ID, true, NULL},
										 {"idValue", SHAPE_ID, false, NULL},
										 {"value", SHAPE_OBJECT, false, field_value_shape},
										 {NULL}};
static const Shape cover_shape[] = {{"idAttachment", SHAPE_ID, false, NULL},
									{"color", SHAPE_STRING, false, NULL},
									{"size", SHAPE_STRING, false, NULL},
									{"sharedSourceUrl", SHAPE_STRING, false, NULL},
									{NULL}};
static const Shape card_shape[] = {{"id", SHAPE_ID, true, NULL},
								   {"name", SHAPE_STRING, true, NULL},
								   {"desc", SHAPE_STRING, false, NULL},
								   {"idList", SHAPE_ID, true, NULL},
								   {"closed", SHAPE_BOOLEAN, false, NULL},
								   {"pos", SHAPE_NUMBER, true, NULL},
								   {"due", SHAPE_TIME, false, NULL},
								   {"start", SHAPE_TIME, false, NULL},
								   {"dueComplete", SHAPE_BOOLEAN, false, NULL},
								   {"dateLastActivity", SHAPE_TIME, false, NULL},
								   {"idMembers", SHAPE_IDS, false, NULL},
								   {"idLabels", SHAPE_IDS, false, NULL},
								   {"badges", SHAPE_OBJECT, false, badges_shape},
								   {"attachments", SHAPE_ARRAY, false, attachment_shape},
								   {"customFieldItems", SHAPE_ARRAY, false, field_item_shape},
								   {"pluginData", SHAPE_ARRAY, false, NULL},
								   {"stickers", SHAPE_ARRAY, false, NULL},
								   {"idMembersVoted", SHAPE_IDS, false, NULL},
								   {"cover", SHAPE_OBJECT, false, cover_shape},
								   {NULL}};
static const Shape item_shape[] = {{"name", SHAPE_STRING, true, NULL},  {"state", SHAPE_STRING, false, NULL},
								   {"pos", SHAPE_NUMBER, true, NULL},   {"due", SHAPE_TIME, false, NULL},
								   {"idMember", SHAPE_ID, false, NULL}, {NULL}};
static const Shape checklist_shape[] = {{"id", SHAPE_ID, true, NULL},
										{"name", SHAPE_STRING, true, NULL},
										{"idCard", SHAPE_ID, true, NULL},
										{"pos", SHAPE_NUMBER, true, NULL},
										{"checkItems", SHAPE_ARRAY, false, item_shape},
										{NULL}};
static const Shape option_value_shape[] = {{"text", SHAPE_STRING, false, NULL}, {NULL}};
static const Shape option_shape[] = {{"id", SHAPE_ID, false, NULL},
									 {"value", SHAPE_OBJECT, false, option_value_shape},
									 {"pos", SHAPE_NUMBER, false, NULL},
									 {NULL}};
static const Shape custom_field_shape[] = {{"id", SHAPE_ID, true, NULL},
										   {"name", SHAPE_STRING, false, NULL},
										   {"type", SHAPE_STRING, false, NULL},
										   {"pos", SHAPE_NUMBER, false, NULL},
										   {"options", SHAPE_ARRAY, false, option_shape},
										   {NULL}};
static const Shape action_data_shape[] = {{"dateLastEdited", SHAPE_TIME, false, NULL}, {NULL}};
static const Shape action_shape[] = {{"type", SHAPE_STRING, true, NULL},
									 {"date", SHAPE_TIME, false, NULL},
									 {"data", SHAPE_OBJECT, false, action_data_shape},
									 {"memberCreator", SHAPE_OBJECT, false, member_shape},
									 {NULL}};
static const Shape board_shape[] = {{"name", SHAPE_STRING, true, NULL},
									{"desc", SHAPE_STRING, false, NULL},
									{"members", SHAPE_ARRAY, false, member_shape},
									{"labels", SHAPE_ARRAY, false, label_shape},
									{"lists", SHAPE_ARRAY, true, list_shape},
									{"cards", SHAPE_ARRAY, true, card_shape},
									{"checklists", SHAPE_ARRAY, false, checklist_shape},
									{"customFields", SHAPE_ARRAY, false, custom_field_shape},
									{"actions", SHAPE_ARRAY, false, action_shape},
									{"pluginData", SHAPE_ARRAY, false, NULL},
									{NULL}};

static bool check_object(const Shape *fields, JsonbContainer *object, const char *where, Refusal *refusal);

static bool
complain(Refusal *refusal, const char *where, const char *wanted)
{
	return refuse(refusal, REFUSAL_INVALID,
				  "Export the board from Trello again: Menu, Print, export and share, Export as JSON.", "%s must be %s",
				  where, wanted);
}

static bool
is_id(const JsonbValue *value)
{
	return value->type == jbvString && value->val.string.len > 0 && value->val.string.len < NAMEDATALEN;
}

static bool
is_time(const JsonbValue *value)
{
	TimestampTz time;

	return value->type == jbvString && time_parse(json_string(value), &time);
}

static bool
check_array(const Shape *shape, const JsonbValue *array, const char *where, Refusal *refusal)
{
	JsonbValue **elements;
	int count;

	if (!json_is_array(array))
		return complain(refusal, where, "an array");
	elements = json_elements(array, &count);
	for (int i = 0; i < count; i++)
	{
		char *place = psprintf("%s[%d]", where, i);

		if (shape->type == SHAPE_IDS && !is_id(elements[i]))
			return complain(refusal, place, "an id");
		if (shape->type == SHAPE_ARRAY && !json_is_object(elements[i]))
			return complain(refusal, place, "an object");
		if (shape->fields != NULL && !check_object(shape->fields, elements[i]->val.binary.data, place, refusal))
			return false;
	}
	return true;
}

static bool
check_value(const Shape *shape, const JsonbValue *value, const char *where, Refusal *refusal)
{
	switch (shape->type)
	{
		case SHAPE_STRING:
			return value->type == jbvString || complain(refusal, where, "a text");
		case SHAPE_ID:
			return is_id(value) || complain(refusal, where, "an id");
		case SHAPE_NUMBER:
			return value->type == jbvNumeric || complain(refusal, where, "a number");
		case SHAPE_BOOLEAN:
			return value->type == jbvBool || complain(refusal, where, "true or false");
		case SHAPE_TIME:
			return is_time(value) || complain(refusal, where, "a time");
		case SHAPE_OBJECT:
			if (!json_is_object(value))
				return complain(refusal, where, "an object");
			return shape->fields == NULL || check_object(shape->fields, value->val.binary.data, where, refusal);
		case SHAPE_IDS:
		case SHAPE_ARRAY:
			return check_array(shape, value, where, refusal);
	}
	pg_unreachable();
}

static bool
check_object(const Shape *fields, JsonbContainer *object, const char *where, Refusal *refusal)
{
	for (const Shape *shape = fields; shape->key != NULL; shape++)
	{
		JsonbValue *value = json_get(object, shape->key);
		char *place = psprintf("%s.%s", where, shape->key);

		if (json_is_null(value))
		{
			if (shape->is_required)
				return complain(refusal, place, "there");
			continue;
		}
		if (!check_value(shape, value, place, refusal))
			return false;
	}
	return true;
}

bool
import_check_trello(JsonbContainer *document, Refusal *refusal)
{
	return check_object(board_shape, document, "document", refusal);
}
