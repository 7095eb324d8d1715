/*
 * support_refusal.c: see support_refusal.h; the table is errors.h.
 */
#include "postgres.h"

#include "support/support_refusal.h"

typedef struct RefusalName
{
	const char *sqlstate;
	const char *code;
} RefusalName;

static const RefusalName refusal_names[] = {{"00000", ""},
#define X(sqlstate, name, code) {sqlstate, code},
											COLLAB_REFUSALS(X)
#undef X
};

bool
refusal_set(Refusal *refusal, RefusalCode code, const char *hint, const char *message)
{
	refusal->code = code;
	refusal->message = message;
	refusal->hint = hint;
	return false;
}

const char *
refusal_code_name(RefusalCode code)
{
	return refusal_names[code].code;
}

static int
refusal_sqlstate(RefusalCode code)
{
	const char *s = refusal_names[code].sqlstate;

	return MAKE_SQLSTATE(s[0], s[1], s[2], s[3], s[4]);
}

void
refusal_raise(const Refusal *refusal, const char *detail)
{
	ereport(ERROR, (errcode(refusal_sqlstate(refusal->code)), errmsg("%s", refusal->message),
					detail ? errdetail("%s", detail) : 0, refusal->hint ? errhint("%s", refusal->hint) : 0));
	pg_unreachable();
}

RefusalCode
refusal_code_of_sqlstate(int sqlstate)
{
	for (int code = REFUSAL_NONE + 1; code < (int) lengthof(refusal_names); code++)
	{
		if (refusal_sqlstate(code) == sqlstate)
			return code;
	}
	return REFUSAL_NONE;
}

/* The server's own words about JSON, and its hints, are not for clients. */
bool
refusal_of_error(const ErrorData *error, bool is_parsed, Refusal *refusal)
{
	RefusalCode code = refusal_code_of_sqlstate(error->sqlerrcode);

	if (code != REFUSAL_NONE)
		(void) refuse(refusal, code, error->hint ? pstrdup(error->hint) : NULL, "%s", error->message);
	else if (ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_DATA_EXCEPTION &&
			 ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_PROGRAM_LIMIT_EXCEEDED)
		return false;
	else if (is_parsed)
		(void) refuse(refusal, REFUSAL_INVALID, NULL, "%s", error->message);
	else if (error->sqlerrcode == ERRCODE_STATEMENT_TOO_COMPLEX)
		(void) refuse(refusal, REFUSAL_BAD_MESSAGE, NULL, "the message is nested too deeply");
	else
		(void) refuse(refusal, REFUSAL_BAD_MESSAGE, NULL, "the message is not valid JSON%s%s",
					  error->detail ? ": " : "", error->detail ? error->detail : "");
	return true;
}
