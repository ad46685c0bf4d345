/* The even komi of Go with area scoring. */
#include "games/game.h"
#include "games/go/board.h"

/* Points by board size.
 *
 * Solved by exhaustive search: 2x2 (Tromp-Taylor rules), 3x3, 4x4, and 5x5, where Black keeps every point (van der
 * Werf, Uiterwijk and van den Herik 2003). From strong play: 6x6 and 7x7. Measured with KataGo: 9x9, 13x13 and 19x19,
 * which are all about 7; the sizes in between are assumed to be the same. Unless a seki leaves a point to neither side,
 * the margin before komi has the parity of the number of points, so that a whole komi allows draws only on boards of
 * the same parity: with 7 there are hardly any draws on 8x8. */
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

/* On a small board the life or death of one group decides most of the points, so margins vary more. */
static double stdev_factor(const struct game *game)
{
    return game->width <= SMALL_SIZE ? 2 : 1;
}

const struct game_komi go_komi = {.option = GO_OPTION_KOMI, .even = even, .stdev_factor = stdev_factor};
