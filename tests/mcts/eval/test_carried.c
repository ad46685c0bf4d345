/* Evaluators of nets that carry a state along the moves played: whose moves they are, in which order, under which symmetry, and that
 * a cache tells states apart. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/mcts/asking.h"
#include "tests/mcts/carrying.h"
#include "tests/mcts/fake.h"

/* below: how many of the last moves were made by a search. */
static void ask_below(struct evaluator *evaluator, const struct line *line, int below, struct eval *eval)
{
    memset(eval, 0xff, sizeof *eval);
    const struct eval_query query = {
        .position = &line->at.p, .history = &line->history, .want = ALL, .below_root = below};
    evaluator_evaluate(evaluator, 1, &query, eval);
    cr_assert_eq(eval->filled, ALL);
}

static double difference(const struct game *game, const struct eval *a, const struct eval *b)
{
    return distance(game, a, b, 0);
}

static const char opening[] = "B2 C3 D4 B4 D2 C2 B3 D3 A1 E5 A5 E1";

/* The last moves, of which features know, are the same, and so are the stones. */
static const char swapped[] = "D4 B4 B2 C3 D2 C2 B3 D3 A1 E5 A5 E1";

Test(carried, the_moves_played_and_their_order_matter)
{
    struct game game = fake_game("gomoku:7");
    struct net *net = carrying_net(&game, 12), *plain = small_net(&game, 1);
    struct line first = line_of(&game, opening), second = line_of(&game, swapped);
    struct eval a, b, none;
    cr_assert_eq(first.at.p.stones_hash, second.at.p.stones_hash);
    for (int carries = 0; carries < 2; carries++) {
        struct evaluator *e = net_evaluator(&game, carries ? net : plain, 0, 1);
        ask_below(e, &first, 0, &a);
        ask_below(e, &second, 0, &b);
        ask(e, &first.at.p, NULL, &none);
        cr_expect(carries ? difference(&game, &a, &none) > 1e-3 : difference(&game, &a, &none) == 0, "the moves");
        cr_expect(carries ? difference(&game, &a, &b) > 1e-4 : difference(&game, &a, &b) == 0, "their order");
        evaluator_free(e);
    }
    history_clear(&first.history);
    history_clear(&second.history);
    net_unref(net);
    net_unref(plain);
}

/* What happened earlier than the net's number of moves ago is forgotten. */
Test(carried, no_further_than_the_nets_moves)
{
    struct game game = fake_game("gomoku:7");
    struct line first = line_of(&game, opening), second = line_of(&game, swapped);
    for (int moves = 3; moves <= 9; moves += 6) { /* up to 8 moves ago positions differ, or the moves before them */
        struct net *net = carrying_net(&game, moves);
        struct evaluator *e = net_evaluator(&game, net, 0, 1);
        struct eval a, b;
        ask_below(e, &first, 0, &a);
        ask_below(e, &second, 0, &b);
        cr_expect(moves == 3 ? difference(&game, &a, &b) == 0 : difference(&game, &a, &b) > 0, "%d moves: %g", moves,
                  difference(&game, &a, &b));
        evaluator_free(e);
        net_unref(net);
    }
    history_clear(&first.history);
    history_clear(&second.history);
}

/* The state of a root, and the answer for a position, computed step by step by the net alone. */
static void answer_by_hand(const struct game *game, struct net *net, const struct line *line, int root, float *policy)
{
    const struct game_features *features = evaluator_net_features(net, game, NULL);
    const size_t size = net_state_size(net, game->points);
    float *planes = g_new(float, features->planes * game->points), *globals = g_new(float, features->globals);
    float *state = g_new0(float, size);
    struct net_runner *runner;
    union any_position at;
    struct history history;
    cr_assert_eq(net_runner_create(&runner, net, NET_BACKEND_PLAIN, NET_F32, 1, NULL), 0);
    history_init(&history, 64);
    game_init(game, &at.p);
    for (int i = 0; i < line->history.count; i++) {
        game_encode(game, features, &at.p, &history, 0, planes, globals);
        if (i >= root - net_moves(net) && i < root)
            net_runner_carry(runner, game->width, game->height, planes, globals, state, state);
        game_play(game, &at.p, &history, line->history.entries[i].move);
    }
    game_encode(game, features, &at.p, &history, 0, planes, globals);
    net_runner_infer_with(runner, game->width, game->height, 1, planes, globals, state,
                          &(struct net_outputs){.policy = policy});
    net_runner_close(runner);
    history_clear(&history);
    g_free(planes), g_free(globals), g_free(state);
}

