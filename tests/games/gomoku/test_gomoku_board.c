/* Gomoku's bit lines: the bits of points, runs of ones, and winning runs, checked bit by bit. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "games/gomoku/board.h"
#include "games/gomoku/gomoku.h"

/* In each direction each point is one bit of one line, within its mask, and masks have no other bits. */
Test(gomoku_board, points_and_lines)
{
    static const int steps[GOMOKU_DIRECTIONS][2] = {{1, 0}, {0, 1}, {1, 1}, {1, -1}};
    for (int size = 3; size <= GAME_MAX_SIZE; size++)
        for (int d = 0; d < GOMOKU_DIRECTIONS; d++) {
            uint32_t met[GOMOKU_LINES] = {0};
            cr_assert_eq(gomoku_line_count(size, d), d < 2 ? size : 2 * size - 1);
            for (int p = 0; p < size * size; p++) {
                int x = p % size, y = p / size;
                struct gomoku_place place = gomoku_place_of(size, x, y);
                met[place.line[d]] |= 1u << place.bit[d];
                cr_assert(place.line[d] < gomoku_line_count(size, d));
                cr_assert_eq(gomoku_line_point(size, d, place.line[d], place.bit[d]), p);
                x += steps[d][0], y += steps[d][1];
                if (x >= size || y >= size || y < 0)
                    continue;
                struct gomoku_place next = gomoku_place_of(size, x, y);
                cr_assert(next.line[d] == place.line[d] && next.bit[d] == place.bit[d] + 1);
            }
            for (int line = 0; line < gomoku_line_count(size, d); line++)
                cr_assert_eq(gomoku_line_mask(size, d, line), met[line], "size %d, direction %d, line %d", size, d,
                             line);
        }
}

static bool has(uint32_t bits, int b)
{
    return b >= 0 && b < 32 && (bits >> b & 1);
}

Test(gomoku_board, runs)
{
    struct rng rng;
    rng_seed(&rng, 1);
    for (int i = 0; i < 20000; i++) {
        uint32_t bits = (uint32_t)(rng_next(&rng) | rng_next(&rng)) & 0xfffff, starts = 0;
        if (i % 3 == 0)
            bits |= (uint32_t)rng_next(&rng) & 0xfffff;
        int length = 1 + (int)rng_below(&rng, 20), b = (int)rng_below(&rng, 20), low;
        for (int start = 0; start < 20; start++) {
            int ones = 0;
            while (has(bits, start + ones))
                ones++;
            starts |= ones >= length ? 1u << start : 0;
        }
        cr_assert_eq(gomoku_runs(bits, length), starts, "%x, %d", bits, length);
        bits |= 1u << b;
        int first = b, last = b;
        while (has(bits, first - 1))
            first--;
        while (has(bits, last + 1))
            last++;
        cr_assert_eq(gomoku_run_at(bits, b, &low), last - first + 1, "%x, %d", bits, b);
        cr_assert_eq(low, first);
    }
    int low;
    cr_assert(gomoku_run_at(0xfffff, 19, &low) == 20 && low == 0);
}

/* All lengths around five, with enemy stones at either end, both or none, at the edge and away from it. */
Test(gomoku_board, which_runs_win)
{
    for (int length = 3; length <= 7; length++)
        for (int low = 0; low <= 2; low++)
            for (int ends = 0; ends < 4; ends++) {
                uint32_t enemy = (ends & 1 && low ? 1u << (low - 1) : 0) | (ends & 2 ? 1u << (low + length) : 0);
                bool closed = ends == 3 && low;
                const bool wins[][2] = {
                    [GOMOKU_FREESTYLE] = {length >= 5, length >= 5},
                    [GOMOKU_STANDARD] = {length == 5, length == 5},
                    [GOMOKU_RENJU] = {length == 5, length >= 5},
                    [GOMOKU_CARO] = {length > 5 || (length == 5 && !closed), length > 5 || (length == 5 && !closed)},
                    [GOMOKU_CARO_EXACT] = {length == 5 && !closed, length == 5 && !closed},
                };
                for (int rules = GOMOKU_FREESTYLE; rules <= GOMOKU_CARO_EXACT; rules++)
                    for (int colour = GAME_BLACK; colour <= GAME_WHITE; colour++)
                        cr_assert_eq(
                            gomoku_run_wins(rules, colour, 5, length, low, enemy), wins[rules][colour - GAME_BLACK],
                            "rules %d, colour %d, %d stones from %d, ends %d", rules, colour, length, low, ends);
            }
}
