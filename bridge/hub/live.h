/*
 * live.h - cursors and focus between bridges, on collab:live:<board>.
 *
 * Only boards with people on another bridge are told of and listened to. What has changed goes out
 * with the tick of presence_cursor.c, one NOTIFY a board, one call in flight: while the database is
 * slow newer positions take the place of older ones. A message that is not sealed by another bridge,
 * is older than the window or was here before is dropped and counted.
 *
 * Called by main.c; what the presence*.c files call is in presence_private.h.
 */
#ifndef COLLAB_HUB_LIVE_H
#define COLLAB_HUB_LIVE_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/uuid.h"

void live_open(void);
void live_close(void);

/* What the listener says of collab:live:<board>. */
void live_on_listening(const Uuid *board_id);
void live_on_heard(const Uuid *board_id, Slice payload);

/* The database is back: everything is told anew. */
void live_resume(void);
/* From time to time: forgets bridges not heard of. */
void live_tidy(void);

#endif
