/* The evaluators at the bottom of a stack: random playouts, the uniform one, and settings and errors of the net's. */
#include <criterion/criterion.h>
#include <pthread.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/graph/graph.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "tests/mcts/asking.h"
#include "tests/mcts/fake.h"

/* ---- playouts ---- */

/* Black has the whole board and two eyes, which playouts do not fill: every game ends 25 points to 0, less komi 7. */
static void owned_board(const struct game *game, struct position *position, enum game_colour to_move)
{
    GError *error = NULL;
    bool good = game_set_up_drawing(game, position, "XXXXX X.XXX XXXXX XXX.X XXXXX", to_move, &error);
    cr_assert(good, "%s", error ? error->message : "");
}

Test(rollout, results_are_from_the_mover)
{
    struct game game = fake_game("go:5,komi=7");
    for (int playouts = 0; playouts <= 10; playouts += 5) { /* 0 means 1 */
        struct evaluator *evaluator = evaluator_rollout_create(&game, playouts, 3);
        for (enum game_colour colour = GAME_BLACK; colour <= GAME_WHITE; colour++) {
            union any_position position;
            struct eval eval;
            float sign = colour == GAME_BLACK ? 1 : -1;
            owned_board(&game, &position.p, colour);
            ask(evaluator, &position.p, NULL, &eval);
            cr_expect_float_eq(eval.wdl[0], colour == GAME_BLACK, 1e-6);
            cr_expect_float_eq(eval.wdl[1], 0, 1e-6);
            cr_expect_float_eq(eval.wdl[2], colour == GAME_WHITE, 1e-6);
            cr_expect_float_eq(eval.score, sign * 18, 1e-4);
            for (int p = 0; p < game.points; p++)
                cr_expect_float_eq(eval.map[p], sign, 1e-6, "point %d: %g", p, (double)eval.map[p]);
        }
        evaluator_free(evaluator);
    }
}

/* Logits differ between moves by less than a twentieth, and are the same each time for a position. */
Test(rollout, logits_break_ties)
{
    struct game game = fake_game("gomoku:7");
    struct evaluator *evaluator = evaluator_rollout_create(&game, 1, 3), *other = evaluator_rollout_create(&game, 1, 4);
    union any_position position, next;
    struct eval first, again, elsewhere, of_other;
    const struct eval_query query = {.position = &position.p, .want = EVAL_POLICY | EVAL_VALUE};
    game_init(&game, &position.p);
    game_copy(&game, &next.p, &position.p);
    game_play(&game, &next.p, NULL, 3);
    const struct eval_query next_query = {.position = &next.p, .want = EVAL_POLICY | EVAL_VALUE};
    evaluator_evaluate(evaluator, 1, &query, &first);
    evaluator_evaluate(evaluator, 1, &query, &again);
    evaluator_evaluate(evaluator, 1, &next_query, &elsewhere);
    evaluator_evaluate(other, 1, &query, &of_other);
    cr_expect_eq(first.filled, EVAL_POLICY | EVAL_VALUE);
    float most = 0, least = 1;
    int same = 0, same_seed = 0;
    for (int m = 0; m < game.moves; m++) {
        cr_expect_eq(first.logits[m], again.logits[m]);
        most = fmaxf(most, first.logits[m]);
        least = fminf(least, first.logits[m]);
        same += first.logits[m] == elsewhere.logits[m];
        same_seed += first.logits[m] == of_other.logits[m];
    }
    cr_expect(least >= 0 && least < 0.01f && most < 0.05f && most > 0.04f, "%g to %g", (double)least, (double)most);
    cr_expect(same < 10 && same_seed < 10);
    evaluator_free(evaluator);
    evaluator_free(other);
}

/* Clones play different games, and so do successive queries of one evaluator. */
Test(rollout, clones_play_different_games)
{
    struct game game = fake_game("go:5");
    struct evaluator *all[3] = {evaluator_rollout_create(&game, 200, 3)};
    union any_position position;
    struct eval evals[3];
    all[1] = evaluator_clone(all[0]);
    all[2] = evaluator_clone(all[1]);
    game_init(&game, &position.p);
    for (int i = 0; i < 3; i++) {
        ask(all[i], &position.p, NULL, &evals[i]);
        cr_expect_eq(evaluator_generation(all[i]), 3);
        for (int j = 0; j < i; j++)
            cr_expect_neq(evals[i].score, evals[j].score);
        cr_expect_eq(evals[i].logits[7], evals[0].logits[7], "ties are broken in the same way");
    }
    for (int i = 0; i < 3; i++)
        evaluator_free(all[i]);
}