/* The root's state serves every position below it, bit for bit, in whatever order they are asked for. */
Test(carried, the_roots_state_serves_its_tree)
{
    struct game game = fake_game("go:5");
    struct net *net = carrying_net(&game, 4);
    struct evaluator *e = net_evaluator(&game, net, 0, 1);
    const int belows[] = {0, 3, 1, 9, 2, 0};
    struct line line = line_of(&game, "B2 C3 D4 B4 D2 C2 B3 D3 A1");
    float policy[26], before[26] = {0};
    struct eval eval;
    for (size_t i = 0; i < G_N_ELEMENTS(belows); i++) {
        ask_below(e, &line, belows[i], &eval);
        answer_by_hand(&game, net, &line, line.history.count - belows[i], policy);
        cr_expect_arr_eq(eval.logits, policy, sizeof policy, "%d moves below the root", belows[i]);
        cr_expect(memcmp(before, policy, sizeof policy) != 0, "%d: no state is like another", belows[i]);
        memcpy(before, policy, sizeof policy);
    }
    evaluator_free(e);
    history_clear(&line.history);
    net_unref(net);
}

/* A move taken back and made again, and another one made and taken back, leave nothing behind. */
Test(carried, undone_moves_leave_no_trace)
{
    struct game game = fake_game("go:5");
    struct net *net = carrying_net(&game, 4);
    struct evaluator *e = net_evaluator(&game, net, EVALUATOR_SYMMETRY_RANDOM, 1);
    struct line line = line_of(&game, "B2 C3 D4 B4 D2 C2");
    struct eval first, other, again;
    ask_below(e, &line, 0, &first);
    line_undo(&game, &line, 3);
    line_play(&game, &line, "D3 A1", 0);
    ask_below(e, &line, 0, &other);
    line_undo(&game, &line, 2);
    line_play(&game, &line, "B4 D2 C2", 0);
    ask_below(e, &line, 0, &again);
    cr_expect_gt(difference(&game, &first, &other), 0);
    cr_expect_eq(difference(&game, &first, &again), 0);
    evaluator_free(e);
    history_clear(&line.history);
    net_unref(net);
}

/* A game that did not begin at the start, and a turn that changed without a move: no state is known. */
Test(carried, a_position_that_was_set_up_has_none)
{
    struct game game = fake_game("go:5");
    struct net *net = carrying_net(&game, 4);
    struct evaluator *e = net_evaluator(&game, net, 0, 1);
    struct line line;
    struct eval with, without;
    line_init(&game, &line);
    cr_assert(game_set_up_drawing(&game, &line.at.p, "..... .X.O. ..... .XO.. .....", GAME_BLACK, NULL));
    line_play(&game, &line, "C3 D1", 0);
    ask_below(e, &line, 0, &with);
    ask(e, &line.at.p, NULL, &without);
    cr_expect_eq(difference(&game, &with, &without), 0);
    line_undo(&game, &line, 2);
    line_play(&game, &line, "C3 D1 B2", 0);
    game_set_to_move(&game, &line.at.p, GAME_BLACK);
    line_play(&game, &line, "B4", 0);
    ask_below(e, &line, 0, &with);
    ask(e, &line.at.p, NULL, &without);
    cr_expect_eq(difference(&game, &with, &without), 0);
    evaluator_free(e);
    history_clear(&line.history);
    net_unref(net);
}

/* Under every symmetry the net sees all positions of a game alike: the answer is the image of that to the image of the game. */
Test(carried, one_symmetry_for_the_state_and_the_position)
{
    struct game game = fake_game("go:5");
    struct net *net = carrying_net(&game, 4);
    struct evaluator *straight = net_evaluator(&game, net, 0, 1);
    const char moves[] = "B2 C3 D4 B4 D2 C2";
    struct line line = line_of(&game, moves);
    struct eval turned, wanted;
    for (int s = 1; s < game.symmetries; s++) {
        struct evaluator *e = net_evaluator(&game, net, s, 1);
        struct line image;
        line_init(&game, &image);
        line_play(&game, &image, moves, s);
        ask_below(e, &line, 1, &turned);
        ask_below(straight, &image, 1, &wanted);
        cr_expect_lt(distance(&game, &turned, &wanted, s), 1e-5, "symmetry %d", s);
        history_clear(&image.history);
        evaluator_free(e);
    }
    evaluator_free(straight);
    history_clear(&line.history);
    net_unref(net);
}

