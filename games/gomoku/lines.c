/* Finds the threats on a whole board. */
#include "games/game.h"
#include "games/gomoku/board.h"
#include "games/gomoku/windows.h"

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
            struct gomoku_line_threats line_threats = gomoku_line_threats(own[i], enemy[i], empty, line, exact, caro);
            out->five[d][i] = line_threats.five;
            out->four[d][i] = line_threats.four;
            out->straight_four[d][i] = line_threats.straight_four;
            out->three[d][i] = line_threats.three;
        }
    }
}

void gomoku_find_threats(const struct game *game, const struct position *position, int colour,
                         struct gomoku_threats *out)
{
    const struct gomoku_position *board = gomoku_board(position);
    int rules = game->option[GOMOKU_OPTION_RULES], line = game->option[GOMOKU_OPTION_LINE];
    bool exact = gomoku_exact(rules, colour);
    bool caro = gomoku_ends_matter(rules);
    if (line == 5 && !exact && !caro)
        find(board, game->width, colour, 5, false, false, out);
    else if (line == 5 && exact && !caro)
        find(board, game->width, colour, 5, true, false, out);
    else
        find(board, game->width, colour, line, exact, caro, out);
}
