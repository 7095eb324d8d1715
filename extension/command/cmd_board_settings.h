/*
 * cmd_board_settings.h: what may be in a board's settings.
 */
#ifndef COLLAB_CMD_BOARD_SETTINGS_H
#define COLLAB_CMD_BOARD_SETTINGS_H

#include "command/command.h"

/* Of a board that was made without any. */
#define BOARD_SETTINGS_DEFAULT "{\"conflict_policy\":\"entity\"}"

/*
 * The settings after a merge patch to them, JSON text. patch is an object; field is the patch's name in refusals ("updates.settings").
 * Refuses and returns NULL when the patch has what does not belong there, or names lists that the board has not.
 */
extern char *board_settings_patched(Command *command, const char *settings, const JsonbValue *patch, const char *field);

#endif
