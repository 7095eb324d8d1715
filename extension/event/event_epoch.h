/*
 * event_epoch.h: which cluster, database and timeline gave out the transaction numbers of events.
 */
#ifndef COLLAB_EVENT_EPOCH_H
#define COLLAB_EVENT_EPOCH_H

#include "postgres.h"
#include "access/transam.h"

/* The epoch of events of this transaction, whose number is xid; opens a new one where there is none of this place. */
extern int event_epoch(FullTransactionId xid);

#endif
