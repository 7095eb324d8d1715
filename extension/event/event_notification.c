/*
 * event_notification.c: see event_notification.h.
 */
#include "postgres.h"

#include "event/event_notification.h"
#include "support/support_spi.h"

NotificationMadeHook notification_made_hook = NULL;

int
notification_tell_rows(void)
{
	for (uint64 row = 0; notification_made_hook != NULL && row < SPI_processed; row++)
	{
		Notification notification = {
			.id = spi_int64(row, 1), .user_id = spi_int64(row, 2), .workspace_id = spi_uuid(row, 3)};

		notification_made_hook(&notification);
	}
	return (int) SPI_processed;
}
