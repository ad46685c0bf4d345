/* What the parts of the ladder share. Private to engine/ladder/ and its tests. */
#ifndef TENGEN_ENGINE_LADDER_LADDER_INTERNAL_H
#define TENGEN_ENGINE_LADDER_LADDER_INTERNAL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct game;
struct match_opening;

/* generations: uint32_t, the checkpoints whose nets are on disk. */
bool ladder_is_on_disk(const GArray *generations, uint32_t generation);

/* The opening of a pair: random moves after which the net in this file gives both sides a chance. Half of the
 * random openings of Gomoku are all but won: both games of such a pair go to the same colour and say nothing. */
bool ladder_draw_opening(const struct game *game, const char *net, int64_t pair, struct match_opening *opening,
                         GError **error);

#endif
