#include "tests/games/gomoku/naive_renju.h"

static const int directions[4][2] = {{1, 0}, {0, 1}, {1, 1}, {1, -1}};

static char get(const char *board, int size, int x, int y)
{
    return x < 0 || y < 0 || x >= size || y >= size ? '#' : board[y * size + x];
}

/* The length of the run of black stones through (x, y). */
static int row_length(const char *board, int size, int x, int y, const int step[2])
{
    int length = 1;
    for (int side = -1; side <= 1; side += 2)
        for (int i = 1; get(board, size, x + side * i * step[0], y + side * i * step[1]) == 'X'; i++)
            length++;
    return length;
}

bool naive_renju_five(char *board, int size, int x, int y)
{
    bool five = false;
    for (int d = 0; d < 4; d++)
        five |= row_length(board, size, x, y, directions[d]) == 5;
    return five;
}

/* Fours are different if they consist of different stones: each is identified by the set of its points among the nine
 * around the new stone. */
static int count_fours(char *board, int size, int x, int y, const int step[2])
{
    bool seen[512] = {false};
    int fours = 0;
    for (int from = -4; from <= 0; from++) {
        int stones = 0, set = 0, gap = 0;
        for (int i = from; i < from + 5; i++) {
            char c = get(board, size, x + i * step[0], y + i * step[1]);
            if (c == 'X')
                stones++, set |= 1 << (i + 4);
            else if (c == '.')
                gap = i;
            else
                stones = -9;
        }
        if (stones != 4 || seen[set] || row_length(board, size, x + gap * step[0], y + gap * step[1], step) != 5)
            continue;
        seen[set] = true;
        fours++;
    }
    return fours;
}

/* Whether there is an unbroken row of four from `from` that a stone at either end makes exactly five. */
static bool straight_four(const char *board, int size, int x, int y, const int step[2], int from)
{
    for (int i = from; i < from + 4; i++)
        if (get(board, size, x + i * step[0], y + i * step[1]) != 'X')
            return false;
    for (int i = from - 1; i <= from + 4; i += 5) {
        int ex = x + i * step[0], ey = y + i * step[1];
        if (get(board, size, ex, ey) != '.' || row_length(board, size, ex, ey, step) != 5)
            return false;
    }
    return true;
}

static bool has_three(char *board, int size, int x, int y, const int step[2])
{
    for (int from = -3; from <= 0; from++)
        for (int i = from; i < from + 4; i++) {
            int rx = x + i * step[0], ry = y + i * step[1];
            if (get(board, size, rx, ry) != '.')
                continue;
            board[ry * size + rx] = 'X';
            bool straight = straight_four(board, size, x, y, step, from);
            board[ry * size + rx] = '.';
            if (straight && !naive_renju_five(board, size, rx, ry) &&
                naive_renju_kind(board, size, rx, ry) == GOMOKU_ALLOWED)
                return true;
        }
    return false;
}

enum gomoku_forbidden naive_renju_kind(char *board, int size, int x, int y)
{
    if (naive_renju_five(board, size, x, y))
        return GOMOKU_ALLOWED;
    int fours = 0, threes = 0, longest = 0;
    board[y * size + x] = 'X';
    for (int d = 0; d < 4; d++) {
        int length = row_length(board, size, x, y, directions[d]);
        longest = length > longest ? length : longest;
        fours += count_fours(board, size, x, y, directions[d]);
    }
    for (int d = 0; d < 4 && fours < 2; d++)
        threes += has_three(board, size, x, y, directions[d]);
    board[y * size + x] = '.';
    return fours >= 2    ? GOMOKU_DOUBLE_FOUR
           : threes >= 2 ? GOMOKU_DOUBLE_THREE
           : longest > 5 ? GOMOKU_OVERLINE
                         : GOMOKU_ALLOWED;
}
