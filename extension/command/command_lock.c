/*
 * command_lock.c: see command_lock.h. In arrival order two batches that cross would deadlock.
 */
#include "postgres.h"

#include "command/command_lock.h"

typedef struct RightsLock
{
	pg_uuid_t workspace_id;
	bool exclusive;
} RightsLock;

static int
compare_ids(const pg_uuid_t *a, const pg_uuid_t *b)
{
	return memcmp(a->data, b->data, UUID_LEN);
}

/* By workspace; where one wants it exclusively, that one comes first. */
static int
compare_rights(const void *a, const void *b)
{
	const RightsLock *left = a;
	const RightsLock *right = b;
	int order = compare_ids(&left->workspace_id, &right->workspace_id);

	return order != 0 ? order : (int) right->exclusive - (int) left->exclusive;
}

/* Workspaces before boards, then by id. */
static int
compare_commands(const void *a, const void *b)
{
	const Command *left = *(Command *const *) a;
	const Command *right = *(Command *const *) b;

	if (left->kind != right->kind)
		return left->kind == AGGREGATE_WORKSPACE ? -1 : 1;
	return compare_ids(&left->stream_id, &right->stream_id);
}

static bool
may_create(const Command *command)
{
	return command->def->aggregate == COMMAND_WORKSPACE_NEW || command->def->aggregate == COMMAND_BOARD_NEW;
}

/* The same; of several for one aggregate the one that may create it comes first, for it knows which lock that takes. */
static int
compare_for_locking(const void *a, const void *b)
{
	int order = compare_commands(a, b);

	return order != 0 ? order : (int) may_create(*(Command *const *) b) - (int) may_create(*(Command *const *) a);
}

static void
lock_rights(Command *const *commands, int count)
{
	RightsLock *locks = palloc(sizeof(RightsLock) * Max(count, 1));
	int wanted = 0;

	for (int i = 0; i < count; i++)
	{
		if (commands[i]->def->aggregate == COMMAND_WORKSPACE_NEW)
			continue;
		locks[wanted].workspace_id = commands[i]->workspace_id;
		locks[wanted++].exclusive = commands[i]->kind == AGGREGATE_WORKSPACE;
	}
	qsort(locks, wanted, sizeof(RightsLock), compare_rights);
	for (int i = 0; i < wanted; i++)
	{
		if (i == 0 || compare_ids(&locks[i].workspace_id, &locks[i - 1].workspace_id) != 0)
			stream_lock_rights(&locks[i].workspace_id, locks[i].exclusive);
	}
}

static Stream *
lock_stream(const Command *command)
{
	Stream *stream = palloc0(sizeof(Stream));

	stream->kind = command->kind;
	stream->id = command->stream_id;
	if (command->has_id && may_create(command))
		stream_lock_creation(&stream->id);
	stream_lock(stream);
	return stream;
}

void
command_lock_all(Command *commands, int count)
{
	Command **pending = palloc(sizeof(Command *) * Max(count, 1));
	int wanted = 0;

	for (int i = 0; i < count; i++)
	{
		if (commands[i].outcome == OUTCOME_PENDING && commands[i].def->aggregate != COMMAND_ACTOR)
			pending[wanted++] = &commands[i];
	}
	lock_rights(pending, wanted);
	qsort(pending, wanted, sizeof(Command *), compare_for_locking);
	for (int i = 0; i < wanted; i++)
	{
		bool is_same = i > 0 && compare_commands(&pending[i], &pending[i - 1]) == 0;

		pending[i]->stream = is_same ? pending[i - 1]->stream : lock_stream(pending[i]);
	}
}
