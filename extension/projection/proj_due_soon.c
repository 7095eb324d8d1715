/*
 * proj_due_soon.c: tells the people responsible of what is due soon. Called by a scheduler through collab.due_soon, as often
 * as it likes: the cause of a notification is the task and its due date, so that each is made once.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"

#include "event/event_notification.h"
#include "support/support_access.h"
#include "support/support_refusal.h"
#include "support/support_schema.h"
#include "support/support_spi.h"
#include "support/support_time.h"

PG_FUNCTION_INFO_V1(collab_due_soon);

#define IS_DUE(column) column " > now() AND " column " <= now() + $1"

/* Open tasks on open lists of open boards, and unchecked items on them. */
SPI_STATEMENT(
	notify_due_soon,
	"WITH due (board_id, task_id, user_id, id, title, due_date) AS ("
	" SELECT t.board_id, t.id, a.user_id, t.id, '\"' || t.title || '\"', t.due_date"
	" FROM collab.tasks AS t JOIN collab.task_assignees AS a ON a.board_id = t.board_id AND a.task_id = t.id"
	" WHERE " IS_DUE(
		"t.due_date") " UNION ALL SELECT i.board_id, i.task_id, i.assigned_to, i.id,"
					  " '\"' || i.text || '\" on \"' || t.title || '\"', i.due_date"
					  " FROM collab.checklist_items AS i JOIN collab.tasks AS t ON t.board_id = i.board_id AND t.id = i.task_id"
					  " WHERE NOT i.checked AND i.deleted_at IS NULL AND " IS_DUE(
						  "i.due_date") ")"
										" INSERT INTO collab.notifications (user_id, type, workspace_id, board_id, task_id, cause, text)"
										" SELECT d.user_id, 'due_soon', r.workspace_id, d.board_id, d.task_id,"
										" 'due:' || d.id || ':' || collab.time_text(d.due_date), d.title || ' is due on '"
										" || to_char(d.due_date AT TIME ZONE 'UTC', 'YYYY-MM-DD \"at\" HH24:MI \"UTC\"')"
										" FROM due AS d JOIN collab.tasks AS t ON t.board_id = d.board_id AND t.id = d.task_id"
										" JOIN collab.lists AS l ON l.board_id = t.board_id AND l.id = t.list_id"
										" JOIN collab.boards AS b ON b.id = d.board_id"
										" JOIN collab.board_readers AS r ON r.board_id = d.board_id AND r.user_id = d.user_id"
										" JOIN collab.users AS u ON u.id = d.user_id"
										" WHERE t.completed_at IS NULL AND t.archived_at IS NULL AND t.deleted_at IS NULL AND l.archived_at IS NULL"
										" AND b.archived_at IS NULL AND " IS_PERSON
										" AND NOT EXISTS (SELECT FROM collab.notification_preferences AS p WHERE p.user_id = d.user_id"
										" AND p.type = 'due_soon' AND NOT p.enabled)"
										" ORDER BY d.due_date, d.id, d.user_id ON CONFLICT (user_id, cause) DO NOTHING"
										" RETURNING id, user_id, workspace_id",
	INTERVALOID);
SPI_STATEMENT(is_positive, "SELECT $1 > '0'", INTERVALOID);

/* collab.due_soon(within interval) RETURNS int: how many notifications it made */
Datum
collab_due_soon(PG_FUNCTION_ARGS)
{
	Datum values[] = {PG_ARGISNULL(0) ? (Datum) 0 : PG_GETARG_DATUM(0)};
	Refusal refusal;
	int made;

	schema_check();
	SPI_connect();
	if (PG_ARGISNULL(0) || spi_run(&is_positive, values, NULL) == 0 || !spi_bool(0, 1))
	{
		(void) refuse(&refusal, REFUSAL_INVALID, NULL, "within must be an interval from now on");
		refusal_raise(&refusal, NULL);
	}
	(void) spi_run(&notify_due_soon, values, NULL);
	made = notification_tell_rows();
	SPI_finish();
	PG_RETURN_INT32(made);
}
