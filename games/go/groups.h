/* Groups of living chains, the regions between them, and seki. Private to games/go/. */
#ifndef TENGEN_GAMES_GO_GROUPS_H
#define TENGEN_GAMES_GO_GROUPS_H

#include <stdint.h>

#include "games/game.h"

/* A region is a connected set of points without living stones: empty points and dead stones. Chains of one colour that
 * border on the same region form a group. A region that borders on one group alone is an eye of it, or two if it has
 * room for two whoever moves first. */
struct go_groups {
    int count;
    int16_t region[GAME_MAX_POINTS]; /* by point: number of its region; -1 on living stones */
    int16_t points[GAME_MAX_POINTS]; /* by region: its points */
    int8_t eyes[GAME_MAX_POINTS];    /* by region: 1 or 2; 0 if both colours or none border on it */
    int group[GAME_MAX_POINTS];      /* by living stone: the lowest point of a chain that stands for its group */
    int all_eyes[GAME_MAX_POINTS];   /* by group: the eyes of its regions; 2 if a chain of it is pass-alive */
};
/* chain: as go_chains fills it; dead: non-zero on dead stones. */
void go_find_groups(const struct game *game, const struct position *position, const int *chain, const uint8_t *dead,
                    struct go_groups *groups);
/* The points beside a point; returns their number. */
int go_neighbours(const struct game *game, int point, int *around);

#endif
