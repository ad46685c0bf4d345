/* Evaluators: outputs are mapped back under symmetries; batches; swapping nets; sampling from logits. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/mcts/asking.h"
#include "tests/mcts/fake.h"

/* A position P, encoded under symmetry s, is exactly the encoding of s(P); so the result for P must be that for s(P),
 * mapped back by s. The eight results all differ, because a random net is not symmetric. */
static void symmetry_round_trip(const char *spec, const char *moves)
{
    struct game game = fake_game(spec);
    struct net *net = small_net(&game, 1);
    struct evaluator *plain = net_evaluator(&game, net, 0, 1);
    union any_position position, image;
    play_under(&game, &position.p, moves, 0);
    struct eval straight, turned, imaged;
    ask(plain, &position.p, NULL, &straight);
    for (int s = 0; s < GAME_SYMMETRIES; s++) {
        struct evaluator *symmetric = net_evaluator(&game, net, s, 1);
        play_under(&game, &image.p, moves, s);
        ask(symmetric, &position.p, NULL, &turned);
        ask(plain, &image.p, NULL, &imaged);
        cr_assert_lt(distance(&game, &turned, &imaged, s), 1e-6, "%s symmetry %d", spec, s);
        if (s)
            cr_assert_gt(distance(&game, &turned, &straight, 0), 1e-5, "%s symmetry %d changes nothing", spec, s);
        evaluator_free(symmetric);
    }
    evaluator_free(plain);
    net_unref(net);
}

Test(evaluator, results_are_mapped_back)
{
    symmetry_round_trip("gomoku:7", "A7 B5 C3 G2");
    symmetry_round_trip("go:5", "B4 C2 D3 pass E1");
}

/* With symmetry "all", every output is the mean of those under the eight symmetries, and is invariant under symmetries
 * of the board. */
Test(evaluator, mean_of_all_symmetries)
{
    struct game game = fake_game("go:5");
    struct net *net = small_net(&game, 2);
    union any_position position, image;
    play_under(&game, &position.p, "B4 C2 D3", 0);
    struct eval one, all, turned, mean = {0};
    for (int s = 0; s < GAME_SYMMETRIES; s++) {
        struct evaluator *evaluator = net_evaluator(&game, net, s, 1);
        ask(evaluator, &position.p, NULL, &one);
        mean.score += one.score / 8;
        for (int i = 0; i < 3; i++)
            mean.wdl[i] += one.wdl[i] / 8;
        for (int m = 0; m < game.moves; m++)
            mean.logits[m] += one.logits[m] / 8;
        for (int p = 0; p < game.points; p++)
            mean.map[p] += one.map[p] / 8;
        evaluator_free(evaluator);
    }
    cr_assert_gt(fabsf(mean.score), 1e-3, "a score of 0 would not distinguish the mean from the sum");
    static const int batches[] = {1, 3, 8}; /* one by one, in several, in one batch */
    for (size_t i = 0; i < G_N_ELEMENTS(batches); i++) {
        struct evaluator *evaluator = net_evaluator(&game, net, EVALUATOR_SYMMETRY_ALL, batches[i]);
        ask(evaluator, &position.p, NULL, &all);
        cr_assert_lt(distance(&game, &all, &mean, 0), 1e-5, "batches of %d", batches[i]);
        cr_assert_eq(evaluator_net_count(evaluator), 8);
        play_under(&game, &image.p, "B4 C2 D3", 5);
        ask(evaluator, &image.p, NULL, &turned);
        cr_assert_lt(distance(&game, &all, &turned, 5), 1e-5);
        evaluator_free(evaluator);
    }
    net_unref(net);
}

Test(evaluator, fresh_nets_fit_their_game)
{
    static const char *const specs[] = {"go:5", "gomoku:7", "gomoku:9,opening=swap2"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game = fake_game(specs[i]);
        struct net *net, *other;
        GError *error = NULL;
        cr_assert_eq(evaluator_net_fresh(&net, &game, "conv:8", 3, NULL), 0);
        cr_assert_eq(evaluator_net_features(net, &game, &error), game_features_newest(&game), "%s: %s", specs[i],
                     error ? error->message : "");
        cr_assert_neq(evaluator_net_fresh(&other, &game, "tower:8", 3, &error), 0);
        cr_assert(!other && strstr(error->message, "tower"));
        g_clear_error(&error);
        net_unref(net);
    }
}

