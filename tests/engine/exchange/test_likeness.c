/* The memory by likeness of a run whose searches found what the test says. */
#include <criterion/criterion.h>
#include <string.h>

#include "agents/memory/likeness_file.h"
#include "engine/exchange/likeness.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/likeness.h"
#include "net/net.h"
#include "tests/engine/exchange/folder.h"

static struct game game;
static struct net *net;
static struct evaluator *evaluator; /* as the export evaluates */

static void set_up(void)
{
    folder_make();
    cr_assert(game_parse(&game, "go:5", NULL));
    cr_assert_eq(evaluator_net_fresh(&net, &game, "conv:8 res:8", 1, NULL), 0);
    cr_assert_eq(evaluator_net_prepare(net, &game, NET_BACKEND_FAST, NET_AUTO, 1, NULL), 0);
    const struct evaluator_config config = {.kind = EVALUATOR_NET,
                                            .net = net,
                                            .backend = NET_BACKEND_FAST,
                                            .dtype = NET_AUTO,
                                            .symmetry = EVALUATOR_SYMMETRY_RANDOM,
                                            .seed = 1};
    cr_assert_eq(evaluator_create(&evaluator, &game, &config, NULL), 0);
}

static void tear_down(void)
{
    evaluator_free(evaluator);
    net_unref(net);
    folder_remove();
}

TestSuite(likeness_of_run, .init = set_up, .fini = tear_down);

/* A game of random moves, whose searches found the net's value plus `error`; openings and fast moves were not searched. */
static struct record *play(uint64_t number, float error)
{
    union any_position position;
    struct history history;
    struct record *record = record_new(&game, number, 0);
    struct rng rng;
    rng_seed(&rng, number);
    history_init(&history, game.max_plies + 1);
    game_init(&game, &position.p);
    for (int i = 0; i < 24 && !game_over(&position.p); i++) {
        game_move moves[GAME_MAX_MOVES];
        float policy[GAME_MAX_MOVES] = {0}, wdl[3] = {0};
        struct eval eval;
        const struct eval_query query = {.position = &position.p, .history = &history, .want = EVAL_VALUE};
        const int count = game.ops->legal_moves(&game, &position.p, &history, moves);
        const game_move move = moves[rng_below(&rng, (uint32_t)count)];
        evaluator_evaluate(evaluator, 1, &query, &eval);
        const float value = CLAMP(eval_value(&eval) + error, -1, 1);
        wdl[0] = (1 + value) / 2;
        wdl[2] = (1 - value) / 2;
        policy[move] = 1;
        record_add(record, &position.p, move, i < 2 ? NULL : policy, i < 2 ? NULL : wdl, i < 2 ? NULL : wdl,
                   i < 2 ? 0 : RECORD_SEARCHED | RECORD_TRAIN);
        game_play(&game, &position.p, &history, move);
    }
    record_finish(record, &position.p);
    history_clear(&history);
    return record;
}

static struct store *make_run(int games, float error)
{
    struct store *store;
    struct settings settings = {0};
    char *run = g_build_filename(folder, "run", NULL);
    settings_presets(&settings, &game);
    cr_assert_eq(store_open(&store, run, STORE_CREATE, NULL), 0);
    cr_assert(store_save_settings(store, &settings, NULL));
    for (int i = 0; i < games; i++) {
        struct record *record = play((uint64_t)i, error);
        cr_assert(store_add_games(store, &record, 1, NULL));
        record_unref(record);
    }
    g_free(run);
    return store;
}

/* Where all errors are the same, the memory takes them away whole. */
Test(likeness_of_run, errors_of_searched_positions)
{
    struct store *store = make_run(60, 0.125f);
    struct likeness_summary summary;
    char *path = g_build_filename(folder, "like.safetensors", NULL);
    cr_assert(likeness_of_run(store, net, 10000, path, &summary, NULL));
    /* a quarter of 22 plies of each game */
    cr_expect(summary.positions + summary.asked > 250 && summary.positions + summary.asked < 410, "%zu and %zu",
              summary.positions, summary.asked);
    cr_expect(summary.games >= 50 && summary.games < 60, "%zu", summary.games);
    cr_expect(summary.asked >= (summary.positions + summary.asked) / 10 && summary.asked < 80, "%zu", summary.asked);
    cr_expect_float_eq(summary.weight, 1, 0.01);
    cr_expect_float_eq(summary.explained, 1, 0.01);
    struct likeness *likeness = likeness_file_read(path, net, NULL);
    float *features = g_new0(float, net_pooled_size(net));
    cr_assert(likeness);
    cr_expect_float_eq(likeness_error(likeness, features), 0.125, 1e-3);
    likeness_unref(likeness);
    g_free(features);
    g_free(path);
    store_close(store);
}

/* Of the newest games no more than asked for; with too few games there is nothing to measure the memory by. */
Test(likeness_of_run, limits)
{
    struct store *store = make_run(20, 0);
    struct likeness_summary summary;
    GError *error = NULL;
    char *path = g_build_filename(folder, "like.safetensors", NULL);
    cr_assert(likeness_of_run(store, net, 40, path, &summary, NULL));
    cr_expect(summary.positions + summary.asked >= 40 && summary.positions + summary.asked < 40 + 24);
    cr_expect(summary.explained >= 0 && summary.explained <= 1 && summary.weight >= 0 && summary.weight <= 1);
    store_close(store);
    delete_folder(folder);
    store = make_run(1, 0);
    cr_expect_not(likeness_of_run(store, net, 40, path, &summary, &error));
    cr_assert(error);
    cr_expect(strstr(error->message, "has too few games with searches"), "%s", error->message);
    g_error_free(error);
    g_free(path);
    store_close(store);
}
