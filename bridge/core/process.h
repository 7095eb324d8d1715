/*
 * process.h - what the process uses: memory, processor, descriptors.
 */
#ifndef COLLAB_CORE_PROCESS_H
#define COLLAB_CORE_PROCESS_H

/* Sets the metrics of the process. */
extern void process_measure(void);

#endif
