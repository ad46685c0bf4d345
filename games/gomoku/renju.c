/* Renju's forbidden moves, exactly: the rules' definitions on the lines through one point, with the recursion that a
 * three counts only if the stone that would make it a straight four may itself be played.
 *
 * Along a line with a black stone assumed at bit b, only the nearest empty bit on either side can complete anything
 * that contains b, because every row in question is unbroken once complete. Hence at most one four on each side, at
 * most one three in a line, and never both a four and a three in one line. */
#include "games/gomoku/board.h"

/* The runs of stones around bit b (taken as black): its length, and the bits just beyond it. */
struct run {
    int low, length;
};

static inline struct run run_with(uint32_t black, int b)
{
    struct run run;
    run.length = gomoku_run_at(black | 1u << b, b, &run.low);
    return run;
}

/* bit `b` of `bits`; -1 is off the board and reads 0 */
static inline bool bit(uint32_t bits, int b)
{
    return b >= 0 && (bits >> b & 1);
}

/* The fours that a black stone at b, already in `black`, makes in this line: each empty point next to its run that
 * makes exactly five. An unbroken four open at both ends is one four, two separate ones are two. */
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

/* The board as this file's recursion changes it: black stones are added and taken back. */
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

/* Whether the black stone at `place`, already on the board, makes a three in direction d: a next stone makes a straight
 * four there, without making five elsewhere, and is not forbidden. */
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
    bool settled = *five || fours >= 2; /* what follows is the costly part */
    for (int d = 0; d < GOMOKU_DIRECTIONS && !settled && threes < 2; d++)
        threes += makes_three(view, &place, d);
    flip(view, &place);
    return *five         ? GOMOKU_ALLOWED
           : fours >= 2  ? GOMOKU_DOUBLE_FOUR
           : threes >= 2 ? GOMOKU_DOUBLE_THREE
           : overline    ? GOMOKU_OVERLINE
                         : GOMOKU_ALLOWED;
}

/* The nine bits of a line around bit b, which is the fifth of them. */
static uint32_t around(uint32_t bits, int b)
{
    return (uint32_t)((uint64_t)bits << 4 >> b & 0x1ff);
}

/* The black stones within four points with no white stone between. */
static int stones_near(uint32_t black, uint32_t white, int b)
{
    uint32_t near = around(black, b), walls = around(white, b), below = walls & 0xf, above = walls >> 5;
    if (below)
        near &= ~0u << (32 - __builtin_clz(below));
    if (above)
        near &= (1u << (5 + __builtin_ctz(above))) - 1;
    return __builtin_popcount(near);
}

/* Whether there are black stones enough near the point for anything forbidden: two or more in two directions (3-3,
 * 4-4), or four in one (4-4 in one line, overline). Settles most points at little cost. */
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
