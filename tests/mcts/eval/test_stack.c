/* Stacks of evaluators: creation from a config, and lookup from the top. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/mcts/asking.h"
#include "tests/mcts/fake.h"
#include "tests/mcts/observer.h"

static struct evaluator *stack_of(const struct game *game, const struct evaluator_config *config)
{
    struct evaluator *stack;
    GError *error = NULL;
    int failed = evaluator_create(&stack, game, config, &error);
    cr_assert_eq(failed, 0, "%s", error ? error->message : "");
    return stack;
}

/* ---- creation ---- */

Test(stack, the_config_determines_the_stack)
{
    struct game game = fake_game("go:5");
    struct net *net = small_net(&game, 1);
    static const char *const names[] = {
        [EVALUATOR_UNIFORM] = "uniform", [EVALUATOR_ROLLOUT] = "rollout", [EVALUATOR_NET] = "net"};
    for (int kind = EVALUATOR_UNIFORM; kind <= EVALUATOR_NET; kind++) {
        struct evaluator_config config = {
            .kind = (enum evaluator_kind)kind, .net = net, .backend = NET_BACKEND_PLAIN, .playouts = 1};
        struct evaluator *stack = stack_of(&game, &config);
        cr_assert_str_eq(stack->ops->name, names[kind]);
        cr_assert_null(evaluator_inner(stack));
        evaluator_free(stack);
        config.cache_bytes = 1 << 16;
        stack = stack_of(&game, &config);
        cr_assert_str_eq(stack->ops->name, "cache");
        cr_assert_str_eq(evaluator_inner(stack)->ops->name, names[kind]);
        cr_assert_eq(evaluator_generation(stack), evaluator_generation(evaluator_inner(stack)));
        evaluator_free(stack);
    }
    net_unref(net);
}

/* The number of playouts and the seed reach the leaf. */
Test(stack, rollouts)
{
    struct game game = fake_game("go:5");
    struct evaluator_config config = {.kind = EVALUATOR_ROLLOUT, .playouts = 7, .seed = 3};
    struct evaluator *stack = stack_of(&game, &config), *same = evaluator_rollout_create(&game, 7, 3);
    union any_position position;
    struct eval a, b;
    fake_play(&game, &position.p, NULL, "C3 D3");
    for (int i = 0; i < 5; i++) {
        ask(stack, &position.p, NULL, &a);
        ask(same, &position.p, NULL, &b);
        cr_assert_eq(distance(&game, &a, &b, 0), 0);
    }
    evaluator_free(stack);
    evaluator_free(same);
}

/* Without a batch size the net evaluates as many positions at a time as one query needs, with the same results. */
Test(stack, batch_size_by_itself)
{
    struct game game = fake_game("go:5");
    struct net *net = small_net(&game, 1);
    static const int symmetries[] = {3, EVALUATOR_SYMMETRY_ALL};
    static const int sizes[] = {1, GAME_SYMMETRIES};
    union any_position position;
    struct eval a, b;
    fake_play(&game, &position.p, NULL, "C3 D3");
    for (int i = 0; i < 2; i++) {
        struct evaluator *stated = net_evaluator(&game, net, symmetries[i], sizes[i]);
        struct evaluator *unstated = net_evaluator(&game, net, symmetries[i], 0);
        ask(stated, &position.p, NULL, &a);
        ask(unstated, &position.p, NULL, &b);
        cr_assert_eq(distance(&game, &a, &b, 0), 0);
        evaluator_free(stated);
        evaluator_free(unstated);
    }
    net_unref(net);
}

static void expect_refused(const struct game *game, const struct evaluator_config *config, const char *word)
{
    struct evaluator *stack = (struct evaluator *)&game;
    GError *error = NULL;
    cr_assert_neq(evaluator_create(&stack, game, config, &error), 0, "%s", word);
    cr_assert_null(stack);
    cr_assert(strstr(error->message, word), "\"%s\" does not say \"%s\"", error->message, word);
    g_clear_error(&error);
}

Test(stack, bad_configs)
{
    struct game go = fake_game("go:5"), gomoku = fake_game("gomoku:5");
    struct net *net = small_net(&go, 1);
    struct evaluator_config config = {
        .kind = EVALUATOR_NET, .net = net, .backend = NET_BACKEND_PLAIN, .cache_bytes = 1 << 16};
    expect_refused(&gomoku, &config, "go");
    config.symmetry = GAME_SYMMETRIES;
    expect_refused(&go, &config, "symmetry");
    config.symmetry = EVALUATOR_SYMMETRY_ALL - 1;
    expect_refused(&go, &config, "symmetry");
    config.symmetry = 0;
    config.max_batch = -1;
    expect_refused(&go, &config, "batch");
    net_unref(net);
}

