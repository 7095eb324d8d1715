/*
 * cmd_import_collab.h: what the parts of an import of our own format share: checked reading, and the circles of a graph.
 *
 * Everything is refused with its place: document.tasks[3].due_date must be …
 */
#ifndef COLLAB_CMD_IMPORT_COLLAB_H
#define COLLAB_CMD_IMPORT_COLLAB_H

#include "postgres.h"

#include "command/cmd_import.h"

/* An object of the document. */
typedef struct Part
{
	JsonbContainer *object;
	const char *place; /* "document.tasks[3]" */
} Part;

/* Things of one kind that an array named. */
typedef struct MappedArray
{
	Mapped **things;
	int count;
} MappedArray;

/* Reading (cmd_import_collab_read.c). Each refuses and returns false, or NULL. */

extern bool collab_refuse(Import *import, const Part *part, const char *key, const char *wanted);
/* Checks the fields of a table. */
extern bool collab_check(Import *import, const Part *part, const FieldDef *fields);
/* The objects of an array; absent is empty. */
extern Part *collab_parts(Import *import, const Part *parent, const char *key, int *count);
/* Enters a part under its "ref" into a table. */
extern Mapped *collab_enter(Import *import, const Part *part, HTAB *table, int index);
/* The thing that a field names, NULL when the field is absent. */
extern bool collab_find(Import *import, const Part *part, const char *key, HTAB *table, Mapped **found);
/* The things that an array names, each once. */
extern bool collab_find_all(Import *import, const Part *part, const char *key, HTAB *table, MappedArray *found);
/* The same for people. */
extern bool collab_find_person(Import *import, const Part *part, const char *key, ImportPerson **found);
extern bool collab_find_people(Import *import, const Part *part, const char *key, ImportPerson ***found, int *count);
/* Optional times and texts, checked before. */
extern const TimestampTz *collab_time(const Part *part, const char *key);
extern bool collab_is_true(const Part *part, const char *key);

/* Tasks (cmd_import_collab_task.c) */

/* Enters the tasks and what is on them; notes who is assigned. */
extern bool collab_enter_tasks(Import *import, const Part *tasks, int count);
extern bool collab_add_tasks(Import *import, const Part *tasks, int count);

/* A link, or a file with its bytes (cmd_import_file.c). */
extern bool collab_add_attachment(Import *import, const Part *part, Mapped *task);

typedef struct ImportEdge
{
	int from;
	int to;
} ImportEdge;

/* The index of an edge that closes a circle, -1: there is none. The edges are in the order of from (cmd_import_graph.c). */
extern int import_find_circle(const ImportEdge *edges, int edge_count, int node_count);

#endif
