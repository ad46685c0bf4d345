/* The Gomoku board: for each colour and direction, a bit mask for each line.
 *
 *   direction  line          bit         (0,0) is the top left
 *   0 row      y             x
 *   1 column   x             y
 *   2 down     x - y + n-1   x           n = size
 *   3 up       x + y         x
 *
 * A line has at most 20 points, but a word of its own, so shifted bits never reach another line, and runs, windows and
 * threats are found with a few shifts and ands. Private to games/gomoku/. */
#ifndef TENGEN_GAMES_GOMOKU_BOARD_H
#define TENGEN_GAMES_GOMOKU_BOARD_H

#include "games/game.h"
#include "games/gomoku/gomoku.h"

enum { GOMOKU_DIRECTIONS = 4, GOMOKU_LINES = 2 * GAME_MAX_SIZE };

struct gomoku_position {
    struct position head;
    uint32_t lines[2][GOMOKU_DIRECTIONS][GOMOKU_LINES]; /* [colour - GAME_BLACK]; unused lines and bits are 0 */
    uint16_t empties;
};

enum { GOMOKU_OPTION_LINE, GOMOKU_OPTION_RULES, GOMOKU_OPTION_OPENING };

static inline const struct gomoku_position *gomoku_board(const struct position *position)
{
    return (const struct gomoku_position *)position;
}

/* The line of a point in each direction, and its bit in that line. */
struct gomoku_place {
    uint8_t line[GOMOKU_DIRECTIONS], bit[GOMOKU_DIRECTIONS];
};
static inline struct gomoku_place gomoku_place_of(int size, int x, int y)
{
    uint8_t bx = (uint8_t)x, by = (uint8_t)y;
    return (struct gomoku_place){{by, bx, (uint8_t)(x - y + size - 1), (uint8_t)(x + y)}, {bx, by, bx, bx}};
}
/* The point at bit b of a line. */
static inline int gomoku_line_point(int size, int direction, int line, int b)
{
    int x = direction == 1 ? line : b;
    int y = direction == 0 ? line : direction == 1 ? b : direction == 2 ? b - line + size - 1 : line - b;
    return y * size + x;
}
static inline int gomoku_line_count(int size, int direction) { return direction < 2 ? size : 2 * size - 1; }
/* The bits of a line that lie on the board. */
static inline uint32_t gomoku_line_mask(int size, int direction, int line)
{
    if (direction < 2)
        return (1u << size) - 1;
    int low = line > size - 1 ? line - size + 1 : 0, high = line < size - 1 ? line : size - 1; /* of x */
    return ((1u << (high - low + 1)) - 1) << low;
}

/* The lowest bits of all runs of `length` ones. */
static inline uint32_t gomoku_runs(uint32_t bits, int length)
{
    for (int have = 1; have < length;) {
        int step = have < length - have ? have : length - have;
        bits &= bits >> step;
        have += step;
    }
    return bits;
}
/* The length of the run of ones around bit b, which is set; *low is its lowest bit. */
static inline int gomoku_run_at(uint32_t bits, int b, int *low)
{
    int up = __builtin_ctz(~(bits >> b)), down = __builtin_clz(~(bits << (31 - b)));
    *low = b - down + 1;
    return up + down - 1;
}

/* Whether a run of `length` stones with lowest bit `low` wins for `colour`. line: the winning length; enemy: the
 * enemy's stones on the same line. */
static inline bool gomoku_run_wins(int rules, int colour, int line, int length, int low, uint32_t enemy)
{
    if (length < line)
        return false;
    switch (rules) {
    case GOMOKU_STANDARD:
        return length == line;
    case GOMOKU_RENJU:
        return colour == GAME_WHITE || length == line;
    case GOMOKU_CARO:
    case GOMOKU_CARO_EXACT:
        if (length > line)
            return rules == GOMOKU_CARO;
        return !(low > 0 && (enemy >> (low - 1) & 1) && (enemy >> (low + length) & 1));
    default:
        return true;
    }
}

/* Puts a stone on an empty point and says whether it wins. */
static inline bool gomoku_put(uint32_t lines[2][GOMOKU_DIRECTIONS][GOMOKU_LINES], int size, int line, int rules,
                              int colour, int x, int y)
{
    struct gomoku_place place = gomoku_place_of(size, x, y);
    bool wins = false;
    for (int d = 0; d < GOMOKU_DIRECTIONS; d++) {
        uint32_t *own = &lines[colour - GAME_BLACK][d][place.line[d]];
        *own |= 1u << place.bit[d];
        if (__builtin_expect(gomoku_runs(*own, line) != 0, 0)) {
            int low, length = gomoku_run_at(*own, place.bit[d], &low);
            uint32_t enemy = lines[GAME_WHITE - colour][d][place.line[d]];
            wins |= gomoku_run_wins(rules, colour, line, length, low, enemy);
        }
    }
    return wins;
}

/* The empty points of row y as a bit mask. */
static inline uint32_t gomoku_empty_row(const struct gomoku_position *board, int size, int y)
{
    return ((1u << size) - 1) & ~(board->lines[0][0][y] | board->lines[1][0][y]);
}
/* Whether (x, y) is empty. */
static inline bool gomoku_empty(const struct gomoku_position *board, int x, int y)
{
    return !((board->lines[0][0][y] | board->lines[1][0][y]) >> x & 1);
}

/* The empty points of each line where a stone of one colour makes a threat along that line. With a winning length n:
 * five: the stone wins; four: another stone on some point would win; straight four: n - 1 stones with an empty, winning
 * point at each end; three: another stone would make a straight four. Renju's forbidden moves are not taken into
 * account. */
struct gomoku_threats {
    uint32_t five[GOMOKU_DIRECTIONS][GOMOKU_LINES], straight_four[GOMOKU_DIRECTIONS][GOMOKU_LINES],
        four[GOMOKU_DIRECTIONS][GOMOKU_LINES], three[GOMOKU_DIRECTIONS][GOMOKU_LINES];
};
/* Fills the lines that exist on the board. */
void gomoku_find_threats(const struct game *game, const struct position *position, int colour,
                         struct gomoku_threats *out);

extern const struct game_features gomoku_features_v1;

/* Whether the opening rule allows a stone on (x, y), or a decision, in the present phase. */
bool gomoku_opening_point(const struct game *game, const struct position *position, int x, int y);
bool gomoku_opening_decision(const struct game *game, const struct position *position, game_move move);
int gomoku_opening_first_phase(const struct game *game);
/* Update player, colour, black_player and phase after a stone (with ply already increased and position->colour still
 * the stone's colour) or after a decision. */
void gomoku_opening_after_stone(const struct game *game, struct position *position);
void gomoku_opening_after_decision(const struct game *game, struct position *position, game_move move);

/* Renju: a cheap test that excludes most points. False: black may play here, and could still if white had more stones. */
bool gomoku_may_be_forbidden(const struct game *game, const struct position *position, int point);

void gomoku_forced(const struct game *game, const struct position *position, uint8_t *keep);
int gomoku_plies_left(const struct game *game, const struct position *position);
int gomoku_playout(const struct game *game, struct position *position, struct rng *rng, struct game_result *result);

#endif
