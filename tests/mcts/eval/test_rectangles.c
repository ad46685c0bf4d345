/* The network evaluator on Connect Four: a board wider than high, whose only symmetry swaps left and right. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/mcts/asking.h"
#include "tests/mcts/fake.h"

static const char moves[] = "D1 D2 A1 E1";

/* The result for a position under the mirror symmetry is that for the mirrored position, mapped back. */
Test(rectangles, the_mirror_is_mapped_back)
{
    struct game game = fake_game("connect4:7x6");
    struct net *net = small_net(&game, 1);
    struct evaluator *plain = net_evaluator(&game, net, 0, 1), *mirrored = net_evaluator(&game, net, 1, 1);
    union any_position position, image;
    struct eval straight, turned, imaged;
    play_under(&game, &position.p, moves, 0);
    play_under(&game, &image.p, moves, 1);
    ask(plain, &position.p, NULL, &straight);
    ask(mirrored, &position.p, NULL, &turned);
    ask(plain, &image.p, NULL, &imaged);
    cr_assert_lt(distance(&game, &turned, &imaged, 1), 1e-6);
    cr_assert_gt(distance(&game, &turned, &straight, 0), 1e-5, "the mirror changes nothing");
    evaluator_free(plain);
    evaluator_free(mirrored);
    net_unref(net);
}

/* symmetry=all is the mean of the two, with any batch size, and evaluates the net only twice. */
Test(rectangles, all_symmetries_are_two)
{
    struct game game = fake_game("connect4:7x6");
    struct net *net = small_net(&game, 2);
    union any_position position;
    struct eval one, all, mean = {0};
    play_under(&game, &position.p, moves, 0);
    for (int s = 0; s < 2; s++) {
        struct evaluator *evaluator = net_evaluator(&game, net, s, 1);
        ask(evaluator, &position.p, NULL, &one);
        mean.score += one.score / 2;
        for (int i = 0; i < 3; i++)
            mean.wdl[i] += one.wdl[i] / 2;
        for (int m = 0; m < game.moves; m++)
            mean.logits[m] += one.logits[m] / 2;
        for (int p = 0; p < game.points; p++)
            mean.map[p] += one.map[p] / 2;
        evaluator_free(evaluator);
    }
    for (int batch = 1; batch <= 3; batch++) {
        struct evaluator *evaluator = net_evaluator(&game, net, EVALUATOR_SYMMETRY_ALL, batch);
        ask(evaluator, &position.p, NULL, &all);
        cr_expect_lt(distance(&game, &all, &mean, 0), 1e-5, "batches of %d", batch);
        cr_expect_eq(evaluator_net_count(evaluator), 2);
        evaluator_free(evaluator);
    }
    net_unref(net);
}

/* A random symmetry is one of the two. */
Test(rectangles, random_symmetries_never_transpose)
{
    struct game game = fake_game("connect4:7x6");
    struct net *net = small_net(&game, 3);
    struct evaluator *random = net_evaluator(&game, net, EVALUATOR_SYMMETRY_RANDOM, 1);
    struct evaluator *fixed[2] = {net_evaluator(&game, net, 0, 1), net_evaluator(&game, net, 1, 1)};
    int seen[2] = {0};
    for (int i = 0; i < 49; i++) {
        union any_position position;
        struct eval by_hash, one;
        game_init(&game, &position.p);
        game_play(&game, &position.p, NULL, game_point_move(&game, &position.p, i % 7));
        game_play(&game, &position.p, NULL, game_point_move(&game, &position.p, i / 7));
        ask(random, &position.p, NULL, &by_hash);
        int found = 0;
        for (int s = 0; s < 2; s++) {
            ask(fixed[s], &position.p, NULL, &one);
            bool same = distance(&game, &by_hash, &one, 0) < 1e-6;
            found += same;
            seen[s] += same;
        }
        cr_expect_geq(found, 1, "position %d", i);
    }
    cr_expect(seen[0] > 8 && seen[1] > 8, "%d and %d", seen[0], seen[1]);
    for (int s = 0; s < 2; s++)
        evaluator_free(fixed[s]);
    evaluator_free(random);
    net_unref(net);
}

/* A symmetry that the game lacks would turn a 7x6 board into a 6x7 one, or turn it upside down. */
Test(rectangles, symmetries_that_the_game_lacks_are_refused)
{
    static const struct {
        const char *spec;
        int most;
    } cases[] = {{"connect4:7x6", 1}, {"connect4:6", 1}, {"go:5", 7}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct game game = fake_game(cases[i].spec);
        struct net *net = small_net(&game, 1);
        for (int s = 0; s < GAME_SYMMETRIES + 1; s++) {
            const struct evaluator_config config = {
                .kind = EVALUATOR_NET, .net = net, .backend = NET_BACKEND_PLAIN, .symmetry = s};
            struct evaluator *evaluator;
            GError *error = NULL;
            int status = evaluator_create(&evaluator, &game, &config, &error);
            cr_expect_eq(status == 0, s <= cases[i].most, "%s, symmetry %d", cases[i].spec, s);
            cr_expect(status == 0 || strstr(error->message, "symmetry"));
            evaluator_free(evaluator);
            g_clear_error(&error);
        }
        net_unref(net);
    }
}

/* The cache returns the net's results for every move and point. */
Test(rectangles, the_cache_keeps_whole_boards)
{
    struct game game = fake_game("connect4:7x6");
    struct net *net = small_net(&game, 4);
    struct evaluator *cached = evaluator_cache_create(net_evaluator(&game, net, 0, 1), 1 << 20);
    struct evaluator *plain = net_evaluator(&game, net, 0, 1);
    union any_position position;
    struct eval first, again, direct;
    play_under(&game, &position.p, moves, 0);
    ask(cached, &position.p, NULL, &first);
    ask(cached, &position.p, NULL, &again);
    ask(plain, &position.p, NULL, &direct);
    cr_expect_eq(evaluator_cache_stats(cached).hits, 1);
    cr_expect_eq(distance(&game, &again, &direct, 0), 0);
    evaluator_free(cached);
    evaluator_free(plain);
    net_unref(net);
}
