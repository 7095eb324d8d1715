/*
 * notify_inline.h: announces what a transaction appended, by NOTIFY in that same transaction.
 */
#ifndef COLLAB_NOTIFY_INLINE_H
#define COLLAB_NOTIFY_INLINE_H

/* Hooks into appends and into the end of (sub)transactions. Once, at module start. */
extern void notify_inline_start(void);

#endif
