/*
 * cmd_dependency.c: which tasks of a board wait for which others.
 *
 * No task waits for itself, directly or through others: under the board's lock nobody adds the other half of a circle
 * meanwhile. Deleted tasks stand in no circle; one that comes back by an UNDO is looked at then. What blockers keep a
 * task from is cmd_task_rule.c's.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "command/cmd_task.h"
#include "support/support_json.h"
#include "support/support_spi.h"

#define BLOCKERS_OF_A_TASK 100
#define NAMED_STEPS 10

/* Every task that waits for $2, directly or through others; each is met once, however many ways lead to it. */
#define WAITING                                                                                                        \
	"WITH RECURSIVE waiting (id) AS (SELECT $2 UNION SELECT d.task_id FROM collab.task_dependencies AS d"              \
	" JOIN waiting AS w ON w.id = d.blocked_by JOIN collab.tasks AS t ON t.board_id = d.board_id AND t.id = d.task_id" \
	" WHERE d.board_id = $1 AND t.deleted_at IS NULL)"

SPI_STATEMENT(find_blocker, "SELECT title FROM collab.tasks WHERE board_id = $1 AND id = $2 AND deleted_at IS NULL",
			  UUIDOID, UUIDOID);
SPI_STATEMENT(find_dependency,
			  "SELECT FROM collab.task_dependencies WHERE board_id = $1 AND task_id = $2 AND blocked_by = $3", UUIDOID,
			  UUIDOID, UUIDOID);
SPI_STATEMENT(count_blockers,
			  "SELECT count(*)::int FROM collab.task_dependencies AS d JOIN collab.tasks AS t"
			  " ON t.board_id = d.board_id AND t.id = d.blocked_by"
			  " WHERE d.board_id = $1 AND d.task_id = $2 AND t.deleted_at IS NULL",
			  UUIDOID, UUIDOID);
SPI_STATEMENT(find_waiting, WAITING " SELECT FROM waiting WHERE id = $3", UUIDOID, UUIDOID, UUIDOID);
SPI_STATEMENT(find_waiting_blocker,
			  WAITING " SELECT d.blocked_by, t.title FROM collab.task_dependencies AS d"
					  " JOIN waiting AS w ON w.id = d.blocked_by"
					  " JOIN collab.tasks AS t ON t.board_id = d.board_id AND t.id = d.task_id"
					  " WHERE d.board_id = $1 AND d.task_id = $2 ORDER BY d.created_at, d.blocked_by LIMIT 1",
			  UUIDOID, UUIDOID);
/* From $3 one blocker at a time to $2, by one of the ways. */
SPI_STATEMENT(
	read_circle,
	WAITING
	", steps (id, number) AS (SELECT $3, 1 UNION ALL SELECT (SELECT d.blocked_by"
	" FROM collab.task_dependencies AS d WHERE d.board_id = $1 AND d.task_id = s.id"
	" AND d.blocked_by IN (SELECT w.id FROM waiting AS w) ORDER BY d.created_at, d.blocked_by LIMIT 1), s.number + 1"
	" FROM steps AS s WHERE s.id <> $2 AND s.number <= $4)"
	" SELECT t.title FROM steps AS s JOIN collab.tasks AS t ON t.board_id = $1 AND t.id = s.id"
	" ORDER BY s.number",
	UUIDOID, UUIDOID, UUIDOID, INT4OID);

static bool
refuse_circle(Command *command, const char *title, const pg_uuid_t *blocker)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->entity_id), UUIDPGetDatum(blocker),
					  Int32GetDatum(NAMED_STEPS)};
	int count = (int) spi_run(&read_circle, values, NULL);
	StringInfoData path;

	initStringInfo(&path);
	appendStringInfo(&path, "\"%s\"", title);
	for (int i = 0; i < Min(count, NAMED_STEPS); i++)
		appendStringInfo(&path, " waits for \"%s\"%s", spi_cstring(i, 1), i < count - 1 ? ", which" : "");
	if (count > NAMED_STEPS)
		appendStringInfoString(&path, " waits for others, and they for it");
	return command_refuse(command, REFUSAL_RULE, "Remove another of these dependencies first.",
						  "the tasks would wait for each other: %s", path.data);
}

static char *
dependency_json(const Command *command, const pg_uuid_t *blocker)
{
	StringInfoData out;

	initStringInfo(&out);
	json_begin(&out, '{');
	json_add_uuid(&out, "task_id", &command->entity_id);
	json_add_uuid(&out, "blocked_by", blocker);
	json_end(&out, '}');
	return out.data;
}

static bool
has_dependency(const Command *command, const pg_uuid_t *blocker)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->entity_id), UUIDPGetDatum(blocker)};

	return spi_run(&find_dependency, values, NULL) > 0;
}

/* The blocker is a task of the same board; whether another board has it is not told. */
static bool
check_blocker(Command *command, const pg_uuid_t *blocker)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(blocker)};

	if (uuid_equal(blocker, &command->entity_id))
		return command_refuse(command, REFUSAL_INVALID, NULL, "blocked_by must name another task");
	if (spi_run(&find_blocker, values, NULL) == 0)
		return command_refuse(command, REFUSAL_INVALID, NULL, "blocked_by must name a task of the same board");
	return true;
}

static bool
check_count(Command *command)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->entity_id)};

	(void) spi_run(&count_blockers, values, NULL);
	if (spi_int32(0, 1) < BLOCKERS_OF_A_TASK)
		return true;
	return command_refuse(command, REFUSAL_LIMIT, "Remove dependencies that have been settled.",
						  "the task \"%s\" is blocked by %d others, the limit is %d", command->task.title,
						  spi_int32(0, 1), BLOCKERS_OF_A_TASK);
}

bool
cmd_add_dependency(Command *command)
{
	pg_uuid_t blocker;
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->entity_id), UUIDPGetDatum(&blocker)};

	(void) field_uuid(command->payload, "blocked_by", &blocker);
	if (!check_blocker(command, &blocker))
		return false;
	if (has_dependency(command, &blocker))
		return true;
	if (!check_count(command))
		return false;
	if (spi_run(&find_waiting, values, NULL) > 0)
		return refuse_circle(command, command->task.title, &blocker);
	return command_add_event(command, EVENT_DependencyAdded, dependency_json(command, &blocker));
}

bool
cmd_remove_dependency(Command *command)
{
	pg_uuid_t blocker;

	(void) field_uuid(command->payload, "blocked_by", &blocker);
	if (!has_dependency(command, &blocker))
		return true;
	return command_add_event(command, EVENT_DependencyRemoved, dependency_json(command, &blocker));
}

bool
task_check_circles(Command *command)
{
	Datum values[] = {UUIDPGetDatum(&command->stream_id), UUIDPGetDatum(&command->entity_id)};
	char *title;
	pg_uuid_t blocker;

	if (spi_run(&find_waiting_blocker, values, NULL) == 0)
		return true;
	blocker = spi_uuid(0, 1);
	title = spi_cstring(0, 2);
	return refuse_circle(command, title, &blocker);
}
