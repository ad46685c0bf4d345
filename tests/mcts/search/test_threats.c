/* Wins by threats at the root and in the tree. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "tests/mcts/fake.h"

/* Black's three at D6 E6 F6 is open: black to move makes a straight four at C6 or G6, and white to move can stop it at
 * these two points only, since a stone at B6 or H6 leaves room for the straight four on the other side. */
static const char open_three[] =
    "......... ......... ......... ...XXX... ......... ......... .O..O.... ......... .........";
static const char *const stops[] = {"C6", "G6"};

struct scene {
    struct game game;
    union any_position position;
    struct evaluator *evaluator;
    struct mcts *search;
};

static void open_scene_of(struct scene *scene, const char *spec, const char *drawing, enum game_colour colour,
                          struct mcts_config config)
{
    scene->game = fake_game(spec);
    cr_assert(game_set_up_drawing(&scene->game, &scene->position.p, drawing, colour, NULL));
    scene->evaluator = fake_create(&scene->game, 5, 1);
    scene->search = fake_search(&scene->game, &config, &scene->evaluator);
    mcts_set_root(scene->search, &scene->position.p, NULL);
}

static void open_scene(struct scene *scene, const char *drawing, enum game_colour colour, struct mcts_config config)
{
    open_scene_of(scene, "gomoku:9", drawing, colour, config);
}

static void close_scene(struct scene *scene)
{
    cr_assert_null(mcts_check(scene->search));
    mcts_close(scene->search);
    evaluator_free(scene->evaluator);
}

static struct mcts_config with_threats(enum mcts_selection selection, int threats)
{
    struct mcts_config config = mcts_defaults(selection);
    config.threats = threats;
    return config;
}

static game_move named(const struct scene *scene, const char *text)
{
    return game_move_parse(&scene->game, text);
}

static bool is_stop(const struct scene *scene, game_move move)
{
    bool found = false;
    for (size_t i = 0; i < G_N_ELEMENTS(stops); i++)
        found |= move == named(scene, stops[i]);
    return found;
}

Test(threats, own_win_is_played_at_once)
{
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        struct scene scene;
        struct mcts_root root;
        game_move line[8];
        int64_t visits[8];
        struct rng rng;
        rng_seed(&rng, 1);
        open_scene(&scene, open_three, GAME_BLACK, with_threats((enum mcts_selection)selection, 1));
        mcts_run(scene.search, &(struct mcts_limits){.visits = 500, .early_stop = true});
        mcts_root(scene.search, &root);
        game_move move = mcts_choose(scene.search, 0, NULL);
        cr_assert(root.proven == 1 && root.value == 1 && root.new_visits == 1);
        cr_assert(move == named(&scene, "C6") || move == named(&scene, "G6"));
        cr_assert_eq(mcts_choose(scene.search, 1, &rng), move);
        cr_assert_eq(fake_find(scene.search, move).proven, 1);
        cr_assert_eq(mcts_variation(scene.search, move, line, visits, 8), 3);
        cr_assert(line[0] == move && visits[0] == 1 && visits[2] == 0);
        cr_assert_eq(mcts_variation(scene.search, move, line, NULL, 2), 2);
        close_scene(&scene);
    }
}

/* Without early_stop the run goes on, and the win stays proven. */
Test(threats, analysis_goes_on)
{
    struct scene scene;
    struct mcts_root root;
    open_scene(&scene, open_three, GAME_BLACK, with_threats(MCTS_PUCT, 1));
    mcts_run(scene.search, &(struct mcts_limits){.visits = 50});
    mcts_root(scene.search, &root);
    cr_assert(root.proven == 1 && root.new_visits == 50);
    close_scene(&scene);
}

Test(threats, off_by_default)
{
    struct scene scene;
    struct mcts_root root;
    open_scene(&scene, open_three, GAME_BLACK, mcts_defaults(MCTS_PUCT));
    mcts_run(scene.search, &(struct mcts_limits){.visits = 5, .early_stop = true});
    mcts_root(scene.search, &root);
    cr_assert(root.proven == 0 && root.new_visits == 5);
    close_scene(&scene);
}

