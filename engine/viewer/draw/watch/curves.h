/* The charts of a run. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_WATCH_CURVES_H
#define TENGEN_ENGINE_VIEWER_DRAW_WATCH_CURVES_H

#include <glib.h>

struct rect;
struct run_elo_point;
struct shell;

/* metrics: of struct store_metric, in chronological order. */
void curves_draw_losses(struct shell *shell, const GArray *metrics, struct rect area);
void curves_draw_lengths(struct shell *shell, const GArray *metrics, struct rect area);
/* points: ascending by generation. games: number of games on which the ratings are based. */
void curves_draw_elo(struct shell *shell, const struct run_elo_point *points, int count, int games, struct rect area);

#endif
