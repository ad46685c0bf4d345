/* What a cell's games say: the net's Elo beside the anchors, and how much of it the net lost against the main cell. */
#ifndef TENGEN_ENGINE_ROBUST_FIGURES_H
#define TENGEN_ENGINE_ROBUST_FIGURES_H

#include "engine/match/statistics/rating.h"

/* Player 0's Elo minus the mean of the other players' that have games, with the 95 % interval of that difference.
 * Unknown if player 0 or all others have no games. */
struct rating robust_elo(const struct rating_table *table);
/* main - cell. The two cells' games are independent of each other, so the halves of their intervals are combined as the
 * root of the sum of their squares. Unknown if either is. */
struct rating robust_lost(const struct rating *main, const struct rating *cell);

#endif
