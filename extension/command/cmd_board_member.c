/*
 * cmd_board_member.c: who sees a private board besides the workspace's owners and admins.
 *
 * A board that the whole workspace sees may have members, too: they count once it becomes private.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "command/cmd_board_member.h"
#include "support/support_json.h"
#include "support/support_spi.h"

SPI_STATEMENT(find_reader, "SELECT FROM collab.board_readers WHERE board_id = $1 AND user_id = $2", UUIDOID, INT8OID);
SPI_STATEMENT(
	read_person,
	"SELECT u.name, u.handle, u.avatar, m.role IS NOT NULL, b.user_id IS NOT NULL, coalesce(m.role < 'admin', false)"
	" FROM collab.users AS u LEFT JOIN collab.members AS m ON m.user_id = u.id AND m.workspace_id = $1"
	" LEFT JOIN collab.board_members AS b ON b.user_id = u.id AND b.board_id = $2 WHERE u.id = $3",
	UUIDOID, UUIDOID, INT8OID);
SPI_STATEMENT(count_assigned_tasks,
			  "SELECT count(*)::int FROM collab.task_assignees AS a JOIN collab.tasks AS t ON t.board_id = a.board_id"
			  " AND t.id = a.task_id WHERE a.board_id = $1 AND a.user_id = $2 AND t.completed_at IS NULL"
			  " AND t.archived_at IS NULL AND t.deleted_at IS NULL",
			  UUIDOID, INT8OID);

/* A user as a board and its workspace know him. */
typedef struct Person
{
	int64 user_id;
	const char *name;
	const char *handle;
	const char *avatar;
	bool is_member; /* of the workspace */
	bool is_board_member;
	bool needs_membership; /* a member of the workspace whose role alone does not show him private boards */
} Person;

bool
board_can_see(Command *command, int64 user_id)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), Int64GetDatum(user_id)};

	return spi_run(&find_reader, values, NULL) > 0;
}

static void
read_user(Command *command, Person *person)
{
	Datum values[] = {UUIDPGetDatum(&command->workspace_id), UUIDPGetDatum(&command->stream_id), 0};

	memset(person, 0, sizeof(*person));
	(void) field_int64(command->payload, "user_id", &person->user_id);
	values[2] = Int64GetDatum(person->user_id);
	if (spi_run(&read_person, values, NULL) == 0)
		return;
	person->name = spi_cstring(0, 1);
	person->handle = spi_cstring(0, 2);
	person->avatar = spi_cstring(0, 3);
	person->is_member = spi_bool(0, 4);
	person->is_board_member = spi_bool(0, 5);
	person->needs_membership = spi_bool(0, 6);
}

static char *
member_json(const Person *person, bool is_whole)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_int(&out, "member_id", person->user_id);
	if (is_whole)
	{
		json_key(&out, "member");
		json_begin(&out, '{');
		json_add_int(&out, "user_id", person->user_id);
		json_add_string(&out, "username", person->name);
		json_add_string(&out, "handle", person->handle);
		json_add_string(&out, "avatar", person->avatar);
		json_end(&out, '}');
	}
	json_end(&out, '}');
	return out.data;
}

bool
cmd_add_board_member(Command *command)
{
	Person person;

	read_user(command, &person);
	if (!person.is_member)
		return command_refuse(command, REFUSAL_INVALID, "Add the user to the workspace first.",
							  "user_id: user " INT64_FORMAT " is not a member of the workspace", person.user_id);
	if (person.is_board_member)
		return true;
	return command_add_rights_event(command, EVENT_BoardMemberAdded, member_json(&person, true));
}

/* Nobody keeps tasks on a board that he does not see any more. */
static bool
check_has_no_tasks(Command *command, const Person *person)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), Int64GetDatum(person->user_id)};
	int count;

	if (!command->access.board_is_private || !person->needs_membership)
		return true;
	(void) spi_run(&count_assigned_tasks, values, NULL);
	count = spi_int32(0, 1);
	return count == 0 ||
		   command_refuse(command, REFUSAL_RULE, "Unassign them first.", "\"%s\" has %d open %s on the board",
						  person->name, count, count == 1 ? "task" : "tasks");
}

bool
cmd_remove_board_member(Command *command)
{
	Person person;

	read_user(command, &person);
	if (!person.is_board_member)
		return true;
	if (!check_has_no_tasks(command, &person))
		return false;
	return command_add_rights_event(command, EVENT_BoardMemberRemoved, member_json(&person, false));
}
