/* Threats along one line, by bit arithmetic. A window is a possible place of a winning line, identified by its lowest bit;
 * the empty points in all windows of a line are counted in parallel. Private to games/gomoku/. */
#ifndef TENGEN_GAMES_GOMOKU_WINDOWS_H
#define TENGEN_GAMES_GOMOKU_WINDOWS_H

#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"
#include "games/gomoku/board.h"
#include "games/gomoku/gomoku.h"

/* Whether only lines of exactly the winning length win for this colour. */
static inline bool gomoku_exact(int rules, int colour)
{
    return rules == GOMOKU_STANDARD || rules == GOMOKU_CARO_EXACT || (rules == GOMOKU_RENJU && colour == GAME_BLACK);
}
/* Whether enemy stones at both ends of a line keep it from winning. */
static inline bool gomoku_ends_matter(int rules)
{
    return rules == GOMOKU_CARO || rules == GOMOKU_CARO_EXACT;
}

struct gomoku_windows {
    uint32_t one, two, three; /* usable windows with this many empty points; the others have own stones */
};

/* The windows that win once they are filled with own stones: they have no enemy stones; if only exact lines win, no own
 * stone is adjacent to them; in caro the enemy does not have both ends. */
static inline uint32_t gomoku_usable_windows(uint32_t own, uint32_t enemy, uint32_t empty, int line, bool exact,
                                             bool caro)
{
    uint32_t good = gomoku_runs(own | empty, line);
    if (exact)
        good &= ~(own << 1) & ~(own >> line);
    if (caro)
        good &= ~((enemy << 1) & (enemy >> line));
    return good;
}

static inline struct gomoku_windows gomoku_count_windows(uint32_t good, uint32_t empty, int line)
{
    uint32_t zero = good, one = 0, two = 0, three = 0;
    for (int i = 0; i < line; i++) {
        uint32_t e = empty >> i;
        three = (three & ~e) | (two & e);
        two = (two & ~e) | (one & e);
        one = (one & ~e) | (zero & e);
        zero &= ~e;
    }
    return (struct gomoku_windows){one, two, three};
}

static inline uint32_t gomoku_spread_windows(uint32_t windows, int from, int line)
{
    uint32_t points = 0;
    for (int i = from; i < line; i++)
        points |= windows << i;
    return points;
}

/* The points of one line of struct gomoku_threats. */
struct gomoku_line_threats {
    uint32_t five, straight_four, four, three;
};

/* Inlined, so that a constant `line` unrolls the loops and the compiler can vectorise over lines. */
static inline __attribute__((always_inline)) struct gomoku_line_threats
gomoku_line_threats(uint32_t own, uint32_t enemy, uint32_t empty, int line, bool exact, bool caro)
{
    uint32_t good = gomoku_usable_windows(own, enemy, empty, line, exact, caro);
    struct gomoku_windows w = gomoku_count_windows(good, empty, line);
    /* Two overlapping windows, shifted by one, whose outer points are both empty: filled in between, they are a
     * straight four. */
    uint32_t open = empty & (empty >> line) & (good >> 1);
    return (struct gomoku_line_threats){.five = gomoku_spread_windows(w.one, 0, line) & empty,
                                        .straight_four = gomoku_spread_windows(w.two & open, 1, line) & empty,
                                        .four = gomoku_spread_windows(w.two, 0, line) & empty,
                                        .three = gomoku_spread_windows(w.three & open, 1, line) & empty};
}

#endif
