/* The features "reversi-v1", point by point; set-up and refusals. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "tests/games/common.h"

enum { ONES, OWN, OTHER, LEGAL, OTHER_LEGAL, LAST, PLANES = LAST + 2 };
enum { FILLED, MUST_PASS, PASSED, SIZE, GLOBALS };

/* Whether `colour` could play on a point, were it to move. */
static bool could_play(const struct game *game, const struct position *position, enum game_colour colour, int p)
{
    union any_position other;
    game_copy(game, &other.p, position);
    game_set_to_move(game, &other.p, colour);
    return game->ops->legal(game, &other.p, NULL, (game_move)p);
}

static void compare_features(const struct game *game, const struct position *position, int symmetry)
{
    float planes[GAME_MAX_PLANES * 64], globals[GAME_MAX_GLOBALS];
    enum game_colour own = (enum game_colour)position->colour, other = (enum game_colour)game_other(own);
    int discs = 0, moves = 0;
    game_encode(game, game_features_find(game, "reversi-v1"), position, NULL, symmetry, planes, globals);
    for (int p = 0; p < game->points; p++) {
        enum game_colour there = game->ops->stone(game, position, p);
        bool wanted[PLANES] = {true,
                               there == own,
                               there == other,
                               could_play(game, position, own, p),
                               could_play(game, position, other, p),
                               position->recent[0] == p,
                               position->recent[1] == p};
        discs += there != GAME_EMPTY;
        moves += wanted[LEGAL];
        for (int plane = 0; plane < PLANES; plane++)
            cr_assert_eq(planes[plane * game->points + game_symmetry_point(game, symmetry, p)], (float)wanted[plane],
                         "ply %d, plane %d, point %d", position->ply, plane, p);
    }
    cr_assert_float_eq(globals[FILLED], (double)discs / game->points, 1e-6);
    cr_assert_eq(globals[MUST_PASS], (float)(moves == 0));
    cr_assert_eq(globals[PASSED], (float)(position->recent[0] == game->pass));
    cr_assert_float_eq(globals[SIZE], game->width / 8.0, 1e-6);
}

Test(reversi_features, planes_agree_with_the_game)
{
    static const char *const specs[] = {"reversi:4", "reversi:6", "reversi:8"};
    struct rng rng;
    int passes = 0;
    rng_seed(&rng, 21);
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game = parse(specs[i]);
        const struct game_features *features = game_features_newest(&game);
        cr_assert(features->planes == PLANES && features->globals == GLOBALS);
        for (int round = 0; round < 20; round++) {
            union any_position position;
            game_init(&game, &position.p);
            while (!game_over(&position.p)) {
                compare_features(&game, &position.p, position.p.ply % 8);
                game_play(&game, &position.p, NULL, random_move(&game, &position.p, NULL, &rng));
                passes += position.p.recent[0] == game.pass;
            }
            compare_features(&game, &position.p, round % 8);
        }
    }
    cr_assert_gt(passes, 10);
}

/* The initial position, an illegal pass, and set-up boards with the game already over. */
Test(reversi_features, set_up_and_refusals)
{
    struct game game = parse("reversi:4");
    union any_position position;
    game_init(&game, &position.p);
    for (int p = 0; p < 16; p++)
        cr_expect_eq(game.ops->stone(&game, &position.p, p), p == 5 || p == 10  ? GAME_WHITE
                                                             : p == 6 || p == 9 ? GAME_BLACK
                                                                                : GAME_EMPTY);
    cr_expect(position.p.colour == GAME_BLACK && position.p.player == 0 && position.p.ply == 0);
    const char *no_pass = game.ops->refusal(&game, &position.p, NULL, game.pass);
    const char *no_disc = game.ops->refusal(&game, &position.p, NULL, 0);
    cr_expect(strstr(no_pass, "pass") && strstr(no_disc, "at least one disc"));
    static const struct {
        const char *drawing;
        enum game_outcome outcome;
    } boards[] = {
        {"XXXX XXXX OOOO OOOO", GAME_DRAWN},   {"XXXX XXXX XOOO OOOO", GAME_WON_0},
        {"XXXX XXXO OOOO OOOO", GAME_WON_1},   {"X... .... .... ...O", GAME_DRAWN},
        {"X... .... .... ..OO", GAME_WON_1},   {".... .... .... ....", GAME_DRAWN},
        {"XO.. .... .... ....", GAME_ONGOING}, {"OX.. .... .... ....", GAME_ONGOING},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(boards); i++)
        for (enum game_colour colour = GAME_BLACK; colour <= GAME_WHITE; colour++) {
            draw(&game, &position, boards[i].drawing, colour);
            cr_expect_eq(position.p.outcome, boards[i].outcome, "%s: %d", boards[i].drawing, position.p.outcome);
            cr_expect(position.p.colour == colour && position.p.player == (colour == GAME_WHITE));
        }
}
