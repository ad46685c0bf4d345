/* Selection at nodes with statistics set by hand: visits in flight, confidence bounds of the move to play, early
 * stop. */
#include <criterion/criterion.h>
#include <math.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"
#include "tests/mcts/fake.h"
#include "tests/mcts/search/bench.h"

static game_move chosen(const struct bench *bench)
{
    return tree_edges(&bench->search->tree, bench->root)[search_select_root(bench->search, bench->root)].move;
}

static game_move chosen_below(const struct bench *bench)
{
    uint32_t child;
    int edge = search_select(bench->search, bench->root, &child);
    return tree_edges(&bench->search->tree, bench->root)[edge].move;
}

/* X X .   X to move; move 2 wins at once, and so do both of its visits. With the root's own evaluation N = 3, and the
 * O O .   root is worth 2/3. Five moves, p = 1/5, c = 1: move 2 scores 1 + sqrt(3) / 5 / 3 = 1.115, an untried move
 * . . .   2/3 + sqrt(3) / 5 = 1.013. With a visit in flight through move 2, N = 4. As an ordinary visit it would leave
 * 1 + 0.4 / 4 = 1.1 against 2/3 + 0.4 = 1.067, and so move 2; counted as lost it leaves 1/3 + 0.1. */
Test(selection, visits_in_flight_count_as_lost)
{
    struct bench bench;
    open_bench(&bench, MCTS_PUCT, "A3 A2 B3 B2", 2);
    cr_assert_eq(node_visits(child_of(&bench, 2)), 2);
    atomic_store(&bench.root->in_flight, 1); /* the calling thread's */
    cr_assert(chosen(&bench) == 2 && chosen_below(&bench) == 2, "nothing is in flight through the winning move");
    atomic_store(&bench.root->in_flight, 2);
    atomic_store(&child_of(&bench, 2)->in_flight, 1);
    cr_assert_neq(chosen(&bench), 2, "two threads take the same line");
    cr_assert_neq(chosen_below(&bench), 2, "two threads take the same line below the root");
    close_bench(&bench);
}

/* A child whose first visit is still in flight has no value yet: it is treated as an unvisited one, minus 1 for the
 * virtual loss. Without that, its prior of 0.9 would make it the choice again: 0.9 / 2 is more than 0.1 / 8. */
Test(selection, a_first_visit_in_flight_counts_as_lost)
{
    struct bench bench;
    open_bench(&bench, MCTS_PUCT, "", 1);
    game_move first = tree_edges(&bench.search->tree, bench.root)[0].move;
    struct node *child = child_of(&bench, first);
    for (int i = 0; i < bench.search->root.count; i++)
        bench.search->root.prior[i] = i ? 0.1f / 8 : 0.9f;
    atomic_store(&child->visits, 0);
    atomic_store(&child->value, 0);
    atomic_store(&bench.root->visits, 1);
    atomic_store(&bench.root->in_flight, 1);
    cr_assert_eq(chosen(&bench), first);
    atomic_store(&bench.root->in_flight, 2);
    atomic_store(&child->in_flight, 1);
    cr_assert_neq(chosen(&bench), first);
    close_bench(&bench);
}

/* Nine moves of equal value, each visited once: next is the first that has no visit in flight. */
Test(selection, gumbel_counts_visits_in_flight)
{
    struct bench bench;
    open_bench(&bench, MCTS_GUMBEL, "", 9);
    for (game_move move = 0; move < 9; move++)
        cr_assert_eq(node_visits(child_of(&bench, move)), 1);
    for (game_move move = 0; move < 9; move++) {
        cr_assert_eq(chosen_below(&bench), move);
        atomic_store(&child_of(&bench, move)->in_flight, 1);
    }
    cr_assert_eq(chosen_below(&bench), 0, "all have one more: the first again");
    close_bench(&bench);
}

/* The root has 100 visits: c(N) sqrt(N) / 9 = 1.111. Move 4 is worth 0.1 and has 50, move 5 is worth nothing. The standard
 * deviation s of the values below the root, with two visits of the expected 0.4, is as expected if the mean square is 0.16;
 * s = 0.14 if it is 0: s^2 = 2 / 102; and s = 2.48 if it is 1: s^2 = (0.32 + 100) / (102 * 0.16).
 *   move 5 has   expected                    s = 0.14         s = 2.48
 *   8 visits     0.1218 against 0.1235 (5)   0.103, 0.017 (4) 0.154, 0.306 (5)
 *   10 visits    0.1218 against 0.1010 (4)   0.103, 0.014 (4) 0.154, 0.250 (5) */
