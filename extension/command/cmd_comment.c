/*
 * cmd_comment.c: comments on tasks, in threads.
 *
 * Only its author changes a comment; an admin or owner of the workspace may delete it. A deleted comment's row stays,
 * and so do the answers to it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "command/cmd_mention.h"
#include "command/command.h"
#include "support/support_json.h"
#include "support/support_spi.h"

SPI_STATEMENT(
	read_comment,
	"SELECT user_id, text, array_to_json(mentions)::text FROM collab.comments WHERE board_id = $1 AND id = $2", UUIDOID,
	UUIDOID);
SPI_STATEMENT(find_comment_of_task,
			  "SELECT FROM collab.comments WHERE board_id = $1 AND task_id = $2 AND id = $3 AND deleted_at IS NULL",
			  UUIDOID, UUIDOID, UUIDOID);

typedef struct CommentRow
{
	int64 user_id;
	const char *text;
	const char *mentions; /* JSON text */
} CommentRow;

static void
read_current_comment(Command *command, CommentRow *comment)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->entity_id)};

	(void) spi_run(&read_comment, values, NULL);
	comment->user_id = spi_int64(0, 1);
	comment->text = spi_cstring(0, 2);
	comment->mentions = spi_cstring(0, 3);
}

/* Resolves the mentions of a text, as a JSON array; NULL when refused. */
static char *
mentions_json(Command *command, const char *text)
{
	StringInfoData out;
	int64 *ids;
	int count;

	if (!mention_resolve(command, text, &ids, &count))
		return NULL;
	initStringInfo(&out);
	json_begin(&out, '[');
	for (int i = 0; i < count; i++)
		json_put_int(&out, ids[i]);
	json_end(&out, ']');
	return out.data;
}

static bool
check_reply(Command *command, pg_uuid_t *reply_to, bool *is_reply)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->entity_id), UUIDPGetDatum(reply_to)};

	*is_reply = field_uuid(command->payload, "reply_to", reply_to);
	return !*is_reply || spi_run(&find_comment_of_task, values, NULL) > 0 ||
		   command_refuse(command, REFUSAL_NOT_FOUND, "reply_to must name a comment of the same task.",
						  "comment not found or access denied");
}

static void
put_comment(StringInfo out, const Command *command, const pg_uuid_t *id, const pg_uuid_t *reply_to,
			const char *mentions)
{
	json_key(out, "comment");
	json_begin(out, '{');
	json_add_uuid(out, "id", id);
	json_add_uuid(out, "task_id", &command->entity_id);
	json_add_int(out, "user_id", command->user_id);
	json_add_string(out, "username", command->access.username);
	json_add_string(out, "text", field_text(command->payload, "text"));
	json_add_uuid(out, "reply_to", reply_to);
	json_add_raw(out, "mentions", mentions);
	json_add_time(out, "created_at", command->now);
	json_add_raw(out, "edited_at", NULL);
	json_end(out, '}');
}

static void
begin_event(StringInfo out, const pg_uuid_t *task_id, const pg_uuid_t *comment_id)
{
	initStringInfo(out);
	json_begin(out, '{');
	json_add_uuid(out, "task_id", task_id);
	json_add_uuid(out, "comment_id", comment_id);
}

bool
cmd_add_comment(Command *command)
{
	pg_uuid_t id = command_new_id();
	pg_uuid_t reply_to;
	StringInfoData out;
	char *mentions;
	bool is_reply;

	if (!check_reply(command, &reply_to, &is_reply))
		return false;
	mentions = mentions_json(command, field_text(command->payload, "text"));
	if (mentions == NULL)
		return false;
	begin_event(&out, &command->entity_id, &id);
	put_comment(&out, command, &id, is_reply ? &reply_to : NULL, mentions);
	json_end(&out, '}');
	return command_add_event(command, EVENT_CommentAdded, out.data);
}

/* Both get the text and, where they changed, the mentions. */
static void
put_changes(StringInfo out, const CommentRow *comment, const char *text, const char *mentions)
{
	bool is_same = strcmp(comment->mentions, mentions) == 0;

	json_key(out, "updates");
	json_begin(out, '{');
	json_add_string(out, "text", text);
	if (!is_same)
		json_add_raw(out, "mentions", mentions);
	json_end(out, '}');
	json_key(out, "before");
	json_begin(out, '{');
	json_add_string(out, "text", comment->text);
	if (!is_same)
		json_add_raw(out, "mentions", comment->mentions);
	json_end(out, '}');
}

bool
cmd_update_comment(Command *command)
{
	char *text = field_text(command->payload, "text");
	CommentRow comment;
	StringInfoData out;
	char *mentions;

	read_current_comment(command, &comment);
	if (comment.user_id != command->user_id)
		return command_refuse(command, REFUSAL_FORBIDDEN, "Answer it instead.", "only its author may change a comment");
	if (strcmp(text, comment.text) == 0)
		return true;
	mentions = mentions_json(command, text);
	if (mentions == NULL)
		return false;
	begin_event(&out, &command->task.id, &command->entity_id);
	put_changes(&out, &comment, text, mentions);
	json_add_time(&out, "edited_at", command->now);
	json_end(&out, '}');
	return command_add_event(command, EVENT_CommentUpdated, out.data);
}

bool
cmd_delete_comment(Command *command)
{
	CommentRow comment;
	StringInfoData out;

	read_current_comment(command, &comment);
	if (comment.user_id != command->user_id && command->access.role < ROLE_ADMIN)
		return command_refuse(command, REFUSAL_FORBIDDEN, "An admin or owner can do it.",
							  "only its author may delete a comment");
	begin_event(&out, &command->task.id, &command->entity_id);
	json_end(&out, '}');
	return command_add_event(command, EVENT_CommentDeleted, out.data);
}
