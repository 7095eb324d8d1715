/*
 * command_slow.h: commands that took long.
 */
#ifndef COLLAB_COMMAND_SLOW_H
#define COLLAB_COMMAND_SLOW_H

#include "postgres.h"
#include "portability/instr_time.h"

#include "command/command.h"

/* Defines collab.slow_command. Once, at module start. */
extern void command_slow_start(void);

/* Milliseconds since the time that *since holds, which gets the present. */
extern double command_slow_lap(instr_time *since);

/* Writes down a command that took longer than the setting says, in this transaction: one rolled back leaves nothing. */
extern void command_slow_note(const Command *command, double duration, double lock_wait);

#endif
