/* Finds threats by bit arithmetic on whole lines. A window is a possible place of a winning line, identified by its
 * lowest bit; the empty points in all windows of a line are counted in parallel. */
#include "games/game.h"
#include "games/gomoku/board.h"
#include "games/gomoku/gomoku.h"

struct windows {
    uint32_t one, two, three; /* usable windows with this many empty points; the others have own stones */
};

/* The windows that win once they are filled with own stones: they have no enemy stones; if only exact lines win, no own
 * stone is adjacent to them; in caro the enemy does not have both ends. */
static inline uint32_t usable(uint32_t own, uint32_t enemy, uint32_t empty, int line, bool exact, bool caro)
{
    uint32_t good = gomoku_runs(own | empty, line);
    if (exact)
        good &= ~(own << 1) & ~(own >> line);
    if (caro)
        good &= ~((enemy << 1) & (enemy >> line));
    return good;
}

static inline struct windows count_windows(uint32_t good, uint32_t empty, int line)
{
    uint32_t zero = good, one = 0, two = 0, three = 0;
    for (int i = 0; i < line; i++) {
        uint32_t e = empty >> i;
        three = (three & ~e) | (two & e);
        two = (two & ~e) | (one & e);
        one = (one & ~e) | (zero & e);
        zero &= ~e;
    }
    return (struct windows){one, two, three};
}

static inline uint32_t spread(uint32_t windows, int from, int line)
{
    uint32_t points = 0;
    for (int i = from; i < line; i++)
        points |= windows << i;
    return points;
}

/* Inlined with a constant `line` for the usual five, so that the compiler unrolls the loops and vectorises over the
 * lines of a direction. */
static inline __attribute__((always_inline)) void find(const struct gomoku_position *board, int size, int colour,
                                                       int line, bool exact, bool caro, struct gomoku_threats *out)
{
    for (int d = 0; d < GOMOKU_DIRECTIONS; d++) {
        const uint32_t *own = board->lines[colour - GAME_BLACK][d], *enemy = board->lines[GAME_WHITE - colour][d];
        uint32_t on_board[GOMOKU_LINES];
        int n = gomoku_line_count(size, d);
        for (int i = 0; i < n; i++)
            on_board[i] = gomoku_line_mask(size, d, i);
        for (int i = 0; i < n; i++) {
            uint32_t empty = on_board[i] & ~(own[i] | enemy[i]);
            uint32_t good = usable(own[i], enemy[i], empty, line, exact, caro);
            struct windows w = count_windows(good, empty, line);
            /* Two overlapping windows, shifted by one, whose outer points are both empty: filled in between, they are a
             * straight four. */
            uint32_t open = empty & (empty >> line) & (good >> 1);
            out->five[d][i] = spread(w.one, 0, line) & empty;
            out->four[d][i] = spread(w.two, 0, line) & empty;
            out->straight_four[d][i] = spread(w.two & open, 1, line) & empty;
            out->three[d][i] = spread(w.three & open, 1, line) & empty;
        }
    }
}

void gomoku_find_threats(const struct game *game, const struct position *position, int colour,
                         struct gomoku_threats *out)
{
    const struct gomoku_position *board = gomoku_board(position);
    int rules = game->option[GOMOKU_OPTION_RULES], line = game->option[GOMOKU_OPTION_LINE];
    bool exact =
        rules == GOMOKU_STANDARD || rules == GOMOKU_CARO_EXACT || (rules == GOMOKU_RENJU && colour == GAME_BLACK);
    bool caro = rules == GOMOKU_CARO || rules == GOMOKU_CARO_EXACT;
    if (line == 5 && !exact && !caro)
        find(board, game->width, colour, 5, false, false, out);
    else if (line == 5 && exact && !caro)
        find(board, game->width, colour, 5, true, false, out);
    else
        find(board, game->width, colour, line, exact, caro, out);
}
