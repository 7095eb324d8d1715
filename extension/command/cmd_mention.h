/*
 * cmd_mention.h: the people whom a text mentions.
 */
#ifndef COLLAB_CMD_MENTION_H
#define COLLAB_CMD_MENTION_H

#include "command/command.h"

#define MENTION_LIMIT 50

/* The users whom the text mentions and who see the command's board, each once; refuses when they are too many. */
extern bool mention_resolve(Command *command, const char *text, int64 **ids, int *count);

#endif
