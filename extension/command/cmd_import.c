/*
 * cmd_import.c: IMPORT_BOARD: a board made of a document, and what holds for documents of every format.
 */
#include "postgres.h"

#include "command/cmd_import.h"
#include "support/support_json.h"

/* No format comes near; what is read recursively later stays far from the end of the stack. */
#define DEEPEST_NESTING 100

static bool
check_nesting(Command *command, JsonbContainer *document)
{
	JsonbIterator *iterator = JsonbIteratorInit(document);
	JsonbIteratorToken token;
	JsonbValue value;
	int depth = 0;

	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		if (token == WJB_BEGIN_OBJECT || token == WJB_BEGIN_ARRAY)
			depth++;
		else if (token == WJB_END_OBJECT || token == WJB_END_ARRAY)
			depth--;
		if (depth > DEEPEST_NESTING)
			return command_refuse(command, REFUSAL_LIMIT, NULL, "document must not be nested deeper than %d levels",
								  DEEPEST_NESTING);
	}
	return true;
}

bool
cmd_import_board(Command *command)
{
	JsonbContainer *document = json_get(command->payload, "document")->val.binary.data;
	Import import;

	if (!check_nesting(command, document))
		return false;
	if (strcmp(field_word(command->payload, "format"), "trello") == 0)
		return import_trello(command, document);
	import_start(&import, command, document);
	return import_collab(&import, NULL);
}
