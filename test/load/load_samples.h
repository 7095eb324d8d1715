/*
 * load_samples.h - times that were measured, and what is said of them.
 */
#ifndef COLLAB_LOAD_SAMPLES_H
#define COLLAB_LOAD_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

typedef struct LoadSamples
{
	const char *name;
	uint32_t *us;
	size_t count;
	size_t capacity;
} LoadSamples;

int64_t load_now_us(void); /* monotonic */

void load_samples_add(LoadSamples *samples, int64_t us);
void load_samples_print_head(void);
void load_samples_print(LoadSamples *samples); /* sorts them; nothing when there are none */
void load_samples_free(LoadSamples *samples);

#endif