/* Random symmetries: always the same one for the same position; all eight over many positions. */
Test(evaluator, symmetry_by_hash)
{
    struct game game = fake_game("gomoku:7");
    struct net *net = small_net(&game, 3);
    struct evaluator *random = net_evaluator(&game, net, EVALUATOR_SYMMETRY_RANDOM, 4), *fixed[GAME_SYMMETRIES];
    for (int s = 0; s < GAME_SYMMETRIES; s++)
        fixed[s] = net_evaluator(&game, net, s, 1);
    int seen[GAME_SYMMETRIES] = {0};
    union any_position position;
    struct eval by_hash, again, one;
    for (int p = 0; p < game.points; p++) {
        game_init(&game, &position.p);
        game_play(&game, &position.p, NULL, (game_move)p);
        game_play(&game, &position.p, NULL, (game_move)((p + 9) % game.points));
        ask(random, &position.p, NULL, &by_hash);
        ask(random, &position.p, NULL, &again);
        cr_assert_eq(distance(&game, &by_hash, &again, 0), 0);
        int found = 0;
        for (int s = 0; s < GAME_SYMMETRIES; s++) {
            ask(fixed[s], &position.p, NULL, &one);
            bool same = distance(&game, &by_hash, &one, 0) < 1e-6;
            found += same;
            seen[s] += same;
        }
        cr_assert_geq(found, 1);
    }
    for (int s = 0; s < GAME_SYMMETRIES; s++) {
        cr_assert_gt(seen[s], 0, "symmetry %d is never used", s);
        evaluator_free(fixed[s]);
    }
    evaluator_free(random);
    net_unref(net);
}

Test(evaluator, batches_equal_single)
{
    struct game game = fake_game("gomoku:7");
    struct net *net = small_net(&game, 3);
    struct evaluator *evaluator = net_evaluator(&game, net, EVALUATOR_SYMMETRY_RANDOM, 4);
    union any_position positions[6];
    struct eval_query queries[6];
    struct eval *evals = g_new(struct eval, 6), one;
    for (int i = 0; i < 6; i++) {
        game_init(&game, &positions[i].p);
        game_play(&game, &positions[i].p, NULL, (game_move)(i * 7));
        queries[i] = (struct eval_query){.position = &positions[i].p, .want = ALL};
    }
    evaluator_evaluate(evaluator, 6, queries, evals); /* four, then two */
    cr_assert_eq(evaluator_net_count(evaluator), 6);
    for (int i = 0; i < 6; i++) {
        ask(evaluator, &positions[i].p, NULL, &one);
        cr_assert_lt(distance(&game, &one, &evals[i], 0), 1e-5);
    }
    g_free(evals);
    evaluator_free(evaluator);
    net_unref(net);
}

Test(evaluator, net_is_swapped)
{
    struct game game = fake_game("go:5");
    struct net *first = small_net(&game, 1), *second = small_net(&game, 2);
    struct evaluator *evaluator = net_evaluator(&game, first, 0, 1), *other = net_evaluator(&game, second, 0, 1);
    union any_position position;
    struct eval before, after, direct;
    play_under(&game, &position.p, "B4", 0);
    uint64_t generation = evaluator_generation(evaluator);
    ask(evaluator, &position.p, NULL, &before);
    ask(other, &position.p, NULL, &direct);
    cr_assert_eq(evaluator_net_set(evaluator, second, NULL), 0);
    cr_assert_neq(evaluator_generation(evaluator), generation);
    ask(evaluator, &position.p, NULL, &after);
    cr_assert_eq(distance(&game, &after, &direct, 0), 0);
    cr_assert_gt(distance(&game, &after, &before, 0), 1e-4);
    evaluator_free(evaluator);
    evaluator_free(other);
    net_unref(first);
    net_unref(second);
}

Test(evaluator, net_of_another_game_is_refused)
{
    struct game go = fake_game("go:5"), gomoku = fake_game("gomoku:5");
    struct net *net = small_net(&go, 1), *right = small_net(&gomoku, 1);
    struct evaluator *evaluator, *standing = net_evaluator(&gomoku, right, 0, 1);
    GError *error = NULL;
    const struct evaluator_config config = {.kind = EVALUATOR_NET, .net = net, .backend = NET_BACKEND_PLAIN};
    cr_assert_neq(evaluator_create(&evaluator, &gomoku, &config, &error), 0);
    cr_assert_null(evaluator);
    cr_assert(strstr(error->message, "go") && strstr(error->message, "gomoku"), "%s", error->message);
    g_clear_error(&error);
    cr_assert_neq(evaluator_net_set(standing, net, &error), 0);
    cr_assert_not_null(error);
    g_clear_error(&error);
    union any_position position;
    struct eval eval;
    game_init(&gomoku, &position.p);
    ask(standing, &position.p, NULL, &eval); /* continues with its net */
    evaluator_free(standing);
    net_unref(net);
    net_unref(right);
}

