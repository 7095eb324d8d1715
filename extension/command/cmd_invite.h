/*
 * cmd_invite.h: an invite's token, for the answer to CREATE_INVITE.
 */
#ifndef COLLAB_CMD_INVITE_H
#define COLLAB_CMD_INVITE_H

#include "command/command.h"

/* The token of the invite that this command makes or made; the same each time it is asked. */
extern char *cmd_invite_token(const Command *command);

#endif
