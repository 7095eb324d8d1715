/*
 * command_result.h: what is said about a command that went through the frame.
 */
#ifndef COLLAB_COMMAND_RESULT_H
#define COLLAB_COMMAND_RESULT_H

#include "postgres.h"

#include "command/command.h"

/* The payload of ACK without "events", of CONFLICT_ERROR or of ERROR, as the outcome asks; JSON text. */
extern char *command_result_text(const Command *command);
/* The payload of ACK with its events: what the SQL functions for people return. */
extern char *command_ack_text(const Command *command);
/* The wire message of one of the command's events. */
extern char *command_event_text(const Command *command, const Event *event);
/* Imports and duplicates: their events are too many for an answer, which is told from the last one. */
extern bool command_makes_many_events(const Command *command);

#endif