Test(uniform, has_no_preference)
{
    struct game game = fake_game("go:5");
    struct evaluator *evaluator = evaluator_uniform_create(&game), *clone = evaluator_clone(evaluator);
    union any_position positions[2];
    struct eval evals[2];
    struct eval_query queries[2];
    for (int i = 0; i < 2; i++) {
        game_init(&game, &positions[i].p);
        queries[i] = (struct eval_query){.position = &positions[i].p, .want = i ? ALL : EVAL_VALUE};
    }
    memset(evals, 0xff, sizeof evals);
    evaluator_evaluate(clone, 2, queries, evals);
    cr_expect(evals[0].filled == EVAL_VALUE && evals[1].filled == (EVAL_POLICY | EVAL_VALUE | EVAL_SCORE));
    cr_expect(evals[1].wdl[0] == 0.5f && evals[1].wdl[1] == 0 && evals[1].wdl[2] == 0.5f && evals[1].score == 0);
    for (int m = 0; m < game.moves; m++)
        cr_expect_eq(evals[1].logits[m], 0);
    evaluator_free(evaluator);
    evaluator_free(clone);
}

/* ---- the net's ---- */

static void expect_misfit(const struct game *game, struct net_info info, const char *message)
{
    struct net *net;
    GError *error = NULL;
    g_strlcpy(info.trunk, "conv:4", sizeof info.trunk);
    cr_assert_eq(net_create(&net, &info, 1, NULL), 0);
    cr_expect_null(evaluator_net_features(net, game, &error));
    cr_assert(g_error_matches(error, NET_ERROR, NET_ERROR_MISMATCH));
    cr_expect_str_eq(error->message, message);
    g_clear_error(&error);
    net_unref(net);
}

Test(net_evaluator, nets_that_do_not_fit)
{
    struct game game = fake_game("go:5");
    struct net *net = small_net(&game, 1);
    const struct net_info right = *net_info(net);
    struct net_info game_of = right, features = right, planes = right, globals = right, others = right;
    g_strlcpy(game_of.game, "chess", sizeof game_of.game);
    g_strlcpy(features.features, "go-v0", sizeof features.features);
    planes.planes++;
    globals.globals--;
    others.other_moves++;
    expect_misfit(&game, game_of, "this net plays chess, not go; use one trained for that game");
    expect_misfit(&game, features,
                  "this net requires the features \"go-v0\", which go does not support; the newest is \"go-v2\"");
    struct net_info wrong[] = {planes, globals, others};
    for (int i = 0; i < 3; i++) {
        char *message =
            g_strdup_printf("this net takes %d planes and %d globals and has %d moves besides the points; "
                            "go-v2 has %d, %d and 1",
                            wrong[i].planes, wrong[i].globals, wrong[i].other_moves, right.planes, right.globals);
        expect_misfit(&game, wrong[i], message);
        g_free(message);
    }
    net_unref(net);
}

/* The number of parameters of a net that does not exist yet. */
Test(net_evaluator, parameters_are_counted)
{
    struct game game = fake_game("go:5");
    struct net *net = small_net(&game, 1);
    size_t count = 0;
    GError *error = NULL;
    cr_expect(evaluator_net_parameters(&game, game_features_newest(&game), "conv:8 res:8", &count, NULL));
    cr_expect_eq(count, net->graph->parameters);
    cr_expect_not(evaluator_net_parameters(&game, game_features_newest(&game), "res:8", &count, &error));
    cr_assert(g_error_matches(error, NET_ERROR, NET_ERROR_SPEC));
    g_clear_error(&error);
    cr_expect_not(evaluator_net_parameters(&game, game_features_newest(&game), "", &count, &error));
    g_clear_error(&error);
    net_unref(net);
}

Test(net_evaluator, settings_out_of_range)
{
    struct game game = fake_game("go:5");
    struct net *net = small_net(&game, 1);
    static const struct {
        int batch, symmetry;
        bool good;
    } cases[] = {{0, -2, true}, {0, 7, true}, {-1, 0, false}, {0, -3, false}, {0, 8, false}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct evaluator_config config = {.kind = EVALUATOR_NET,
                                                .net = net,
                                                .backend = NET_BACKEND_PLAIN,
                                                .max_batch = cases[i].batch,
                                                .symmetry = cases[i].symmetry};
        struct evaluator *evaluator;
        GError *error = NULL;
        cr_expect_eq(evaluator_create(&evaluator, &game, &config, &error), cases[i].good ? 0 : -1, "case %zu", i);
        cr_expect_eq(evaluator != NULL, cases[i].good);
        if (error) {
            char *message = g_strdup_printf("net evaluator: max_batch %d must be 0 or more, symmetry %d must be -2 to 7",
                                            cases[i].batch, cases[i].symmetry);
            cr_expect_str_eq(error->message, message);
            g_free(message);
        }
        g_clear_error(&error);
        evaluator_free(evaluator);
    }
    net_unref(net);
}