/* The mean over all symmetries in batches of three, with a state for each of them. */
Test(carried, the_mean_over_all_symmetries)
{
    struct game game = fake_game("go:5");
    struct net *net = carrying_net(&game, 4);
    struct evaluator *all = net_evaluator(&game, net, EVALUATOR_SYMMETRY_ALL, 3);
    struct line line = line_of(&game, "B2 C3 D4 B4");
    struct eval mean, one;
    double sum = 0;
    ask_below(all, &line, 0, &mean);
    for (int s = 0; s < game.symmetries; s++) {
        struct evaluator *e = net_evaluator(&game, net, s, 1);
        ask_below(e, &line, 0, &one);
        sum += (double)one.score / game.symmetries;
        evaluator_free(e);
    }
    cr_expect_float_eq((double)mean.score, sum, 1e-4);
    evaluator_free(all);
    history_clear(&line.history);
    net_unref(net);
}

/* Positions of one search share a random symmetry: with each of the others some answer would differ. */
Test(carried, a_random_symmetry_is_that_of_the_root)
{
    struct game game = fake_game("go:5");
    struct net *net = carrying_net(&game, 4);
    struct evaluator *random = net_evaluator(&game, net, EVALUATOR_SYMMETRY_RANDOM, 1);
    struct line line = line_of(&game, "B2 C3 D4 B4");
    bool possible[GAME_SYMMETRIES];
    int left = 0;
    memset(possible, true, sizeof possible);
    for (int below = 0; below < 6; below++) {
        struct eval had, one;
        ask_below(random, &line, below, &had);
        for (int s = 0; s < game.symmetries; s++) {
            struct evaluator *e = net_evaluator(&game, net, s, 1);
            ask_below(e, &line, below, &one);
            possible[s] &= difference(&game, &had, &one) == 0;
            evaluator_free(e);
        }
        line_play(&game, &line, below % 2 ? "pass" : "D3", 0);
        if (below % 2)
            break; /* two passes would end the game */
    }
    for (int s = 0; s < game.symmetries; s++)
        left += possible[s];
    cr_expect_eq(left, 1);
    evaluator_free(random);
    history_clear(&line.history);
    net_unref(net);
}

/* The same position below two roots, and with the same root again. */
Test(carried, a_cache_tells_states_apart)
{
    struct game game = fake_game("go:5");
    struct net *nets[] = {small_net(&game, 1), carrying_net(&game, 4)};
    const int belows[] = {0, 1, 2, 1, 0, 2};
    struct line line = line_of(&game, "B2 C3 D4 B4 D2 C2");
    for (int carries = 0; carries < 2; carries++) {
        struct evaluator *plain = net_evaluator(&game, nets[carries], 0, 1);
        struct evaluator *cache = evaluator_cache_create(net_evaluator(&game, nets[carries], 0, 1), 1 << 20);
        struct eval wanted, had;
        for (size_t i = 0; i < G_N_ELEMENTS(belows); i++) {
            ask_below(plain, &line, belows[i], &wanted);
            ask_below(cache, &line, belows[i], &had);
            cr_expect_eq(difference(&game, &wanted, &had), 0, "%d moves below the root", belows[i]);
        }
        cr_expect_eq(evaluator_cache_stats(cache).misses, carries ? 3 : 1);
        cr_expect_eq(evaluator_cache_stats(cache).hits, carries ? 3 : 5);
        evaluator_free(plain);
        evaluator_free(cache);
    }
    history_clear(&line.history);
    net_unref(nets[0]);
    net_unref(nets[1]);
}

/* An evaluator whose net changes to one that carries a state, to one that carries another, and back; and clones. */
Test(carried, nets_change)
{
    struct game game = fake_game("go:5");
    struct net *nets[] = {small_net(&game, 1), carrying_net(&game, 4), carrying_net(&game, 2), small_net(&game, 2)};
    struct evaluator *e = net_evaluator(&game, nets[0], 0, 2);
    struct line line = line_of(&game, "B2 C3 D4 B4 D2 C2");
    for (size_t i = 0; i < G_N_ELEMENTS(nets); i++) {
        struct evaluator *fresh = net_evaluator(&game, nets[i], 0, 2), *clone;
        struct eval wanted, had;
        cr_assert_eq(evaluator_net_set(e, nets[i], NULL), 0);
        clone = evaluator_clone(e);
        ask_below(fresh, &line, 1, &wanted);
        ask_below(e, &line, 1, &had);
        cr_expect_eq(difference(&game, &wanted, &had), 0, "%zu", i);
        ask_below(clone, &line, 1, &had);
        cr_expect_eq(difference(&game, &wanted, &had), 0, "%zu", i);
        evaluator_free(clone);
        evaluator_free(fresh);
    }
    evaluator_free(e);
    history_clear(&line.history);
    for (size_t i = 0; i < G_N_ELEMENTS(nets); i++)
        net_unref(nets[i]);
}