Test(selection, exploration_follows_the_spread)
{
    static const struct {
        uint32_t visits;
        double square;
        float stdev;
        game_move best;
    } cases[] = {{8, 0.16, 0, 5}, {8, 0, 0, 5},    {8, 1, 0, 5},    {10, 1, 0, 4},    {10, 0, 0, 4},
                 {8, 0.16, 1, 5}, {8, 0, 1, 4},    {8, 1, 1, 5},    {10, 0.16, 1, 4}, {10, 1, 1, 5},
                 {10, 0, 1, 4},   {8, 0, 0.9f, 4}, {8, 0, 0.01f, 5}};
    struct bench bench;
    open_bench(&bench, MCTS_PUCT, "", 9);
    for (game_move move = 0; move < 9; move++)
        set_child(&bench, move, 100, -0.9);
    set_child(&bench, 4, 50, 0.1);
    atomic_store(&bench.root->visits, 100);
    atomic_store(&bench.root->in_flight, 1);
    atomic_store(&bench.root->value, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        set_child(&bench, 5, cases[i].visits, 0);
        atomic_store(&bench.root->square, (int64_t)(100 * cases[i].square * TREE_VALUE_ONE));
        bench.search->config.cpuct_stdev = cases[i].stdev;
        cr_assert(chosen(&bench) == cases[i].best && chosen_below(&bench) == cases[i].best, "case %zu", i);
    }
    close_bench(&bench);
}

/* While a leaf is evaluated, its playout is in flight at each node of the path. */
static struct mcts *watched;
static int deepest_seen;

static void watch_evaluate(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    const struct worker *worker = &watched->workers[0];
    cr_assert(n == 1 && self->game == watched->game);
    memset(evals, 0, sizeof *evals);
    evals->filled = queries->want;
    evals->wdl[1] = 1;
    for (int i = 0; i < worker->length; i++)
        cr_assert_eq(node_in_flight(tree_node(&watched->tree, worker->path[i])), 1, "at depth %d", i);
    deepest_seen = worker->length > deepest_seen ? worker->length : deepest_seen;
}
static uint64_t no_generation(const struct evaluator *self)
{
    return self == NULL;
}

Test(selection, a_playout_is_in_flight_until_it_is_backed_up)
{
    static const struct evaluator_ops ops = {.name = "watch", .evaluate = watch_evaluate, .generation = no_generation};
    struct game game = fake_game("gomoku:3,line=3");
    struct evaluator watch = {.ops = &ops, .game = &game}, *evaluators[1] = {&watch};
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    watched = fake_search(&game, &config, evaluators);
    mcts_run(watched, &(struct mcts_limits){.visits = 100});
    cr_assert_geq(deepest_seen, 3);
    cr_assert_eq(node_in_flight(tree_node(&watched->tree, watched->tree.root)), 0);
    mcts_close(watched);
}

/* ---- the move to play ---- */

/* v visits of value m and a pseudo-visit with square 1 have the variance (v m^2 + 1) / (v + 1) - m^2 v / (v + 1), which
 * is 1 / (v + 1) for every m. The bound is 5 sqrt(variance / v) below m. */
Test(selection, lower_bound_by_hand)
{
    struct bench bench;
    open_bench(&bench, MCTS_PUCT, "", 9);
    set_child(&bench, 4, 100, 0.3);
    cr_assert_float_eq(root_lcb(child_of(&bench, 4), 0), 0.3 - 5 * sqrt(1 / 101.0 / 100), 1e-5);
    cr_assert_float_eq(root_lcb(child_of(&bench, 4), 1), -0.3 - 5 * sqrt(1 / 101.0 / 100), 1e-5);
    set_child(&bench, 4, 4, 0.5);
    cr_assert_float_eq(root_lcb(child_of(&bench, 4), 0), 0.5 - 5 * sqrt(1 / 5.0 / 4), 1e-5);
    close_bench(&bench);
}

/* The most visited move has 100 visits, value 0.3 and a bound of 0.25. The other one won all of its visits; from 10 on
 * its bound is higher, but it is eligible only with at least 15 % of the highest visit count. */
Test(selection, the_best_bound_is_played_among_moves_with_enough_visits)
{
    struct bench bench;
    open_bench(&bench, MCTS_PUCT, "", 9);
    static const struct {
        uint32_t visits;
        game_move best;
    } cases[] = {{2, 4}, {14, 4}, {16, 7}, {50, 7}};
    set_child(&bench, 4, 100, 0.3);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        set_child(&bench, 7, cases[i].visits, 1);
        cr_assert(cases[i].visits < 10 || root_lcb(child_of(&bench, 7), 0) > root_lcb(child_of(&bench, 4), 0));
        cr_assert_eq(mcts_choose(bench.search, 0, NULL), cases[i].best, "with %u visits", cases[i].visits);
    }
    set_child(&bench, 7, 50, 0.3); /* equal value, but less certain */
    cr_assert_eq(mcts_choose(bench.search, 0, NULL), 4);
    close_bench(&bench);
}

