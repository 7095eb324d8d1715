/*
 * read_over.c: readings over many things: search, activity, analytics, export.
 */
#include "postgres.h"

#include "read/read.h"

#define SEARCH_LIMIT 200
#define ACTIVITY_LIMIT 200

/* $1 board_id, $2 report, $3 from, $4 to, $5 bucket */
#define REPORT(function, arguments, columns)                                                                           \
	"SELECT to_json($2) AS report, coalesce(json_agg(row_to_json(r)), '[]') AS rows FROM (SELECT " columns " FROM"     \
	" collab." function "($1, " arguments "($3 AT TIME ZONE 'UTC')::date, ($4 AT TIME ZONE 'UTC')::date) AS f"         \
	") AS r"

/* One more than the page has is read, to know whether there is another. */
#define ACTIVITY(source, cursor, columns)                                                                              \
	"WITH found AS MATERIALIZED (SELECT *, row_number() OVER () AS number FROM " source ") SELECT"                     \
	" coalesce(json_agg(json_build_object(" columns ", 'created_at', collab.time_text(f.created_at),"                  \
	" 'username', f.username, 'task_id', f.task_id, 'sentence', f.sentence) ORDER BY f.number)"                        \
	" FILTER (WHERE f.number <= coalesce($5, 50)), '[]') AS entries,"                                                  \
	" to_json((SELECT l." cursor "::text FROM found AS l WHERE l.number = coalesce($5, 50)"                            \
	" AND EXISTS (SELECT FROM found AS m WHERE m.number > l.number))) AS next_cursor FROM found AS f"

/* $1 board_id, $2 task_id, $3 user_id, $4 before, $5 limit */
#define BEFORE_VERSION "least($4::bigint, 2147483647)::int"

SPI_STATEMENT(board_activity,
			  ACTIVITY("collab.activity(coalesce($1, (SELECT t.board_id FROM collab.tasks AS t WHERE t.id = $2)), $2,"
					   " " BEFORE_VERSION ", coalesce($5, 50) + 1)",
					   "version", "'version', f.version, 'user_id', f.user_id"),
			  InvalidOid);
SPI_STATEMENT(user_activity,
			  ACTIVITY("collab.user_activity($3, $4::bigint, coalesce($5, 50) + 1)", "id",
					   "'id', f.id, 'board_id', f.board_id, 'board_name', f.board_name, 'version', f.version"),
			  InvalidOid);

SPI_STATEMENT(search,
			  "SELECT s->'results' AS results, s->'next' AS next_cursor FROM (SELECT collab.search($3, $1, $2,"
			  " coalesce($4, '{}'), coalesce($5, 50), $6) AS s OFFSET 0) AS one",
			  InvalidOid);

/* $1 board_id, $2 format, $3 with_files */
SPI_STATEMENT(export_json, "SELECT collab.export_board($1, coalesce($3, false))::text", InvalidOid);
SPI_STATEMENT(export_csv, "SELECT collab.export_tasks_csv($1)", InvalidOid);

/* Durations are seconds. */
#define SECONDS(column) "extract(epoch FROM f." column ")::float8 AS " column

typedef struct Report
{
	const char *name;
	const char *buckets[2]; /* the first is what it has without one; NULL: none */
	SpiStatement statement;
} Report;

static Report reports[] = {
	{"throughput", {"day", "week"}, {.sql = REPORT("throughput", "coalesce($5, 'day'), ", "f.*")}},
	{"cumulative_flow",
	 {"category", "list"},
	 {.sql = REPORT("cumulative_flow", "coalesce($5 = 'list', false), ", "f.*")}},
	{"flow_times",
	 {NULL},
	 {.sql = REPORT("flow_times", "", "f.measure, f.tasks, " SECONDS("p50") ", " SECONDS("p85") ", " SECONDS("p95"))}},
	{"burndown", {NULL}, {.sql = REPORT("burndown", "", "f.*")}},
	{"workload", {NULL}, {.sql = REPORT("workload", "", "f.*")}},
};

bool
read_get_analytics(Read *read)
{
	char *name = field_word(read->payload, "report");
	char *bucket = field_word(read->payload, "bucket");
	Report *report = reports;

	while (strcmp(report->name, name) != 0)
		report++;
	if (bucket != NULL && report->buckets[0] == NULL)
		return read_refuse(read, REFUSAL_INVALID, "the report %s has no bucket", name);
	if (bucket != NULL && strcmp(bucket, report->buckets[0]) != 0 && strcmp(bucket, report->buckets[1]) != 0)
		return read_refuse(read, REFUSAL_INVALID, "bucket must be one of %s, %s", report->buckets[0],
						   report->buckets[1]);
	return read_answer(read, &report->statement);
}

bool
read_search(Read *read)
{
	return read_check_limit(read, SEARCH_LIMIT) && read_answer(read, &search);
}

bool
read_get_activity(Read *read)
{
	static const char *const fields[] = {"board_id", "task_id", "user_id", NULL};
	int64 user_id;

	if (!read_check_limit(read, ACTIVITY_LIMIT) || !read_check_number(read, "before") ||
		!read_check_one_of(read, fields))
		return false;
	return read_answer(read, field_int64(read->payload, "user_id", &user_id) ? &user_activity : &board_activity);
}

bool
read_export_board(Read *read)
{
	if (strcmp(field_word(read->payload, "format"), "csv") == 0)
		return read_answer_whole(read, &export_csv, "text/csv");
	return read_answer_whole(read, &export_json, "application/json");
}
