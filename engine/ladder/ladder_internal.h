/* What the ladder's schedule and its ratings share. Private to engine/ladder/. */
#ifndef TENGEN_ENGINE_LADDER_LADDER_INTERNAL_H
#define TENGEN_ENGINE_LADDER_LADDER_INTERNAL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* generations: uint32_t, the checkpoints whose nets are on disk. */
bool ladder_is_on_disk(const GArray *generations, uint32_t generation);

#endif
