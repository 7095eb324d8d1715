/*
 * support_schema.c: a library serves its own schema only.
 *
 * After a package's upgrade the new library meets the old SQL objects until ALTER EXTENSION has run; a backend that
 * loaded the old library meets the new ones until it ends. Either way a statement would fail with a missing column, or
 * worse would not fail. Every entry point asks first. What was found is kept until a function of the database changes:
 * CREATE, ALTER and DROP EXTENSION all change some.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_extension.h"
#include "commands/extension.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "support/support_schema.h"

static bool schema_is_ours = false;

static void
forget(Datum argument, int cache, uint32 hash)
{
	(void) argument;
	(void) cache;
	(void) hash;
	schema_is_ours = false;
}

void
schema_start(void)
{
	CacheRegisterSyscacheCallback(PROCOID, forget, (Datum) 0);
}

/* Of the extension in this database; NULL when there is none. */
static char *
installed_version(void)
{
	Relation catalog = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;
	char *version = NULL;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ, CStringGetDatum("collab"));
	scan = systable_beginscan(catalog, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool isnull;
		Datum value = heap_getattr(tuple, Anum_pg_extension_extversion, RelationGetDescr(catalog), &isnull);

		version = isnull ? NULL : TextDatumGetCString(value);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return version;
}

/* 0.9 is before 0.10 */
static bool
is_before(const char *a, const char *b)
{
	for (;;)
	{
		char *a_end;
		char *b_end;
		long a_number = strtol(a, &a_end, 10);
		long b_number = strtol(b, &b_end, 10);

		if (a_number != b_number)
			return a_number < b_number;
		if (*a_end == '\0' || *b_end == '\0')
			return *a_end == '\0' && *b_end != '\0';
		if (a_end == a || b_end == b)
			return strcmp(a, b) < 0;
		a = a_end + 1;
		b = b_end + 1;
	}
}

void
schema_check(void)
{
	char *version;

	/* the scripts of CREATE and ALTER EXTENSION call functions while the objects change */
	if (schema_is_ours || creating_extension)
		return;
	version = installed_version();
	if (version == NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("this database has no extension \"collab\""), errhint("Run CREATE EXTENSION collab.")));
	if (is_before(version, COLLAB_VERSION))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("collab %s's library needs ALTER EXTENSION collab UPDATE", COLLAB_VERSION),
						errdetail("The SQL objects of this database are of version %s.", version),
						errhint("Run ALTER EXTENSION collab UPDATE in this database as a superuser.")));
	if (strcmp(version, COLLAB_VERSION) != 0)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("restart required: this session has loaded the library of collab %s", COLLAB_VERSION),
						errdetail("The SQL objects of this database are of version %s.", version),
						errhint("Connect again; where collab is preloaded, restart the server.")));
	schema_is_ours = true;
}