/* A winning move that mcts_allow excludes is not played; the other one is not found by this search of few visits. */
Test(threats, respects_the_mask)
{
    struct scene scene;
    uint8_t allowed[GAME_MAX_MOVES] = {0};
    open_scene(&scene, open_three, GAME_BLACK, with_threats(MCTS_PUCT, 1));
    allowed[named(&scene, "A1")] = allowed[named(&scene, "J1")] = 1;
    for (int i = 0; i < 2; i++) {
        mcts_allow(scene.search, allowed);
        mcts_run(scene.search, &(struct mcts_limits){.visits = 10, .early_stop = true});
        cr_assert(allowed[mcts_choose(scene.search, 0, NULL)]);
        mcts_allow(scene.search, NULL);
        mcts_run(scene.search, &(struct mcts_limits){.visits = 10, .early_stop = true});
        cr_assert(!allowed[mcts_choose(scene.search, 0, NULL)]);
    }
    close_scene(&scene);
}

/* White to move considers only what stops the three. */
Test(threats, only_defences_are_searched)
{
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        struct scene scene;
        struct mcts_move moves[GAME_MAX_MOVES];
        open_scene(&scene, open_three, GAME_WHITE, with_threats((enum mcts_selection)selection, 1));
        mcts_run(scene.search, &(struct mcts_limits){.visits = 64});
        cr_assert(is_stop(&scene, mcts_choose(scene.search, 0, NULL)));
        int count = mcts_moves(scene.search, moves, GAME_MAX_MOVES), visited = 0;
        for (int i = 0; i < count; i++) {
            visited += moves[i].visits > 0;
            cr_assert(!moves[i].visits || is_stop(&scene, moves[i].move), "move %d was searched", moves[i].move);
        }
        cr_assert_eq(visited, (int)G_N_ELEMENTS(stops));
        close_scene(&scene);
    }
}

/* White has three quiet defences against black's fours, and nine fours of its own to begin with. After two of these, and
 * black's forced replies, the naive search of tests/games/gomoku finds only further fours, so they are left out. */
Test(threats, forcing_moves_that_only_put_off)
{
    static const char drawing[] = ".....X......... ...XO...O...... ..........X.... ......X........ .....OO...X.... "
                                  ".....O......... .......X...XX.. "
                                  ".........X..... ...O.OXOOO.XXO. ...O.X..X..OX.. .........XO.OO. ..O.....O.X.XO. "
                                  ".......OOX.OXX. ..........OXX.. "
                                  ".............X.";
    static const char *const good[] = {"O9", "N8", "L6", "M5", "F8", "K4", "O8", "F9", "L7", "P3"};
    struct scene scene;
    struct mcts_move moves[GAME_MAX_MOVES];
    open_scene_of(&scene, "gomoku:15", drawing, GAME_WHITE, with_threats(MCTS_PUCT, 1));
    mcts_run(scene.search, &(struct mcts_limits){.visits = 2000});
    int count = mcts_moves(scene.search, moves, GAME_MAX_MOVES), visited = 0;
    for (int i = 0; i < count; i++)
        visited += moves[i].visits > 0;
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
        cr_assert_gt(fake_find(scene.search, named(&scene, good[i])).visits, 0, "%s", good[i]);
    cr_assert_eq(visited, (int)G_N_ELEMENTS(good));
    close_scene(&scene);
}

/* Black makes an open three. White's replies that do not stop it are proven to lose as soon as they are expanded. */
Test(threats, proofs_in_the_tree)
{
    static const char two[] =
        "......... ......... ......... ...XX.... ......... ......... .O..O.... ......... .........";
    int lost[2] = {0};
    for (int threats = 0; threats < 2; threats++) {
        struct scene scene;
        struct mcts_move moves[GAME_MAX_MOVES];
        uint8_t allowed[GAME_MAX_MOVES] = {0};
        open_scene(&scene, two, GAME_BLACK, with_threats(MCTS_PUCT, threats));
        allowed[named(&scene, "F6")] = 1;
        mcts_allow(scene.search, allowed);
        mcts_run(scene.search, &(struct mcts_limits){.visits = 300});
        mcts_allow(scene.search, NULL);
        mcts_advance(scene.search, named(&scene, "F6"));
        mcts_run(scene.search, &(struct mcts_limits){.visits = 1});
        int count = mcts_moves(scene.search, moves, GAME_MAX_MOVES);
        for (int i = 0; i < count; i++) {
            lost[threats] += moves[i].proven < 0;
            cr_assert(!(moves[i].proven < 0 && is_stop(&scene, moves[i].move)));
        }
        close_scene(&scene);
    }
    cr_assert_eq(lost[0], 0);
    cr_assert_gt(lost[1], 5);
}

