/*
 * codes.c - look-ups in codes.def.
 *
 * Owns constant tables only.  Called by whoever refuses or closes.
 */
#include "proto/codes.h"

#include "base/compiler.h"

typedef struct RefusalInfo
{
	const char *text;
	int http_status;
	CloseCode close_code;
} RefusalInfo;

static const RefusalInfo refusal_table[] = {
	{"", 200, CLOSE_NONE},
#define REFUSAL(ID, code, http_status, close_code) {code, http_status, (CloseCode) close_code},
#define CLOSE(ID, code, metric, reason)
#include "proto/codes.def"
#undef REFUSAL
#undef CLOSE
};

const char *
refusal_text(RefusalCode code)
{
	return refusal_table[code].text;
}

int
refusal_http_status(RefusalCode code)
{
	return refusal_table[code].http_status;
}

CloseCode
refusal_close_code(RefusalCode code)
{
	return refusal_table[code].close_code;
}

RefusalCode
refusal_from_text(Slice text)
{
	for (size_t i = 1; i < LENGTH_OF(refusal_table); i++)
		if (slice_equals_text(text, refusal_table[i].text))
			return (RefusalCode) i;
	return REFUSAL_NONE;
}

const char *
close_code_reason(CloseCode code)
{
	switch (code)
	{
#define REFUSAL(ID, code, http_status, close_code)
#define CLOSE(ID, code, metric, reason)                                                                                \
	case CLOSE_##ID:                                                                                                   \
		return reason;
#include "proto/codes.def"
#undef CLOSE
		case CLOSE_NONE:
			break;
	}
	return "";
}

bool
close_code_metric(CloseCode code, Metric *metric)
{
	switch (code)
	{
#define CLOSE(ID, code, metric_id, reason)                                                                             \
	case CLOSE_##ID:                                                                                                   \
		*metric = METRIC_##metric_id;                                                                                  \
		return true;
#include "proto/codes.def"
#undef REFUSAL
#undef CLOSE
		case CLOSE_NONE:
			break;
	}
	return false;
}
