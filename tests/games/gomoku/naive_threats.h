/* A naive search for wins by continuous fours in Gomoku: a board of characters, lines found by walking along them, every
 * move and every reply tried. Tests compare the fast search with it, and the acceptance test makes its puzzles with it.
 * Header only, because acceptance tests are built from a single file. */
#ifndef TENGEN_TESTS_GAMES_NAIVE_THREATS_H
#define TENGEN_TESTS_GAMES_NAIVE_THREATS_H

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#include "games/game.h"
#include "games/gomoku/gomoku.h"

struct naive {
    int size, line, rules;
    /* Whether renju forbids black the point; NULL: nothing is forbidden. */
    bool (*forbidden)(char *board, int size, int x, int y);
    /* Try only the replies that occupy a winning point, which is enough where no stone elsewhere can stop a line. */
    bool few_replies;
    long left;                       /* positions that may still be searched */
    bool spent;                      /* they were not enough: the answer is worthless */
    GHashTable *failed;              /* board -> depth + 1 */
    char board[GAME_MAX_POINTS + 1]; /* "X" black, "O" white, "." */
};

static inline void naive_open(struct naive *naive, const struct game *game)
{
    *naive = (struct naive){.size = game->width,
                            .line = game_option_value(game, "line", 5),
                            .rules = game_option_value(game, "rules", GOMOKU_FREESTYLE)};
    naive->failed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static inline void naive_close(struct naive *naive)
{
    g_hash_table_destroy(naive->failed);
}

static inline void naive_set(struct naive *naive, const struct game *game, const struct position *position)
{
    for (int p = 0; p < game->points; p++)
        naive->board[p] = ".XO"[game->ops->stone(game, position, p)];
    naive->board[game->points] = 0;
}

static inline char naive_at(const struct naive *naive, int x, int y)
{
    return x < 0 || y < 0 || x >= naive->size || y >= naive->size ? '#' : naive->board[y * naive->size + x];
}

/* The number of stones of one side in an unbroken row from the point, which is not counted, in one direction. */
static inline int naive_run(const struct naive *naive, int point, int dx, int dy, char own)
{
    int x = point % naive->size, y = point / naive->size, n = 0;
    while (naive_at(naive, x + (n + 1) * dx, y + (n + 1) * dy) == own)
        n++;
    return n;
}

static inline bool naive_row_wins(const struct naive *naive, int point, int dx, int dy, char own)
{
    int up = naive_run(naive, point, dx, dy, own), down = naive_run(naive, point, -dx, -dy, own), row = up + 1 + down;
    int x = point % naive->size, y = point / naive->size;
    char enemy = own == 'X' ? 'O' : 'X';
    bool closed = naive_at(naive, x + (up + 1) * dx, y + (up + 1) * dy) == enemy &&
                  naive_at(naive, x - (down + 1) * dx, y - (down + 1) * dy) == enemy;
    switch (naive->rules) {
    case GOMOKU_STANDARD:
        return row == naive->line;
    case GOMOKU_RENJU:
        return own == 'X' ? row == naive->line : row >= naive->line;
    case GOMOKU_CARO:
        return row > naive->line || (row == naive->line && !closed);
    case GOMOKU_CARO_EXACT:
        return row == naive->line && !closed;
    default:
        return row >= naive->line;
    }
}

/* Whether a stone on this empty point wins. */
static inline bool naive_wins_at(const struct naive *naive, int point, char own)
{
    return naive_row_wins(naive, point, 1, 0, own) || naive_row_wins(naive, point, 0, 1, own) ||
           naive_row_wins(naive, point, 1, 1, own) || naive_row_wins(naive, point, 1, -1, own);
}

static inline bool naive_legal(struct naive *naive, int point, char own)
{
    return naive->board[point] == '.' &&
           !(own == 'X' && naive->forbidden &&
             naive->forbidden(naive->board, naive->size, point % naive->size, point / naive->size));
}

/* A point where this side wins at once, or -1. */
static inline int naive_winning_point(const struct naive *naive, char own)
{
    for (int p = 0; p < naive->size * naive->size; p++)
        if (naive->board[p] == '.' && naive_wins_at(naive, p, own))
            return p;
    return -1;
}

/* Whether at least line - 2 own stones lie on a line with the point, none further than line - 1 away: without them a
 * stone there cannot make a four. */
static inline bool naive_near_stones(const struct naive *naive, int point, char own)
{
    static const int steps[4][2] = {{1, 0}, {0, 1}, {1, 1}, {1, -1}};
    int x = point % naive->size, y = point / naive->size;
    for (int d = 0; d < 4; d++) {
        int stones = 0;
        for (int i = 1 - naive->line; i < naive->line; i++)
            stones += i && naive_at(naive, x + i * steps[d][0], y + i * steps[d][1]) == own;
        if (stones >= naive->line - 2)
            return true;
    }
    return false;
}

static inline bool naive_wins_by_fours(struct naive *naive, char own, int depth);

/* Whether `own` wins within so many more fours after every reply of the other side, which has at least one. */
static inline bool naive_replies_lose(struct naive *naive, char own, int depth)
{
    char other = own == 'X' ? 'O' : 'X';
    bool any = false;
    for (int p = 0; p < naive->size * naive->size; p++) {
        if (naive->board[p] != '.' || (naive->few_replies && !naive_wins_at(naive, p, own)) ||
            !naive_legal(naive, p, other))
            continue;
        any = true;
        naive->board[p] = other;
        bool wins = naive_wins_by_fours(naive, own, depth);
        naive->board[p] = '.';
        if (!wins)
            return false;
    }
    return any;
}

/* Whether the stone just put on the board is a four that wins: the other side cannot win at once, and loses with every
 * reply. */
static inline bool naive_four_wins(struct naive *naive, char own, int depth)
{
    return naive_winning_point(naive, own) >= 0 && naive_winning_point(naive, own == 'X' ? 'O' : 'X') < 0 &&
           naive_replies_lose(naive, own, depth - 1);
}

/* Whether `own`, to move, makes a winning line after at most `depth` fours, against every defence. */
static inline bool naive_wins_by_fours(struct naive *naive, char own, int depth)
{
    if (naive_winning_point(naive, own) >= 0)
        return true;
    if (depth == 0 || naive->spent)
        return false;
    char *key = g_strdup_printf("%c%s", own, naive->board);
    bool known = GPOINTER_TO_INT(g_hash_table_lookup(naive->failed, key)) > depth;
    if (!known && naive->left-- <= 0)
        naive->spent = true;
    bool wins = false;
    for (int p = 0; p < naive->size * naive->size && !wins && !known && !naive->spent; p++) {
        if (naive->board[p] != '.' || !naive_near_stones(naive, p, own) || !naive_legal(naive, p, own))
            continue;
        naive->board[p] = own;
        wins = naive_four_wins(naive, own, depth);
        naive->board[p] = '.';
    }
    if (wins || known || naive->spent)
        g_free(key);
    else
        g_hash_table_replace(naive->failed, key, GINT_TO_POINTER(depth + 1));
    return wins;
}

/* The smallest number of fours, at most `most`, with which `own`, to move, wins (0: a winning line at once); -1 if there
 * is none, -2 if `budget` positions do not suffice to know. */
static inline int naive_least_fours(struct naive *naive, char own, int most, long budget)
{
    naive->left = budget;
    naive->spent = false;
    g_hash_table_remove_all(naive->failed);
    for (int depth = 0; depth <= most; depth++) {
        if (naive_wins_by_fours(naive, own, depth))
            return depth;
        if (naive->spent)
            return -2;
    }
    return -1;
}

#endif
