/* Reversi: known perft counts, rule cases as drawings, and a naive second board. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "tests/games/common.h"

static uint64_t perft(const struct game *game, const struct position *position, int depth)
{
    game_move moves[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, NULL, moves);
    if (depth == 1)
        return (uint64_t)count;
    uint64_t sum = 0;
    for (int i = 0; i < count; i++) {
        union any_position next;
        game_copy(game, &next.p, position);
        game_play(game, &next.p, NULL, moves[i]);
        sum += perft(game, &next.p, depth - 1);
    }
    return sum;
}

/* From the initial position on 8x8; a pass is a move. These counts are widely published. */
Test(reversi, perft_counts)
{
    static const uint64_t known[] = {4, 12, 56, 244, 1396, 8200, 55092, 390216, 3005288};
    struct game game = parse("reversi:8");
    union any_position start;
    game_init(&game, &start.p);
    for (size_t depth = 1; depth <= G_N_ELEMENTS(known); depth++)
        cr_assert_eq(perft(&game, &start.p, (int)depth), known[depth - 1], "depth %zu", depth);
}

Test(reversi, sizes)
{
    struct game game;
    GError *error = NULL;
    for (int size = 3; size <= 10; size++) {
        char spec[16];
        g_snprintf(spec, sizeof spec, "reversi:%d", size);
        cr_assert_eq(game_parse(&game, spec, NULL), size == 4 || size == 6 || size == 8, "%s", spec);
        cr_assert(!game.ops || (game.max_plies == 2 * size * size && game.has_score && game.has_draws));
    }
    cr_assert(!game_parse(&game, "reversi:5", &error) && strstr(error->message, "even"));
    g_clear_error(&error);
    cr_assert(!game_parse(&game, "reversi:10", &error) && strstr(error->message, "4 to 8"));
    g_clear_error(&error);
    cr_assert(!game_parse(&game, "reversi:8x6", &error));
    g_clear_error(&error);
}

/* ---- drawings ---- */

static void expect_drawing(const struct game *game, const struct position *position, const char *drawing)
{
    union any_position wanted;
    draw(game, &wanted, drawing, GAME_BLACK);
    for (int p = 0; p < game->points; p++) {
        char text[GAME_MOVE_TEXT_MAX];
        cr_assert_eq(game->ops->stone(game, position, p), game->ops->stone(game, &wanted.p, p), "%s",
                     game_move_format(game, (game_move)p, text));
    }
}

static void move(const struct game *game, struct position *position, const char *text)
{
    cr_assert(game_try(game, position, NULL, game_move_parse(game, text)), "%s cannot be played", text);
}

Test(reversi, discs_are_flipped_in_every_direction)
{
    struct game game = parse("reversi:8");
    union any_position at;
    draw(&game, &at,
         "X..X..X.\n"
         ".O.O.O..\n"
         "..OOO...\n"
         "XOO.OOOX\n"
         "..OOO...\n"
         ".O.O.O..\n"
         "X..O..X.\n"
         "...X....\n",
         GAME_BLACK);
    move(&game, &at.p, "D5");
    expect_drawing(&game, &at.p,
                   "X..X..X.\n"
                   ".X.X.X..\n"
                   "..XXX...\n"
                   "XXXXXXXX\n"
                   "..XXX...\n"
                   ".X.X.X..\n"
                   "X..X..X.\n"
                   "...X....\n");
}

Test(reversi, rows_that_are_not_bracketed_stay)
{
    struct game game = parse("reversi:6");
    union any_position at;
    /* The row to the right ends at the edge, the one downwards at an empty cell, the one to the left at an own disc. */
    draw(&game, &at,
         "XO.OOO\n"
         "..O...\n"
         "......\n"
         "......\n"
         "......\n"
         "......\n",
         GAME_BLACK);
    move(&game, &at.p, "C6");
    expect_drawing(&game, &at.p,
                   "XXXOOO\n"
                   "..O...\n"
                   "......\n"
                   "......\n"
                   "......\n"
                   "......\n");
}

/* Neither rows nor adjacency wrap around the edge. */
Test(reversi, rows_do_not_wrap)
{
    static const char *const specs[] = {"reversi:4", "reversi:8"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game = parse(specs[i]);
        union any_position at;
        uint8_t stones[GAME_MAX_POINTS] = {0};
        game_init(&game, &at.p);
        stones[game.width - 2] = GAME_BLACK;
        stones[game.width - 1] = GAME_WHITE; /* and the first cell of the next row is empty */
        cr_assert(game_set_up(&game, &at.p, stones, GAME_BLACK, NULL));
        cr_assert(!game.ops->legal(&game, &at.p, NULL, (game_move)game.width));
    }
}

Test(reversi, a_pass_is_legal_only_without_another_move)
{
    struct game game = parse("reversi:4");
    union any_position at;
    draw(&game, &at,
         "XO..\n"
         "....\n"
         "....\n"
         "....\n",
         GAME_WHITE);
    cr_assert(!game_over(&at.p));
    game_move moves[GAME_MAX_MOVES];
    cr_assert_eq(game.ops->legal_moves(&game, &at.p, NULL, moves), 1);
    cr_assert_eq(moves[0], game.pass);
    move(&game, &at.p, "pass");
    cr_assert(!game.ops->legal(&game, &at.p, NULL, game.pass), "black has a move");
    move(&game, &at.p, "C4");
    cr_assert(game_over(&at.p), "white has no disc left");
    struct game_result result = game_result(&game, &at.p);
    cr_assert(result.outcome == GAME_WON_0 && result.margin == 3 && result.over);
}