/* The rollout evaluator's value is the mean of playouts: a position with known odds. */
Test(evaluator, rollout_value)
{
    struct game game = fake_game("gomoku:3,line=3");
    struct evaluator *evaluator = evaluator_rollout_create(&game, 4000, 5), *other = evaluator_clone(evaluator);
    union any_position position;
    struct eval eval, cloned;
    const struct eval_query query = {.position = &position.p, .want = EVAL_POLICY | EVAL_VALUE};
    /* X O X / X O . / . X O, white to move at C2 or A1 (seven stones, O's turn): O at C2 then X at A1 wins for X
     * (column A); O at A1 then X at C2 is a draw. Half lost, half drawn for the player to move. */
    fake_play(&game, &position.p, NULL, "A3 B3 C3 B2 A2 C1 B1");
    evaluator_evaluate(evaluator, 1, &query, &eval);
    cr_assert_eq(eval.wdl[0], 0);
    cr_assert_float_eq(eval.wdl[1], 0.5, 0.04);
    cr_assert_float_eq(eval.wdl[2], 0.5, 0.04);
    evaluator_evaluate(other, 1, &query, &cloned);
    cr_assert_neq(eval.wdl[1], cloned.wdl[1], "a clone plays the same playouts");
    evaluator_free(evaluator);
    evaluator_free(other);
}

/* A net uses the komi that the game has at the time of the query, not at the evaluator's creation. */
Test(evaluator, komi_is_read_anew)
{
    struct game game = fake_game("go:5"), other = fake_game("go:5,komi=-3.5");
    struct net *net = small_net(&game, 1);
    struct evaluator *evaluator = net_evaluator(&game, net, 0, 1), *of_other = net_evaluator(&other, net, 0, 1);
    union any_position position;
    struct eval before, after, direct;
    fake_play(&game, &position.p, NULL, "C3 B2 D4");
    ask(evaluator, &position.p, NULL, &before);
    game_set_komi(&game, -7);
    ask(evaluator, &position.p, NULL, &after);
    ask(of_other, &position.p, NULL, &direct);
    cr_assert_eq(distance(&game, &after, &direct, 0), 0);
    cr_assert_gt(distance(&game, &after, &before, 0), 1e-6);
    evaluator_free(evaluator);
    evaluator_free(of_other);
    net_unref(net);
}

Test(policy, shares_are_the_softmax_over_the_moves_asked_about)
{
    static struct eval eval = {.logits = {[2] = 0, [5] = 1, [7] = 2, [8] = 50}};
    const game_move moves[] = {2, 5, 7};
    float share[3];
    eval_softmax(&eval, moves, 3, 1, share);
    const double sum = 1 + M_E + M_E * M_E;
    cr_assert_float_eq(share[0], 1 / sum, 1e-6);
    cr_assert_float_eq(share[2], M_E * M_E / sum, 1e-6);
    eval_softmax(&eval, moves, 3, 0.5f, share); /* twice as sharp */
    cr_assert_float_eq(share[2] / share[1], M_E * M_E, 1e-4);
    eval.logits[5] = NAN;
    eval_softmax(&eval, moves, 3, 1, share);
    for (int i = 0; i < 3; i++)
        cr_assert_float_eq(share[i], 1.0 / 3, 1e-6);
}

Test(policy, moves_are_drawn_by_their_shares)
{
    const game_move moves[] = {2, 5, 7};
    const float share[] = {0.2f, 0.0f, 0.8f};
    int drawn[8] = {0};
    struct rng rng;
    rng_seed(&rng, 1);
    for (int i = 0; i < 10000; i++)
        drawn[eval_sample(moves, share, 3, &rng)]++;
    cr_assert(abs(drawn[2] - 2000) < 160 && drawn[5] == 0, "%d, %d of 10000", drawn[2], drawn[5]); /* 4 deviations */
    cr_assert_eq(eval_sample(moves, share, 0, &rng), GAME_NO_MOVE);
}