/* A query that wants little gets just that, next to one in the same batch that wants everything. */
Test(net_evaluator, each_query_gets_what_it_wants)
{
    static const int symmetries[] = {3, EVALUATOR_SYMMETRY_ALL};
    struct game game = fake_game("go:5");
    struct net *net = small_net(&game, 1);
    for (int k = 0; k < 2; k++) {
        struct evaluator *evaluator = net_evaluator(&game, net, symmetries[k], 16);
        union any_position position;
        struct eval *evals = g_new(struct eval, 5), all;
        struct eval_query queries[5];
        fake_play(&game, &position.p, NULL, "C3 D3");
        ask(evaluator, &position.p, NULL, &all);
        memset(evals, 0, 5 * sizeof *evals);
        for (int i = 0; i < 5; i++)
            queries[i] = (struct eval_query){.position = &position.p, .want = i < 4 ? 1 << i : ALL};
        evaluator_evaluate(evaluator, 5, queries, evals);
        for (int i = 0; i < 5; i++) {
            const struct eval *eval = &evals[i];
            bool policy = i == 0 || i == 4, value = i == 1 || i == 4, score = i == 2 || i == 4, map = i >= 3;
            cr_expect_eq(eval->filled, queries[i].want);
            for (int m = 0; m < game.moves; m++)
                cr_expect_float_eq(eval->logits[m], policy ? all.logits[m] : 0, 1e-5);
            for (int o = 0; o < 3; o++)
                cr_expect_float_eq(eval->wdl[o], value ? all.wdl[o] : 0, 1e-5);
            cr_expect_float_eq(eval->score, score ? all.score : 0, 1e-4);
            for (int p = 0; p < game.points; p++)
                cr_expect_float_eq(eval->map[p], map ? all.map[p] : 0, 1e-5);
        }
        g_free(evals);
        evaluator_free(evaluator);
    }
    net_unref(net);
}

/* An evaluator may move to another thread, and come back; the net may be replaced in either. */
struct errand {
    struct evaluator *evaluator;
    const struct position *position;
    struct net *net; /* NULL: unchanged */
    struct eval eval;
};

static void *run_errand(void *data)
{
    struct errand *errand = data;
    if (errand->net)
        cr_assert_eq(evaluator_net_set(errand->evaluator, errand->net, NULL), 0);
    ask(errand->evaluator, errand->position, NULL, &errand->eval);
    return NULL;
}

Test(net_evaluator, moves_between_threads)
{
    struct game game = fake_game("go:5");
    struct net *nets[2] = {small_net(&game, 1), small_net(&game, 2)};
    struct evaluator *evaluator = net_evaluator(&game, nets[0], 0, 1);
    union any_position position;
    struct eval direct[2];
    struct errand *errand = g_new0(struct errand, 1);
    fake_play(&game, &position.p, NULL, "C3 D3");
    for (int i = 0; i < 2; i++) {
        struct evaluator *own = net_evaluator(&game, nets[i], 0, 1);
        ask(own, &position.p, NULL, &direct[i]);
        evaluator_free(own);
    }
    *errand = (struct errand){.evaluator = evaluator, .position = &position.p};
    for (int step = 0; step < 6; step++) {
        pthread_t thread;
        errand->net = step % 3 == 0 ? NULL : nets[step % 3 - 1];
        if (step % 2) {
            cr_assert_eq(pthread_create(&thread, NULL, run_errand, errand), 0);
            pthread_join(thread, NULL);
        } else {
            run_errand(errand);
        }
        int net = step % 3 == 2 || step == 3;
        cr_expect_eq(distance(&game, &errand->eval, &direct[net], 0), 0, "step %d", step);
    }
    cr_expect_eq(evaluator_net_count(evaluator), 6);
    evaluator_free(evaluator);
    net_unref(nets[0]);
    net_unref(nets[1]);
    g_free(errand);
}

/* A game with two sets of features: a net for the larger one takes the place of one for the smaller. */
static void encode_counts(const struct game *game, const struct position *position, const uint16_t *to, int count,
                          float *planes, float *globals)
{
    for (int c = 0; c < count; c++) {
        for (int p = 0; p < game->points; p++)
            planes[c * game->points + to[p]] = (float)((position->ply + c + p) % 3) / 2;
        globals[c] = (float)(c % 3) / 2;
    }
}
static void encode_small(const struct game *game, const struct position *position, const struct history *history,
                         const uint16_t *to, float *planes, float *globals)
{
    (void)history;
    encode_counts(game, position, to, 2, planes, globals);
}
static void encode_large(const struct game *game, const struct position *position, const struct history *history,
                         const uint16_t *to, float *planes, float *globals)
{
    (void)history;
    encode_counts(game, position, to, 60, planes, globals);
}

