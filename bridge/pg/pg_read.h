/*
 * pg_read.h - the read pool: board states, events after a version, heads, readers, users.
 *
 * read_pool_size connections with a statement time-out, the first kept free of reads that may take
 * long, each with a few in flight, every read with a Sync of its own so that one's error is not the
 * next one's. A read that was in flight when its connection was lost is asked again (all are
 * repeatable); one that waits while the database is away for longer than option database_wait gets
 * PG_READ_UNAVAILABLE; one that only waits behind others goes on waiting.
 *
 * Called by hub/, conn/ and door/. Says nothing upward but through each read's `done`.
 */
#ifndef COLLAB_PG_READ_H
#define COLLAB_PG_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/list.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "core/config.h"

/* PG_READ_ROOM_STATE, …: what each takes and gives is in pg_read.def. */
typedef enum PgReadKind
{
#define PG_READ(ID, name, WEIGHT, parameters, sql) PG_READ_##ID,
#include "pg/pg_read.def"
	PG_READ_KIND_COUNT
} PgReadKind;

typedef enum PgReadStatus
{
	PG_READ_OK,
	PG_READ_FAILED, /* an SQL error, logged */
	PG_READ_UNAVAILABLE /* the database is away */
} PgReadStatus;

/* Valid during `done` only. */
typedef struct PgReadResult
{
	PgReadStatus status;
	int row_count; /* 0 unless OK */
	const void *rows; /* private */
	char sqlstate[6]; /* of FAILED; TB… is a refusal of collab's own */
} PgReadResult;

#define PG_READ_PARAMS_MAX 6

typedef struct PgRead PgRead;
struct PgRead
{
	/* the caller's */
	PgReadKind kind;
	void (*done)(PgRead *read, const PgReadResult *result);

	/* the pool's */
	ListLink link;
	int param_count;
	bool param_is_null[PG_READ_PARAMS_MAX];
	bool param_is_binary[PG_READ_PARAMS_MAX];
	size_t param_offset[PG_READ_PARAMS_MAX];
	size_t param_length[PG_READ_PARAMS_MAX];
	Buffer params; /* the values one after the other */
	double accepted_at;
	int64_t sent_us; /* timestamp_monotonic_us() */
};

void pg_read_open(const Config *config);
void pg_read_configure(const Config *config); /* after a reload */
void pg_read_close(void); /* answers what is pending with PG_READ_UNAVAILABLE */

/* Parameters in the order of the kind, then submit. The pool frees them. */
void pg_read_init(PgRead *read, PgReadKind kind, void (*done)(PgRead *, const PgReadResult *));
void pg_read_add_integer(PgRead *read, int64_t number);
void pg_read_add_uuid(PgRead *read, const Uuid *uuid);
void pg_read_add_bytes(PgRead *read, Slice bytes); /* a bytea */
void pg_read_add_text(PgRead *read, Slice text); /* bytes NULL is null */
void pg_read_add_integers(PgRead *read, const int64_t *numbers, size_t count);
void pg_read_add_uuids(PgRead *read, const Uuid *uuids, size_t count);
void pg_read_add_texts(PgRead *read, const Slice *texts, size_t count);

/* `done` is called exactly once, never from within this call; the read must live until then. */
void pg_read_submit(PgRead *read);

void pg_read_hurry(void);
bool pg_read_is_up(void);
size_t pg_read_pending(void);

/* Values of a result. */
Slice pg_read_slice(const PgReadResult *result, int row, int column); /* empty for null */
const char *pg_read_text(const PgReadResult *result, int row, int column);
bool pg_read_is_null(const PgReadResult *result, int row, int column);
int64_t pg_read_integer(const PgReadResult *result, int row, int column);
bool pg_read_boolean(const PgReadResult *result, int row, int column);
bool pg_read_uuid(const PgReadResult *result, int row, int column, Uuid *uuid) MUST_CHECK;

/* A bigint[] into newly allocated memory; the caller frees it. */
int64_t *pg_read_integers(const PgReadResult *result, int row, int column, size_t *count) MUST_CHECK;

#endif