Test(reversi, a_full_board_is_counted)
{
    struct game game = parse("reversi:4");
    union any_position at;
    draw(&game, &at,
         "XXXX\n"
         "XXXX\n"
         "OOOO\n"
         "OOO.\n",
         GAME_WHITE);
    cr_assert(!game_over(&at.p), "black takes the last cell");
    move(&game, &at.p, "pass");
    move(&game, &at.p, "D1");
    struct game_result result = game_result(&game, &at.p);
    int8_t map[GAME_MAX_POINTS];
    int sum = 0;
    game.ops->final_map(&game, &at.p, map);
    for (int p = 0; p < game.points; p++)
        sum += map[p];
    cr_assert(result.over && result.margin == (float)sum);
    cr_assert_eq(game.ops->tally(&game, &at.p, 0) - game.ops->tally(&game, &at.p, 1), sum);
}

/* ---- a naive second board: cells, and a walk in each direction ---- */

struct naive {
    int size;
    char cells[10][10]; /* ' ' around the board, '.', 'X', 'O' */
};

static int naive_turn(struct naive *n, int x, int y, char own, bool really)
{
    int turned = 0;
    for (int dx = -1; dx <= 1; dx++)
        for (int dy = -1; dy <= 1; dy++) {
            int k = 1;
            while ((dx || dy) && n->cells[y + k * dy][x + k * dx] == (own == 'X' ? 'O' : 'X'))
                k++;
            if (k == 1 || n->cells[y + k * dy][x + k * dx] != own)
                continue;
            turned += k - 1;
            while (really && --k > 0)
                n->cells[y + k * dy][x + k * dx] = own;
        }
    return turned;
}

static bool naive_legal(struct naive *n, int point, char own)
{
    int x = point % n->size + 1, y = point / n->size + 1;
    return n->cells[y][x] == '.' && naive_turn(n, x, y, own, false) > 0;
}

static bool naive_stuck(struct naive *n, char own)
{
    for (int p = 0; p < n->size * n->size; p++)
        if (naive_legal(n, p, own))
            return false;
    return true;
}

static void naive_start(struct naive *n, int size)
{
    memset(n, ' ', sizeof *n);
    n->size = size;
    for (int y = 1; y <= size; y++)
        memset(&n->cells[y][1], '.', (size_t)size);
    n->cells[size / 2][size / 2] = n->cells[size / 2 + 1][size / 2 + 1] = 'O';
    n->cells[size / 2][size / 2 + 1] = n->cells[size / 2 + 1][size / 2] = 'X';
}

/* The result of the position as it stands, and what depends on it. */
static void compare_count(const struct game *game, const struct position *position, const struct naive *n)
{
    struct game_result result = game_result(game, position);
    int8_t map[GAME_MAX_POINTS];
    int discs[2] = {0};
    game->ops->final_map(game, position, map);
    for (int p = 0; p < game->points; p++) {
        char there = n->cells[p / n->size + 1][p % n->size + 1];
        discs[0] += there == 'X';
        discs[1] += there == 'O';
        cr_assert_eq(map[p], (there == 'X') - (there == 'O'));
    }
    int margin = discs[0] - discs[1];
    cr_assert_eq(result.margin, (float)margin);
    cr_assert_eq(result.outcome, margin > 0 ? GAME_WON_0 : margin < 0 ? GAME_WON_1 : GAME_DRAWN);
    cr_assert_eq(result.over, game_over(position));
    for (int player = 0; player < 2; player++)
        cr_assert_eq(game->ops->tally(game, position, player), discs[player]);
}

static void compare_game(const struct game *game, struct rng *rng)
{
    struct naive n;
    union any_position at;
    naive_start(&n, game->width);
    game_init(game, &at.p);
    for (;;) {
        char own = at.p.colour == GAME_BLACK ? 'X' : 'O', other = own == 'X' ? 'O' : 'X';
        bool stuck = naive_stuck(&n, own), over = stuck && naive_stuck(&n, other);
        cr_assert_eq(game_over(&at.p), over);
        for (int p = 0; p < game->points; p++) {
            cr_assert_eq(game->ops->legal(game, &at.p, NULL, (game_move)p), naive_legal(&n, p, own));
            cr_assert_eq(".XO"[game->ops->stone(game, &at.p, p)], n.cells[p / n.size + 1][p % n.size + 1]);
        }
        cr_assert_eq(game->ops->legal(game, &at.p, NULL, game->pass), stuck && !over);
        compare_count(game, &at.p, &n);
        if (over)
            return;
        game_move moves[GAME_MAX_MOVES];
        game_move chosen = moves[rng_below(rng, (uint32_t)game->ops->legal_moves(game, &at.p, NULL, moves))];
        game_play(game, &at.p, NULL, chosen);
        if (chosen == game->pass)
            continue;
        int x = chosen % n.size + 1, y = chosen / n.size + 1;
        naive_turn(&n, x, y, own, true);
        n.cells[y][x] = own;
    }
}

Test(reversi, agrees_with_a_naive_board)
{
    static const char *const specs[] = {"reversi:4", "reversi:6", "reversi:8"};
    struct rng rng;
    rng_seed(&rng, 64);
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game = parse(specs[i]);
        for (int games = 0; games < 500; games++)
            compare_game(&game, &rng);
    }
}
