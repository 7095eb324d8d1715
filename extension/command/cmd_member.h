/*
 * cmd_member.h: the settings of membership.
 */
#ifndef COLLAB_CMD_MEMBER_H
#define COLLAB_CMD_MEMBER_H

/* Defines collab.member_limit. Once, at module start. */
extern void cmd_member_start(void);

#endif
