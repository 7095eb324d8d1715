/*
 * config_files.h - what --check-config says of the files that options name.
 */
#ifndef COLLAB_CORE_CONFIG_FILES_H
#define COLLAB_CORE_CONFIG_FILES_H

#include "base/buffer.h"
#include "core/config.h"

/* One line for each file with a secret that others than its owner and group may read or write. */
extern void config_files_warn(const Config *config, Buffer *warnings);

#endif
