/* Connect Four against a naive board of characters, on every shape: moves, rows of four, results, features. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "tests/games/common.h"

enum { ONES, FLOOR, OWN, OTHER, LEGAL, LAST, PLANES };
enum { FILLED, WIDTH, HEIGHT, GLOBALS };

struct naive {
    int width, height;
    char cells[7][8]; /* row 0 at the top */
};

static char cell(const struct naive *n, int x, int y)
{
    return x < 0 || y < 0 || x >= n->width || y >= n->height ? '#' : n->cells[y][x];
}

/* Whether the disc is part of a row of four. */
static bool in_row(const struct naive *n, int x, int y)
{
    static const int steps[4][2] = {{1, 0}, {0, 1}, {1, 1}, {1, -1}};
    for (int d = 0; d < 4; d++) {
        int length = 1;
        for (int side = -1; side <= 1; side += 2)
            for (int i = 1; cell(n, x + side * i * steps[d][0], y + side * i * steps[d][1]) == n->cells[y][x]; i++)
                length++;
        if (n->cells[y][x] != '.' && length >= 4)
            return true;
    }
    return false;
}

static bool may_fall(const struct naive *n, int x, int y)
{
    return n->cells[y][x] == '.' && (y == n->height - 1 || n->cells[y + 1][x] != '.');
}

/* Compares everything that the game reports about a position; returns its outcome. */
static enum game_outcome compare(const struct game *game, const struct position *position, const struct naive *n)
{
    float planes[PLANES * 56], globals[GLOBALS];
    int8_t map[GAME_MAX_POINTS];
    int discs = 0, symmetry = position->ply % 2;
    enum game_outcome outcome = GAME_ONGOING;
    const char own = ".XO"[position->colour], other = ".OX"[position->colour];
    for (int p = 0; p < game->points; p++) {
        char there = n->cells[p / n->width][p % n->width];
        discs += there != '.';
        if (in_row(n, p % n->width, p / n->width))
            outcome = there == 'X' ? GAME_WON_0 : GAME_WON_1;
    }
    if (discs == game->points && outcome == GAME_ONGOING)
        outcome = GAME_DRAWN;
    cr_assert_eq(position->outcome, outcome);
    game->ops->final_map(game, position, map);
    game_encode(game, game_features_find(game, "connect4-v1"), position, NULL, symmetry, planes, globals);
    for (int p = 0; p < game->points; p++) {
        int x = p % n->width, y = p / n->width, to = game_symmetry_point(game, symmetry, p);
        char there = n->cells[y][x];
        bool legal = outcome == GAME_ONGOING && may_fall(n, x, y);
        bool wanted[PLANES] = {true, y == n->height - 1, there == own, there == other, legal, position->recent[0] == p};
        cr_assert_eq(".XO"[game->ops->stone(game, position, p)], there);
        cr_assert_eq(game->ops->legal(game, position, NULL, (game_move)p), legal);
        cr_assert_eq(map[p], in_row(n, x, y) ? (there == 'X' ? 1 : -1) : 0);
        for (int plane = 0; plane < PLANES; plane++)
            cr_assert_eq(planes[plane * game->points + to], (float)wanted[plane], "ply %d, plane %d, point %d",
                         position->ply, plane, p);
    }
    cr_assert_float_eq(globals[FILLED], (double)discs / game->points, 1e-6);
    cr_assert_float_eq(globals[WIDTH], game->width / 8.0, 1e-6);
    cr_assert_float_eq(globals[HEIGHT], game->height / 8.0, 1e-6);
    return outcome;
}

static void compare_game(const struct game *game, struct rng *rng, int *ended)
{
    struct naive n = {.width = game->width, .height = game->height};
    union any_position position;
    memset(n.cells, '.', sizeof n.cells);
    game_init(game, &position.p);
    enum game_outcome outcome = compare(game, &position.p, &n);
    while (outcome == GAME_ONGOING) {
        game_move move = random_move(game, &position.p, NULL, rng);
        n.cells[move / n.width][move % n.width] = ".XO"[position.p.colour];
        game_play(game, &position.p, NULL, move);
        outcome = compare(game, &position.p, &n);
    }
    struct game_result result = game_result(game, &position.p);
    cr_assert(result.over && result.outcome == outcome && result.margin == 0);
    ended[outcome]++;
}

Test(connect4, agrees_with_a_naive_board_on_every_shape)
{
    struct rng rng;
    int ended[4] = {0};
    rng_seed(&rng, 4);
    for (int width = 3; width <= 9; width++)
        for (int height = 3; height <= 8; height++) {
            char spec[20];
            struct game game;
            g_snprintf(spec, sizeof spec, "connect4:%dx%d", width, height);
            bool wanted = width >= 4 && width <= 8 && height >= 4 && height <= 7;
            cr_assert_eq(game_parse(&game, spec, NULL), wanted, "%s", spec);
            if (!wanted)
                continue;
            cr_assert(game.max_plies == width * height && game.has_draws && !game.has_score);
            cr_assert(game_features_newest(&game)->planes == PLANES && game_features_newest(&game)->globals == GLOBALS);
            for (int i = 0; i < 25; i++)
                compare_game(&game, &rng, ended);
        }
    cr_assert(ended[GAME_WON_0] > 100 && ended[GAME_WON_1] > 100 && ended[GAME_DRAWN] > 5);
}

/* Set-up boards with the game already over, and their disc counts. */
Test(connect4, set_up)
{
    struct game game = parse("connect4:4");
    static const struct {
        const char *drawing;
        enum game_outcome outcome;
        int discs;
    } boards[] = {
        {".... .... .... XXXX", GAME_WON_0, 4},   {"O... O... O... OXXX", GAME_WON_1, 7},
        {".... .... .... OXXX", GAME_ONGOING, 4}, {"XXOO OOXX XXOO OOXX", GAME_DRAWN, 16},
        {"X... OX.. OOX. OOOX", GAME_WON_0, 10},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(boards); i++)
        for (enum game_colour colour = GAME_BLACK; colour <= GAME_WHITE; colour++) {
            union any_position position;
            draw(&game, &position, boards[i].drawing, colour);
            cr_expect_eq(position.p.outcome, boards[i].outcome, "%s", boards[i].drawing);
            cr_expect_eq(position.p.ply, boards[i].discs);
            cr_expect(position.p.colour == colour && position.p.player == (colour == GAME_WHITE));
            cr_expect_null(game.ops->check(&game, &position.p));
        }
    union any_position position;
    game_init(&game, &position.p);
    struct game_result result = game_result(&game, &position.p);
    cr_expect(!result.over && result.outcome == GAME_DRAWN && result.margin == 0);
    cr_expect(strstr(game.ops->refusal(&game, &position.p, NULL, 0), "falls"));
}
