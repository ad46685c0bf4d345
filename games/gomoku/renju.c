/* Renju's forbidden moves, exactly as the rules define them. The definition is recursive: a three counts only if the
 * stone that would make it a straight four is itself allowed.
 *
 * In a line with an assumed black stone at bit b, only the nearest empty bit on either side can complete a run that
 * contains b. Hence a line has at most one four on each side of b, at most one three, and never both a four and a
 * three. */
#include "games/game.h"
#include "games/gomoku/board.h"
#include "games/gomoku/gomoku.h"

/* A run of stones: its lowest bit and its length. */
struct run {
    int low, length;
};

/* The run around bit b if a black stone were there. */
static inline struct run run_with(uint32_t black, int b)
{
    struct run run;
    run.length = gomoku_run_at(black | 1u << b, b, &run.low);
    return run;
}

/* Bit b of `bits`; 0 for b = -1, which is off the board. */
static inline bool bit(uint32_t bits, int b)
{
    return b >= 0 && (bits >> b & 1);
}

/* The number of fours that a black stone at b, already in `black`, makes in this line: one for each empty point next to
 * its run that would make exactly five, except that an unbroken four open at both ends is a single four. */
static int count_fours(uint32_t black, uint32_t empty, int b)
{
    struct run run = run_with(black, b);
    bool below = bit(empty, run.low - 1) && run_with(black, run.low - 1).length == 5;
    bool above = bit(empty, run.low + run.length) && run_with(black, run.low + run.length).length == 5;
    return below && above && run.length != 4 ? 2 : below || above;
}

/* Whether a black stone at r, not yet in `black`, makes a straight four: a run of four, each end empty and no black
 * stone beyond it. */
static bool makes_straight_four(uint32_t black, uint32_t empty, int r)
{
    struct run run = run_with(black, r);
    return run.length == 4 && bit(empty, run.low - 1) && bit(empty, run.low + 4) && !bit(black, run.low - 2) &&
           !bit(black, run.low + 5);
}

/* The board during the recursion, which adds and removes black stones. */
struct view {
    uint32_t black[GOMOKU_DIRECTIONS][GOMOKU_LINES];
    const struct gomoku_position *board;
    int size;
};

static void flip(struct view *view, const struct gomoku_place *place)
{
    for (int d = 0; d < GOMOKU_DIRECTIONS; d++)
        view->black[d][place->line[d]] ^= 1u << place->bit[d];
}

static uint32_t empty_bits(const struct view *view, int d, int line)
{
    return gomoku_line_mask(view->size, d, line) & ~(view->black[d][line] | view->board->lines[1][d][line]);
}

static enum gomoku_forbidden kind_at(struct view *view, int x, int y, bool *five);

/* Whether the black stone at `place`, already on the board, makes a three in direction d: another stone would make a
 * straight four there, makes no five elsewhere, and is not forbidden. */
static bool makes_three(struct view *view, const struct gomoku_place *place, int d)
{
    int line = place->line[d];
    uint32_t black = view->black[d][line], empty = empty_bits(view, d, line);
    struct run run = run_with(black, place->bit[d]);
    int ends[2] = {run.low - 1, run.low + run.length};
    for (int i = 0; i < 2; i++) {
        if (!bit(empty, ends[i]) || !makes_straight_four(black, empty, ends[i]))
            continue;
        int next = gomoku_line_point(view->size, d, line, ends[i]);
        bool five;
        if (kind_at(view, next % view->size, next / view->size, &five) == GOMOKU_ALLOWED && !five)
            return true;
    }
    return false;
}

static enum gomoku_forbidden kind_at(struct view *view, int x, int y, bool *five)
{
    struct gomoku_place place = gomoku_place_of(view->size, x, y);
    bool overline = false;
    int fours = 0, threes = 0;
    *five = false;
    flip(view, &place);
    for (int d = 0; d < GOMOKU_DIRECTIONS; d++) {
        uint32_t black = view->black[d][place.line[d]];
        int length = run_with(black, place.bit[d]).length;
        *five |= length == 5;
        overline |= length > 5;
        fours += count_fours(black, empty_bits(view, d, place.line[d]), place.bit[d]);
    }
    bool settled = *five || fours >= 2; /* if so, skip the expensive part */
    for (int d = 0; d < GOMOKU_DIRECTIONS && !settled && threes < 2; d++)
        threes += makes_three(view, &place, d);
    flip(view, &place);
    return *five         ? GOMOKU_ALLOWED
           : fours >= 2  ? GOMOKU_DOUBLE_FOUR
           : threes >= 2 ? GOMOKU_DOUBLE_THREE
           : overline    ? GOMOKU_OVERLINE
                         : GOMOKU_ALLOWED;
}

/* The nine bits of a line centred on bit b. */
static uint32_t around(uint32_t bits, int b)
{
    return (uint32_t)((uint64_t)bits << 4 >> b & 0x1ff);
}

/* Number of black stones within four points of bit b, without a white stone in between. */
static int stones_near(uint32_t black, uint32_t white, int b)
{
    uint32_t near = around(black, b), walls = around(white, b), below = walls & 0xf, above = walls >> 5;
    if (below)
        near &= ~0u << (32 - __builtin_clz(below));
    if (above)
        near &= (1u << (5 + __builtin_ctz(above))) - 1;
    return __builtin_popcount(near);
}

/* A cheap test that excludes most points. A forbidden point needs at least two black stones nearby in each of two
 * directions (3-3, 4-4), or four in one (4-4 in one line, overline). */
static bool may_be_forbidden(const struct gomoku_position *board, const struct gomoku_place *place)
{
    int directions = 0;
    for (int d = 0; d < GOMOKU_DIRECTIONS; d++) {
        int line = place->line[d];
        int stones = stones_near(board->lines[0][d][line], board->lines[1][d][line], place->bit[d]);
        directions += stones >= 4 ? 2 : stones >= 2;
    }
    return directions >= 2;
}

bool gomoku_may_be_forbidden(const struct game *game, const struct position *position, int point)
{
    struct gomoku_place place = gomoku_place_of(game->width, point % game->width, point / game->width);
    return game->option[GOMOKU_OPTION_RULES] == GOMOKU_RENJU && may_be_forbidden(gomoku_board(position), &place);
}

enum gomoku_forbidden gomoku_forbidden_kind(const struct game *game, const struct position *position, int point)
{
    const struct gomoku_position *board = gomoku_board(position);
    int x = point % game->width, y = point / game->width;
    struct gomoku_place place = gomoku_place_of(game->width, x, y);
    if (game->option[GOMOKU_OPTION_RULES] != GOMOKU_RENJU || !gomoku_empty(board, x, y) ||
        !may_be_forbidden(board, &place))
        return GOMOKU_ALLOWED;
    struct view view = {.board = board, .size = game->width};
    memcpy(view.black, board->lines[0], sizeof view.black);
    bool five;
    return kind_at(&view, x, y, &five);
}
