/* The charts of a run. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_WATCH_CURVES_H
#define TENGEN_ENGINE_VIEWER_DRAW_WATCH_CURVES_H

#include <glib.h>

struct rect;
struct shell;

/* metrics: of struct store_metric, in chronological order. */
void curves_draw_losses(struct shell *shell, const GArray *metrics, struct rect area);
void curves_draw_lengths(struct shell *shell, const GArray *metrics, struct rect area);
/* ratings: struct ladder_rating, in the order of ladder_rate: the rungs, each a line, and the checkpoints. games: on which they are
 * based. */
void curves_draw_elo(struct shell *shell, const GArray *ratings, int games, struct rect area);

#endif