/* Both have 100 visits and the same value, but move 7 ends five points better. */
Test(selection, the_margin_counts_in_the_bound)
{
    for (int weighs = 0; weighs < 2; weighs++) {
        struct bench bench;
        open_bench(&bench, MCTS_PUCT, "", 9);
        bench.search->config.score_utility = weighs ? 0.3f : 0;
        set_child(&bench, 4, 100, 0.3);
        set_child(&bench, 7, 100, 0.29);
        atomic_store(&child_of(&bench, 7)->score, (int64_t)100 * 5 * TREE_SCORE_ONE);
        cr_assert_eq(mcts_choose(bench.search, 0, NULL), weighs ? 7 : 4);
        close_bench(&bench);
    }
}

/* A proven loss is avoided as long as another allowed move is not lost. */
Test(selection, lost_moves_are_avoided)
{
    struct bench bench;
    uint8_t allowed[GAME_MAX_MOVES] = {0};
    allowed[4] = allowed[5] = 1;
    open_bench(&bench, MCTS_PUCT, "", 9);
    set_child(&bench, 4, 100, 0.5);
    prove(&bench, 4, -1);
    cr_assert_neq(mcts_choose(bench.search, 0, NULL), 4);
    mcts_allow(bench.search, allowed);
    mcts_run(bench.search, &(struct mcts_limits){.visits = 1});
    prove(&bench, 4, -1);
    cr_assert_eq(mcts_choose(bench.search, 0, NULL), 5, "the other allowed move is not lost");
    set_child(&bench, 4, 100, 0.5);
    prove(&bench, 5, -1);
    cr_assert_eq(mcts_choose(bench.search, 0, NULL), 4, "both are lost");
    prove(&bench, 5, 1);
    cr_assert_eq(mcts_choose(bench.search, 0, NULL), 5, "the other one wins");
    close_bench(&bench);
}

/* Ordered by visits, then value, then prior, then number; unvisited moves by the last two. */
Test(selection, moves_are_listed_best_first)
{
    struct bench bench;
    static const game_move wanted[9] = {8, 4, 3, 6, 5, 7, 2, 0, 1};
    struct mcts_move moves[9];
    open_bench(&bench, MCTS_PUCT, "", 9);
    for (game_move move = 0; move < 9; move++)
        set_child(&bench, move, move < 3 ? 0 : move == 8 ? 50 : 20, 0.1);
    set_child(&bench, 4, 20, 0.6);
    set_child(&bench, 3, 20, 0.3);
    for (int i = 0; i < bench.search->root.count; i++) {
        game_move move = tree_edges(&bench.search->tree, bench.root)[i].move;
        bench.search->root.raw_prior[i] = move == 6 || move == 2 ? 0.3f : 0.1f;
    }
    cr_assert_eq(mcts_moves(bench.search, moves, 9), 9);
    for (int i = 0; i < 9; i++)
        cr_assert_eq(moves[i].move, wanted[i], "place %d: move %d", i, moves[i].move);
    cr_assert(moves[0].visits == 50 && moves[8].visits == 0);
    cr_assert_eq(mcts_moves(bench.search, moves, 2), 2, "no more than requested");
    close_bench(&bench);
}

/* ---- the early stop ---- */

/* 1000 playouts in 1000 ms: a lead of 50 visits is safe with less than 50 ms left. */
Test(selection, decided_when_nothing_can_overtake)
{
    struct bench bench;
    open_bench(&bench, MCTS_PUCT, "", 9);
    set_child(&bench, 4, 500, 0.5);
    set_child(&bench, 5, 450, 0.4);
    bench.search->started = 1000;
    bench.search->limits.time_ms = 1049;
    cr_assert(search_is_decided(bench.search, 1000));
    bench.search->limits.time_ms = 1050;
    cr_assert(!search_is_decided(bench.search, 1000), "50 more visits could catch up");
    bench.search->limits.time_ms = 2000;
    cr_assert(!search_is_decided(bench.search, 1000));
    cr_assert(search_is_decided(bench.search, 1960), "at half the speed there is time for 20 visits");
    bench.search->started = 100;
    cr_assert(!search_is_decided(bench.search, 1000), "at a tenth of the speed there is time for 100 visits");
    bench.search->limits.time_ms = 1400;
    cr_assert(search_is_decided(bench.search, 1000), "at a tenth of the speed there is time for 40 visits");
    cr_assert(!search_is_decided(bench.search, 0), "no speed is known yet");
    close_bench(&bench);
}

/* Not if another move than the most visited one would be played, and not with sequential halving, which allocates
 * visits in advance. */
Test(selection, not_decided_while_the_bounds_disagree)
{
    struct bench bench;
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        open_bench(&bench, (enum mcts_selection)selection, "", 9);
        set_child(&bench, 4, 500, 0.1);
        set_child(&bench, 5, 100, 0);
        bench.search->started = 1000;
        bench.search->limits.time_ms = 1001;
        cr_assert_eq(search_is_decided(bench.search, 1000), selection == MCTS_PUCT);
        set_child(&bench, 5, 100, 0.9);
        cr_assert_not(search_is_decided(bench.search, 1000));
        close_bench(&bench);
    }
}
