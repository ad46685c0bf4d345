/* Renju's forbidden points: drawings with known results, and random positions against the naive implementation. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "games/game.h"
#include "games/gomoku/gomoku.h"
#include "tests/games/gomoku/naive_renju.h"

enum { SIZE = 15, POINTS = SIZE * SIZE };

static struct game renju(void)
{
    struct game game;
    cr_assert(game_parse(&game, "gomoku:15,rules=renju", NULL));
    return game;
}

struct drawing {
    char name[120], source[120];
    int at_x, at_y, rows;
    char marks[POINTS + 1]; /* of the whole board */
};

static void begin(struct drawing *drawing)
{
    *drawing = (struct drawing){.at_x = 4, .at_y = 4};
    memset(drawing->marks, '.', POINTS);
}

static void add_row(struct drawing *drawing, const char *row)
{
    int y = drawing->at_y + drawing->rows++;
    for (int x = drawing->at_x; *row; row++, x++) {
        cr_assert(x < SIZE && y < SIZE && strchr("XO.4365a", *row), "%s: row \"%s\"", drawing->name, row);
        drawing->marks[y * SIZE + x] = *row;
    }
}

static enum gomoku_forbidden wanted(char mark)
{
    return mark == '4'   ? GOMOKU_DOUBLE_FOUR
           : mark == '3' ? GOMOKU_DOUBLE_THREE
           : mark == '6' ? GOMOKU_OVERLINE
                         : GOMOKU_ALLOWED;
}

/* Checks the result for a stone on p, by gomoku_forbidden_kind and by playing it. */
static void check_point(const struct game *game, const union any_position *position, const struct drawing *drawing,
                        int p, char mark)
{
    enum gomoku_forbidden kind = gomoku_forbidden_kind(game, &position->p, p);
    int x = p % SIZE, y = p / SIZE;
    cr_assert_eq(kind, wanted(mark), "%s: (%d,%d) drawn '%c', is of kind %d", drawing->name, x, y, mark, kind);
    cr_assert_eq(game->ops->legal(game, &position->p, NULL, (game_move)p), kind == GOMOKU_ALLOWED, "%s: (%d,%d)",
                 drawing->name, x, y);
    if (kind != GOMOKU_ALLOWED)
        return;
    union any_position after = *position;
    game_play(game, &after.p, NULL, (game_move)p);
    cr_assert_eq(after.p.outcome == GAME_WON_0, mark == '5', "%s: (%d,%d)", drawing->name, x, y);
}

static void check_drawing(const struct game *game, const struct drawing *drawing)
{
    for (int symmetry = 0; symmetry < GAME_SYMMETRIES; symmetry++) {
        char marks[POINTS + 1] = {0}, stones[POINTS + 1] = {0};
        for (int p = 0; p < POINTS; p++) {
            int to = game_symmetry_point(game, symmetry, p);
            marks[to] = drawing->marks[p];
            stones[to] = strchr("XO", marks[to]) ? marks[to] : '.';
        }
        union any_position position;
        cr_assert(game_set_up_drawing(game, &position.p, stones, GAME_BLACK, NULL));
        cr_assert(!game_over(&position.p), "%s", drawing->name);
        for (int p = 0; p < POINTS; p++) {
            if (stones[p] != '.')
                continue;
            check_point(game, &position, drawing, p, marks[p]);
            cr_assert_eq(naive_renju_kind(stones, SIZE, p % SIZE, p / SIZE), wanted(marks[p]), "%s: naive at (%d,%d)",
                         drawing->name, p % SIZE, p / SIZE);
        }
    }
}

/* Reads one line: a heading of a case, or a row of its drawing. */
static void read_line(struct drawing *drawing, const char *line)
{
    if (g_str_has_prefix(line, "case: "))
        g_strlcpy(drawing->name, line + 6, sizeof drawing->name);
    else if (g_str_has_prefix(line, "source: "))
        g_strlcpy(drawing->source, line + 8, sizeof drawing->source);
    else if (g_str_has_prefix(line, "at: "))
        cr_assert_eq(sscanf(line, "at: %d %d", &drawing->at_x, &drawing->at_y), 2, "%s", line);
    else
        add_row(drawing, line);
}

Test(renju, drawn_cases)
{
    struct game game = renju();
    char *text;
    cr_assert(g_file_get_contents(TESTS_DIR "/games/gomoku/data/renju_cases.txt", &text, NULL, NULL));
    char **lines = g_strsplit(text, "\n", -1);
    struct drawing drawing;
    int cases = 0;
    begin(&drawing);
    for (int i = 0; lines[i]; i++) {
        if (lines[i][0] == '#')
            continue;
        if (lines[i][0]) {
            read_line(&drawing, lines[i]);
            continue; /* the empty line after the last line break */
        }
        if (drawing.rows) {
            cr_assert(drawing.name[0] && drawing.source[0], "case %d lacks its name or source", cases + 1);
            check_drawing(&game, &drawing);
            cases++;
        }
        begin(&drawing);
    }
    cr_assert_geq(cases, 60, "%d cases", cases);
    g_strfreev(lines);
    g_free(text);
}

/* Stones in a small square, so that lines cross; stones that would make five or more are omitted. */
static void scatter_stones(struct rng *rng, char *board)
{
    int width = 6 + (int)rng_below(rng, 5), x0 = (int)rng_below(rng, (uint32_t)(SIZE - width + 1)),
        y0 = (int)rng_below(rng, (uint32_t)(SIZE - width + 1)), stones = 8 + (int)rng_below(rng, 40);
    memset(board, '.', POINTS);
    for (int i = 0; i < stones; i++) {
        int x = x0 + (int)rng_below(rng, (uint32_t)width), y = y0 + (int)rng_below(rng, (uint32_t)width);
        char *at = &board[y * SIZE + x];
        if (*at != '.')
            continue;
        *at = rng_below(rng, 4) ? 'X' : 'O';
        for (int dx = -1; dx <= 1 && *at == 'X'; dx++)
            for (int dy = -1; dy <= 1 && *at == 'X'; dy++) {
                int run = 1;
                for (int side = -1; (dx || dy) && side <= 1; side += 2)
                    for (int j = 1; j < SIZE; j++) {
                        int px = x + side * j * dx, py = y + side * j * dy;
                        if (px < 0 || py < 0 || px >= SIZE || py >= SIZE || board[py * SIZE + px] != 'X')
                            break;
                        run++;
                    }
                if (run >= 5)
                    *at = '.';
            }
    }
}

Test(renju, random_positions_against_naive)
{
    struct game game = renju();
    struct rng rng;
    rng_seed(&rng, 5);
    int kinds[4] = {0};
    for (int i = 0; i < 1500; i++) {
        char board[POINTS + 1] = {0};
        union any_position position;
        scatter_stones(&rng, board);
        cr_assert(game_set_up_drawing(&game, &position.p, board, GAME_BLACK, NULL));
        for (int p = 0; p < POINTS; p++) {
            if (board[p] != '.')
                continue;
            enum gomoku_forbidden naive = naive_renju_kind(board, SIZE, p % SIZE, p / SIZE);
            kinds[naive]++;
            cr_assert_eq(gomoku_forbidden_kind(&game, &position.p, p), naive, "position %d, point %d:\n%s", i, p,
                         board);
        }
    }
    cr_assert(kinds[GOMOKU_DOUBLE_FOUR] > 100 && kinds[GOMOKU_DOUBLE_THREE] > 100 && kinds[GOMOKU_OVERLINE] > 100);
}