/* A node that was proven without edges can become the root, and is searched there. */
Test(threats, proven_leaf_becomes_root)
{
    struct scene scene;
    struct mcts_move moves[GAME_MAX_MOVES];
    open_scene(&scene, open_three, GAME_WHITE, with_threats(MCTS_PUCT, 1));
    uint8_t allowed[GAME_MAX_MOVES] = {0};
    allowed[named(&scene, "A9")] = 1; /* loses */
    mcts_allow(scene.search, allowed);
    mcts_run(scene.search, &(struct mcts_limits){.visits = 3});
    cr_assert_eq(fake_find(scene.search, named(&scene, "A9")).proven, -1);
    mcts_allow(scene.search, NULL);
    mcts_advance(scene.search, named(&scene, "A9"));
    mcts_run(scene.search, &(struct mcts_limits){.visits = 3, .early_stop = true});
    cr_assert_gt(mcts_moves(scene.search, moves, GAME_MAX_MOVES), 60);
    game_move move = mcts_choose(scene.search, 0, NULL);
    cr_assert(move == named(&scene, "C6") || move == named(&scene, "G6"));
    close_scene(&scene);
}

/* Two open twos of black cross at E5. */
static const char two_twos[] =
    "......... ......... ....X.... ....X.... ..XX..... ......... .......O. .......O. .......O.";

/* Threes are searched at level 2, if the run has time for them. */
Test(threats, threes_at_level_two)
{
    for (int threats = 1; threats <= 2; threats++) {
        struct scene scene;
        struct mcts_root root;
        open_scene(&scene, two_twos, GAME_BLACK, with_threats(MCTS_PUCT, threats));
        mcts_run(scene.search, &(struct mcts_limits){.visits = 2, .early_stop = true});
        mcts_root(scene.search, &root);
        cr_assert_eq(root.proven, 0);
        mcts_run(scene.search, &(struct mcts_limits){.visits = 400, .early_stop = true});
        mcts_root(scene.search, &root);
        cr_assert_eq(root.proven, threats == 2);
        close_scene(&scene);
    }
}

/* White to move: a stone in the corner lets black win by threes, one on E5 does not. */
Test(threats, defences_against_threes)
{
    static const char fenced[] =
        "......... ......... ....XO... ...OX.... ..XX..... ......... ......... ......... ........O";
    struct scene scene;
    open_scene(&scene, fenced, GAME_WHITE, with_threats(MCTS_PUCT, 2));
    uint8_t allowed[GAME_MAX_MOVES] = {0};
    allowed[named(&scene, "A9")] = allowed[named(&scene, "E5")] = 1;
    mcts_allow(scene.search, allowed);
    mcts_run(scene.search, &(struct mcts_limits){.visits = 2000});
    cr_assert_eq(fake_find(scene.search, named(&scene, "A9")).visits, 0);
    cr_assert_gt(fake_find(scene.search, named(&scene, "E5")).visits, 0);
    close_scene(&scene);
}

/* Games without threats, and positions before ordinary play, are searched as ever. */
Test(threats, other_games)
{
    static const char *const specs[] = {"go:5", "connect4:7x6", "gomoku:9,opening=swap2"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game = fake_game(specs[i]);
        game_move chosen[2];
        for (int threats = 0; threats < 2; threats++) {
            const struct mcts_config config = with_threats(MCTS_PUCT, threats);
            struct evaluator *evaluator = fake_create(&game, 5, 1);
            struct mcts *search = fake_search(&game, &config, &evaluator);
            mcts_run(search, &(struct mcts_limits){.visits = 100});
            chosen[threats] = mcts_choose(search, 0, NULL);
            mcts_close(search);
            evaluator_free(evaluator);
        }
        cr_assert_eq(chosen[0], chosen[1]);
    }
}

Test(threats, refuses_contradictions)
{
    struct game game = fake_game("gomoku:9");
    struct evaluator *evaluator = fake_create(&game, 5, 1);
    struct mcts_config config = with_threats(MCTS_PUCT, MCTS_MAX_THREATS + 1);
    struct mcts *search;
    cr_assert_eq(mcts_create(&search, &game, &config, &evaluator, NULL), -1);
    config.threats = 1;
    config.prove = false;
    cr_assert_eq(mcts_create(&search, &game, &config, &evaluator, NULL), -1);
    evaluator_free(evaluator);
}
