/* The komi that makes a game of Go even, by area scoring. */
#include "games/go/board.h"
#include "games/go/ops.h"

/* Points by board size.
 *
 * Solved by exhaustive search: 2x2 (Tromp-Taylor rules), 3x3, 4x4, and 5x5, where Black keeps every point (van der
 * Werf, Uiterwijk and van den Herik 2003). From strong play: 6x6 and 7x7. Measured with KataGo: 9x9, 13x13 and 19x19,
 * which are all about 7; the sizes in between are taken to be the same. Unless a seki leaves a point to neither side,
 * the margin of a finished game has the parity of the number of points, so that a whole komi draws games on boards of
 * its own parity alone: at 7 there are next to no draws on 8x8. */
static const int even_points[GO_MAX_SIZE + 1] = {
    [2] = 1, [3] = 9, [4] = 2, [5] = 25, [6] = 4, [7] = 9, [8] = 7,
};
enum { LARGE = 7, SMALL_SIZE = 7 };

static bool even(const struct game *game, int *halves)
{
    if (game->option[GO_OPTION_HANDICAP])
        return false;
    int points = even_points[game->width];
    *halves = 2 * (points ? points : LARGE);
    return true;
}

/* One group more or less alive is most of a small board. */
static double spread(const struct game *game)
{
    return game->width <= SMALL_SIZE ? 2 : 1;
}

const struct game_komi go_komi = {.option = GO_OPTION_KOMI, .even = even, .spread = spread};
