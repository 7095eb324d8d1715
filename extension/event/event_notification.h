/*
 * event_notification.h: a notification was made: what makes it (projection) and what announces it (notify) know nothing of
 * each other, both know this.
 */
#ifndef COLLAB_EVENT_NOTIFICATION_H
#define COLLAB_EVENT_NOTIFICATION_H

#include "postgres.h"
#include "utils/uuid.h"

typedef struct Notification
{
	int64 id;
	int64 user_id; /* the addressee */
	pg_uuid_t workspace_id;
} Notification;

/* Called for each one, in its transaction. Set once, at module start. */
typedef void (*NotificationMadeHook)(const Notification *notification);
extern NotificationMadeHook notification_made_hook;

/*
 * Calls the hook for each row of the last statement, which returned id, user_id and workspace_id; returns how many. The
 * caller is inside SPI_connect.
 */
extern int notification_tell_rows(void);

#endif
