/*
 * proj_task.h: what the projections of tasks share: ranks and counts.
 */
#ifndef COLLAB_PROJ_TASK_H
#define COLLAB_PROJ_TASK_H

#include "projection/projection.h"

/* The first rank is the task's own, written with its row; more of them make room among its neighbours. */
extern void proj_task_rank_neighbours(const ProjectedEvent *event);

/* Counts the task out of the list it left (from_list_id, list_id) and into the one it came to (to_list_id, list_id). */
extern void proj_task_count_out(const ProjectedEvent *event);
extern void proj_task_count_in(const ProjectedEvent *event);
/* Both, where the event names two different lists. */
extern void proj_task_count_move(const ProjectedEvent *event);

#endif
