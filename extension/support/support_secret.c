/*
 * support_secret.c: the database's own secrets, and the tokens that follow from them.
 *
 * A secret is made at its first use and not at CREATE EXTENSION: a restore begins with CREATE EXTENSION and then brings
 * the row of the dump. Two who make it at once: the second waits for the first one's commit, then reads what is there.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#if PG_VERSION_NUM >= 140000
#include "common/hmac.h"
#else
#include "common/scram-common.h"
#endif

#include "support/support_secret.h"
#include "support/support_spi.h"

#define SECRET_BYTES 32
#define DIGEST_BYTES 32

SPI_STATEMENT(read_secret, "SELECT value FROM collab.secrets WHERE name = $1", TEXTOID);
SPI_STATEMENT(insert_secret, "INSERT INTO collab.secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
			  TEXTOID, BYTEAOID);

static void
make_secret(const char *name)
{
	bytea *value = palloc(VARHDRSZ + SECRET_BYTES);
	Datum values[] = {CStringGetTextDatum(name), PointerGetDatum(value)};

	SET_VARSIZE(value, VARHDRSZ + SECRET_BYTES);
	if (!pg_strong_random(VARDATA(value), SECRET_BYTES))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
	(void) spi_run(&insert_secret, values, NULL);
}

static bytea *
secret(const char *name)
{
	Datum values[] = {CStringGetTextDatum(name)};

	if (spi_run(&read_secret, values, NULL) == 0)
	{
		make_secret(name);
		if (spi_run(&read_secret, values, NULL) == 0)
			elog(ERROR, "secret \"%s\" is missing", name);
	}
	return DatumGetByteaPCopy(spi_datum(0, 1));
}

static void
hmac(const bytea *key, const char *text, uint8 *digest)
{
	const uint8 *bytes = (const uint8 *) VARDATA_ANY(key);
	size_t length = VARSIZE_ANY_EXHDR(key);

#if PG_VERSION_NUM >= 140000
	pg_hmac_ctx *context = pg_hmac_create(PG_SHA256);

	if (context == NULL || pg_hmac_init(context, bytes, length) < 0 ||
		pg_hmac_update(context, (const uint8 *) text, strlen(text)) < 0 ||
		pg_hmac_final(context, digest, DIGEST_BYTES) < 0)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not compute an HMAC")));
	pg_hmac_free(context);
#else
	scram_HMAC_ctx context;

	scram_HMAC_init(&context, bytes, (int) length);
	scram_HMAC_update(&context, text, (int) strlen(text));
	scram_HMAC_final(digest, &context);
#endif
}

/* 32 bytes make 44 characters, the last one padding; no line break comes before the 76th. */
static char *
base64url(const uint8 *bytes, size_t length)
{
	bytea *value = palloc(VARHDRSZ + length);
	char *token;

	SET_VARSIZE(value, VARHDRSZ + length);
	memcpy(VARDATA(value), bytes, length);
	token =
		TextDatumGetCString(DirectFunctionCall2(binary_encode, PointerGetDatum(value), CStringGetTextDatum("base64")));
	for (char *c = token; *c; c++)
	{
		if (*c == '+')
			*c = '-';
		else if (*c == '/')
			*c = '_';
	}
	token[strcspn(token, "=")] = '\0';
	return token;
}

char *
secret_token(const char *name, const char *text)
{
	uint8 digest[DIGEST_BYTES];

	hmac(secret(name), text, digest);
	return base64url(digest, sizeof(digest));
}
