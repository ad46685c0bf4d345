/* Evaluators of nets with a loop: the steps that they take, and that answers of different effort are never confused. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/mcts/asking.h"
#include "tests/mcts/fake.h"

static struct net *loop_of(const struct game *game)
{
    struct net *net;
    cr_assert_eq(evaluator_net_fresh(&net, game, "conv:8 loop:8+steps=2..6", 1, NULL), 0);
    return net;
}

static struct evaluator *evaluator_of(const struct game *game, struct net *net, int steps, float settle, int symmetry)
{
    struct evaluator *evaluator;
    GError *error = NULL;
    const struct evaluator_config config = {.kind = EVALUATOR_NET,
                                            .net = net,
                                            .backend = NET_BACKEND_PLAIN,
                                            .symmetry = symmetry,
                                            .effort = {steps, settle},
                                            .cache_bytes = 1 << 16,
                                            .seed = 3};
    cr_assert_eq(evaluator_create(&evaluator, game, &config, &error), 0, "%s", error ? error->message : "");
    return evaluator;
}

/* Answers, and the numbers of steps for them, are those of the effort; also from the cache, and from a clone. */
Test(effort, reaches_the_net)
{
    static const struct {
        int steps;
        float settle;
        int takes;
    } cases[] = {{0, 0, 6}, {3, 0, 3}, {9, 0, 9}, {0, 1, 3}, {0, 1e-30f, 6}, {4, 1e-30f, 4}};
    struct game game = fake_game("go:5");
    struct net *net = loop_of(&game);
    union any_position position;
    struct eval evals[G_N_ELEMENTS(cases)], again;
    fake_play(&game, &position.p, NULL, "C3 B2 D4");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct evaluator *e = evaluator_of(&game, net, cases[i].steps, cases[i].settle, 0), *copy;
        ask(e, &position.p, NULL, &evals[i]);
        cr_expect_eq(evals[i].steps, cases[i].takes, "%zu: %d steps", i, evals[i].steps);
        cr_expect(evaluator_net_count(e) == 1 && evaluator_net_steps(e) == (uint64_t)cases[i].takes);
        ask(e, &position.p, NULL, &again);
        cr_expect(again.steps == cases[i].takes && evaluator_net_steps(e) == (uint64_t)cases[i].takes, "a hit");
        copy = evaluator_clone(e);
        cr_expect_eq(evaluator_generation(copy), evaluator_generation(e));
        game_play(&game, &position.p, NULL, 0);
        ask(copy, &position.p, NULL, &again);
        cr_expect_eq(again.steps, cases[i].takes);
        fake_play(&game, &position.p, NULL, "C3 B2 D4");
        evaluator_free(copy);
        evaluator_free(e);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) /* as many steps, the same answer */
        for (size_t k = 0; k < i; k++)
            cr_expect_eq(distance(&game, &evals[i], &evals[k], 0) == 0, cases[i].takes == cases[k].takes, "%zu, %zu", i,
                         k);
    net_unref(net);
}

/* The keys of a cache, or of what is stored longer, include the generation. */
Test(effort, is_in_the_generation)
{
    static const struct net_effort efforts[] = {{0, 0}, {1, 0}, {2, 0}, {0, 0.1f}, {0, 0.2f}, {2, 0.1f}};
    struct game game = fake_game("go:5");
    struct net *net = loop_of(&game);
    uint64_t generations[G_N_ELEMENTS(efforts)];
    for (size_t i = 0; i < G_N_ELEMENTS(efforts); i++) {
        struct evaluator *e = evaluator_of(&game, net, efforts[i].steps, efforts[i].settle, 0);
        generations[i] = evaluator_generation(e);
        for (size_t k = 0; k < i; k++)
            cr_expect_neq(generations[i], generations[k], "%zu, %zu", i, k);
        evaluator_free(e);
    }
    cr_expect_eq(generations[0], net_generation(net), "without effort it is the net's");
    net_unref(net);
}

/* With all symmetries, as many as the view that took most; each is counted. */
Test(effort, all_symmetries)
{
    struct game game = fake_game("go:5");
    struct net *net = loop_of(&game);
    struct evaluator *all = evaluator_of(&game, net, 0, 0.0004f, EVALUATOR_SYMMETRY_ALL);
    union any_position position;
    struct eval eval, one;
    int most = 0, sum = 0;
    fake_play(&game, &position.p, NULL, "C3 B2 D4");
    ask(all, &position.p, NULL, &eval);
    for (int s = 0; s < game.symmetries; s++) {
        struct evaluator *single = evaluator_of(&game, net, 0, 0.0004f, s);
        ask(single, &position.p, NULL, &one);
        most = MAX(most, one.steps);
        sum += one.steps;
        evaluator_free(single);
    }
    cr_expect(eval.steps == most && most > 0, "%d, not %d", eval.steps, most);
    cr_expect_eq(evaluator_net_steps(all), (uint64_t)sum);
    evaluator_free(all);
    net_unref(net);
}

Test(effort, other_evaluators_take_no_steps)
{
    struct game game = fake_game("go:5");
    struct net *net = small_net(&game, 1), *loop = loop_of(&game);
    struct evaluator *plain = net_evaluator(&game, net, 0, 1), *uniform = evaluator_uniform_create(&game),
                     *rollout = evaluator_rollout_create(&game, 1, 1), *all[] = {plain, uniform, rollout};
    union any_position position;
    struct eval eval;
    GError *error = NULL;
    game_init(&game, &position.p);
    for (int i = 0; i < 3; i++) {
        const struct eval_query query = {.position = &position.p, .want = EVAL_POLICY | EVAL_VALUE};
        eval.steps = 7;
        evaluator_evaluate(all[i], 1, &query, &eval);
        cr_expect(eval.steps == 0 && evaluator_net_steps(all[i]) == 0, "%d", i);
        evaluator_free(all[i]);
    }
    const struct evaluator_config config = {.kind = EVALUATOR_NET, .net = net, .effort = {.steps = 2}};
    cr_expect_eq(evaluator_create(&plain, &game, &config, &error), -1);
    cr_expect(error && strstr(error->message, "need a net with a loop"));
    g_clear_error(&error);
    net_unref(net);
    net_unref(loop);
}
