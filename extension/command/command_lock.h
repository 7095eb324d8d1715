/*
 * command_lock.h: the locks of a batch of commands, taken in one order.
 */
#ifndef COLLAB_COMMAND_LOCK_H
#define COLLAB_COMMAND_LOCK_H

#include "postgres.h"

#include "command/command.h"

/*
 * Locks the aggregates of all pending commands and gives each command its stream; commands of the same aggregate
 * share one. Order: rights of workspaces, workspaces, boards, each by id; then streams are read.
 */
extern void command_lock_all(Command *commands, int count);

#endif