Test(net_evaluator, features_of_another_size)
{
    static const struct game_features small = {.name = "small", .planes = 2, .globals = 2, .encode = encode_small};
    static const struct game_features large = {.name = "large", .planes = 60, .globals = 60, .encode = encode_large};
    static const struct game_features *const both[] = {&large, &small, NULL};
    struct game game = fake_game("gomoku:7");
    struct game_ops ops = *game.ops;
    union any_position position;
    struct eval eval, direct;
    ops.features = both;
    game.ops = &ops;
    struct net_info info = {.planes = 2, .globals = 2, .other_moves = game.moves - game.points};
    struct net *nets[2];
    g_strlcpy(info.game, "gomoku", sizeof info.game);
    g_strlcpy(info.features, "small", sizeof info.features);
    g_strlcpy(info.trunk, "conv:4", sizeof info.trunk);
    cr_assert_eq(net_create(&nets[0], &info, 1, NULL), 0);
    info.planes = info.globals = 60;
    g_strlcpy(info.features, "large", sizeof info.features);
    cr_assert_eq(net_create(&nets[1], &info, 2, NULL), 0);
    struct evaluator *evaluator = net_evaluator(&game, nets[0], 0, 4);
    fake_play(&game, &position.p, NULL, "C3 D3");
    for (int i = 1; i <= 4; i++) {
        struct evaluator *own = net_evaluator(&game, nets[i % 2], 0, 1);
        cr_assert_eq(evaluator_net_set(evaluator, nets[i % 2], NULL), 0);
        ask(evaluator, &position.p, NULL, &eval);
        ask(own, &position.p, NULL, &direct);
        cr_expect_eq(distance(&game, &eval, &direct, 0), 0, "net %d", i % 2);
        evaluator_free(own);
    }
    evaluator_free(evaluator);
    net_unref(nets[0]);
    net_unref(nets[1]);
}

/* ---- calibration ---- */

/* Only a net that would run in int8 is calibrated, and only once. */
Test(net_evaluator, prepared_where_int8_would_run)
{
    static const struct {
        enum net_backend backend;
        enum net_dtype dtype;
        bool wanted;
    } cases[] = {{NET_BACKEND_FAST, NET_F32, false},
                 {NET_BACKEND_FAST, NET_BF16, false},
                 {NET_BACKEND_PLAIN, NET_AUTO, false},
                 {NET_BACKEND_FAST, NET_AUTO, true},
                 {NET_BACKEND_FAST, NET_INT8, true}};
    struct game game = fake_game("gomoku:5");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct net *net = small_net(&game, 1);
        bool wanted = cases[i].wanted && net_has_int8();
        for (int twice = 0; twice < 2; twice++) {
            cr_assert_eq(evaluator_net_prepare(net, &game, cases[i].backend, cases[i].dtype, 3, NULL), 0);
            cr_expect_eq(net_is_calibrated(net), wanted, "case %zu", i);
            cr_expect_eq(net->calibrations, wanted);
        }
        net_unref(net);
    }
}

/* Positions of complete games under all symmetries: the same for the same seed, different for another. Both players'
 * stones occur equally often, and planes, whose values are 0 to 1, are neither always full nor out of range. */
Test(net_evaluator, calibrates_on_games)
{
    struct game game = fake_game("gomoku:5,line=3");
    struct net *nets[3];
    for (int i = 0; i < 3; i++) {
        nets[i] = small_net(&game, 1);
        cr_assert_eq(evaluator_net_calibrate(nets[i], &game, i < 2 ? 3 : 4, NULL), 0);
        cr_assert(net_is_calibrated(nets[i]));
    }
    int ranges = nets[0]->graph->ranges, planes = net_info(nets[0])->planes, seen = 0;
    const float *highest = nets[0]->ranges, *mean = nets[0]->ranges + ranges;
    cr_expect_arr_eq(nets[0]->ranges, nets[1]->ranges, (size_t)(2 * ranges) * sizeof(float));
    cr_expect_neq(memcmp(nets[0]->ranges, nets[2]->ranges, (size_t)(2 * ranges) * sizeof(float)), 0);
    for (int c = 0; c < planes; c++) {
        cr_expect(highest[c] >= 0 && highest[c] <= 1 && mean[c] <= highest[c] + 1e-3f);
        seen += highest[c] == 1 && mean[c] < 0.9f;
    }
    cr_expect_geq(seen, 4, "stones of either player, last moves");
    for (int i = 0; i < 3; i++)
        net_unref(nets[i]);
}