/* ---- lookup ---- */

/* The functions for the net evaluator and the cache find these anywhere in the stack. */
Test(stack, functions_find_their_evaluator)
{
    struct game game = fake_game("go:5");
    struct net *first = small_net(&game, 1), *second = small_net(&game, 2);
    struct observer_log *log = g_new0(struct observer_log, 1);
    struct evaluator *leaf = net_evaluator(&game, first, 0, 1), *direct = net_evaluator(&game, second, 0, 1);
    struct evaluator *middle = observer_create(leaf, log), *cache = evaluator_cache_create(middle, 1 << 16);
    struct evaluator *top = observer_create(cache, log);
    union any_position position;
    struct eval eval, want;
    fake_play(&game, &position.p, NULL, "C3");
    ask(top, &position.p, NULL, &eval);
    ask(top, &position.p, NULL, &eval);
    cr_assert_eq(evaluator_net_count(top), 1);
    struct evaluator_cache_stats stats = evaluator_cache_stats(top);
    cr_assert(stats.hits == 1 && stats.misses == 1);
    cr_assert_eq(evaluator_generation(top), net_generation(first));
    cr_assert_eq(evaluator_net_set(top, second, NULL), 0);
    cr_assert_eq(evaluator_generation(top), net_generation(second));
    ask(top, &position.p, NULL, &eval);
    ask(direct, &position.p, NULL, &want);
    cr_assert_eq(distance(&game, &eval, &want, 0), 0, "the new net is used");
    cr_assert_eq(evaluator_find(top, top->ops), top, "the topmost of its kind");
    cr_assert_eq(evaluator_find(top, leaf->ops), leaf);
    cr_assert_null(evaluator_find(middle, cache->ops), "not above the start");
    evaluator_free(top);
    evaluator_free(direct);
    net_unref(first);
    net_unref(second);
    g_free(log);
}

Test(stack, without_a_net_or_cache)
{
    struct game game = fake_game("go:5");
    struct net *net = small_net(&game, 1);
    struct evaluator *uniform = evaluator_uniform_create(&game);
    GError *error = NULL;
    cr_assert_eq(evaluator_net_count(uniform), 0);
    cr_assert_neq(evaluator_net_set(uniform, net, &error), 0);
    cr_assert(strstr(error->message, "uniform"), "%s", error->message);
    g_clear_error(&error);
    struct evaluator_cache_stats stats = evaluator_cache_stats(uniform);
    cr_assert(stats.hits == 0 && stats.misses == 0);
    cr_assert_eq(evaluator_generation(uniform), 0);
    cr_assert_not(evaluator_observes(uniform));
    evaluator_free(uniform);
    net_unref(net);
}

/* A stack whose game changes komi: each result is that of a stack created with that komi. */
Test(stack, komi_changes_between_games)
{
    struct game game = fake_game("go:5");
    struct net *net = small_net(&game, 1);
    const struct evaluator_config cached = {
        .kind = EVALUATOR_NET, .net = net, .backend = NET_BACKEND_PLAIN, .cache_bytes = 1 << 20};
    struct evaluator *stack = stack_of(&game, &cached);
    union any_position position;
    struct eval got[3], want;
    fake_play(&game, &position.p, NULL, "C3 D3");
    static const char *const komi[] = {"komi=7", "komi=-20.5", "komi=7"};
    for (int i = 0; i < 3; i++) {
        cr_assert(game_vary(&game, &game, komi[i], NULL));
        struct game fixed = game;
        struct evaluator *fresh = net_evaluator(&fixed, net, 0, 1);
        ask(stack, &position.p, NULL, &got[i]);
        ask(fresh, &position.p, NULL, &want);
        cr_assert_eq(distance(&game, &got[i], &want, 0), 0, "%s", komi[i]);
        evaluator_free(fresh);
    }
    cr_assert_gt(distance(&game, &got[0], &got[1], 0), 1e-5, "the net's input includes komi");
    cr_assert_eq(evaluator_net_count(stack), 2, "the third result came from the cache");
    evaluator_free(stack);
    net_unref(net);
}
