/* The results of a search: the root, its moves, variations, sampling of a move. Statistics are set by hand. */
#include <criterion/criterion.h>
#include <math.h>

#include "games/game.h"
#include "mcts/search.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"
#include "tests/mcts/fake.h"
#include "tests/mcts/search/bench.h"

/* Sets the sums of a node with this number of visits, from the view of player 0. */
static void set_sums(struct node *node, uint32_t visits, double value, double draw, double score)
{
    atomic_store(&node->visits, visits);
    atomic_store(&node->value, llrint(visits * value * TREE_VALUE_ONE));
    atomic_store(&node->draw, llrint(visits * draw * TREE_VALUE_ONE));
    atomic_store(&node->score, llrint(visits * score * TREE_SCORE_ONE));
}

static void expect_wdl(const float *wdl, double win, double draw, double loss)
{
    cr_expect_float_eq(wdl[0], win, 1e-6, "win %g", (double)wdl[0]);
    cr_expect_float_eq(wdl[1], draw, 1e-6, "draw %g", (double)wdl[1]);
    cr_expect_float_eq(wdl[2], loss, 1e-6, "loss %g", (double)wdl[2]);
}

/* Value v and draw d: win (1 - d + v) / 2, loss (1 - d - v) / 2; for player 1 they are exchanged. */
Test(report, root_for_either_player)
{
    for (int player = 0; player < 2; player++) {
        struct bench bench;
        struct mcts_root root;
        double sign = player ? -1 : 1;
        open_bench(&bench, MCTS_PUCT, player ? "B2" : "", 5);
        bench.root->raw_value = 0.3f;
        bench.root->raw_draw = 0.2f;
        bench.root->raw_score = 4;
        set_sums(bench.root, 20, 0.5, 0.1, -6);
        mcts_root(bench.search, &root);
        cr_assert_eq(bench.root->player, player);
        expect_wdl(root.raw_wdl, 0.4 + sign * 0.15, 0.2, 0.4 - sign * 0.15);
        expect_wdl(root.wdl, 0.45 + sign * 0.25, 0.1, 0.45 - sign * 0.25);
        cr_expect_float_eq(root.raw_score, sign * 4, 1e-6);
        cr_expect_float_eq(root.value, sign * 0.5, 1e-6);
        cr_expect_float_eq(root.score, sign * -6, 1e-3);
        cr_expect(root.visits == 20 && root.new_visits == 5 && root.nodes == 6 && root.depth == 1 && !root.proven);
        cr_expect_eq(root.moves, player ? 8 : 9);
        atomic_store(&bench.root->proven, -1); /* won by player 1 */
        mcts_root(bench.search, &root);
        cr_expect(root.proven == -(int)sign && root.value == (float)-sign);
        expect_wdl(root.wdl, player ? 1 : 0, 0, player ? 0 : 1);
        close_bench(&bench);
    }
}

/* Rounding, or an invalid evaluation, may put the probability of a draw outside of 0 to 1. */
Test(report, draws_are_shares)
{
    struct bench bench;
    struct mcts_root root;
    open_bench(&bench, MCTS_PUCT, "", 1);
    bench.root->raw_draw = 1.5f;
    set_sums(bench.root, 2, 0, -0.5, 0);
    mcts_root(bench.search, &root);
    expect_wdl(root.raw_wdl, 0, 1, 0);
    expect_wdl(root.wdl, 0.5, 0, 0.5);
    close_bench(&bench);
}

Test(report, nothing_was_searched)
{
    struct bench bench;
    struct mcts_root root;
    struct mcts_move moves[9];
    game_move line[3];
    float policy[GAME_MAX_MOVES];
    open_bench(&bench, MCTS_PUCT, "", 1);
    mcts_forget(bench.search);
    memset(policy, 0xff, sizeof policy);
    mcts_root(bench.search, &root);
    cr_expect(root.visits == 0 && root.new_visits == 0 && root.nodes == 0 && root.moves == 0);
    cr_expect_eq(mcts_moves(bench.search, moves, 9), 0);
    float wdl[3] = {7, 7, 7};
    cr_expect_not(mcts_policy(bench.search, policy));
    cr_expect(!mcts_improved_value(bench.search, wdl) && wdl[0] == 7);
    for (int m = 0; m < 9; m++)
        cr_expect_eq(policy[m], 0);
    cr_expect_eq(mcts_choose(bench.search, 0, NULL), GAME_NO_MOVE);
    cr_expect_eq(mcts_variation(bench.search, 4, line, NULL, 3), 0);
    close_bench(&bench);
}

/* Player 1 to move: what is good for player 0 is bad here. A move without visits has the root's value and score, and
 * the evaluator's probability of a draw. */
Test(report, moves_by_hand)
{
    struct bench bench;
    open_bench(&bench, MCTS_PUCT, "B2", 3);
    bench.root->raw_draw = 0.25f;
    set_sums(bench.root, 50, 0.4, 0.3, 8);
    set_sums(child_of(&bench, 0), 30, -0.5, 0.125, -2);
    set_sums(child_of(&bench, 1), 10, 0.5, 0, 2);
    set_sums(child_of(&bench, 2), 10, 0.5, 0, 2);
    prove(&bench, 1, 1);
    struct mcts_move best = fake_find(bench.search, 0), lost = fake_find(bench.search, 1),
                     untried = fake_find(bench.search, 8);
    cr_expect(best.visits == 30 && best.proven == 0);
    cr_expect_float_eq(best.value, 0.5, 1e-6);
    cr_expect_float_eq(best.draw, 0.125, 1e-6);
    cr_expect_float_eq(best.score, 2, 1e-3);
    cr_expect_float_eq(best.improved, 30 / 50.0, 1e-6);
    cr_expect(lost.proven == -1 && lost.value == -1 && lost.lcb == -1 && lost.visits == 10);
    cr_expect(untried.visits == 0 && untried.proven == 0 && untried.lcb == -1 && untried.improved == 0);
    cr_expect_float_eq(untried.value, -0.4, 1e-6);
    cr_expect_eq(untried.draw, 0.25f);
    cr_expect_float_eq(untried.score, -8, 1e-3);
    cr_expect_float_eq(untried.prior, 1 / 8.0, 1e-6);
    float wdl[3];
    cr_expect(mcts_improved_value(bench.search, wdl)); /* by the shares of the visits 0.5, -1 and -0.5, draws 0.125 */
    expect_wdl(wdl, (1 - 0.075) / 2, 0.075, (1 - 0.075) / 2);
    close_bench(&bench);
}

/* A Gumbel root has tried a good and a bad move as often: the improved policy prefers the good one, and so is its value higher than
 * the mean over the visits; a proven result is exact. */
Test(report, value_of_the_improved_policy)
{
    struct bench bench;
    struct mcts_root root;
    float wdl[3], policy[GAME_MAX_MOVES], value = 0;
    open_bench(&bench, MCTS_GUMBEL, "", 3);
    set_sums(bench.root, 20, 0, 0.25, 0);
    set_sums(child_of(&bench, 0), 10, 0.5, 0.25, 0);
    set_sums(child_of(&bench, 1), 10, -0.5, 0.25, 0);
    cr_assert(mcts_policy(bench.search, policy) && mcts_improved_value(bench.search, wdl));
    for (int m = 0; m < 9; m++)
        value += policy[m] * fake_find(bench.search, (game_move)m).value;
    mcts_root(bench.search, &root);
    cr_expect(policy[0] > 2 * policy[1] && value > root.value + 0.02f, "%g, mean %g", value, root.value);
    cr_expect_float_eq(wdl[0] - wdl[2], value, 1e-5);
    cr_expect_float_eq(wdl[0] + wdl[1] + wdl[2], 1, 1e-5);
    atomic_store(&bench.root->proven, -1);
    cr_assert(mcts_improved_value(bench.search, wdl));
    expect_wdl(wdl, 0, 0, 1);
    close_bench(&bench);
}

/* A proven win has all of a Gumbel root's improved policy, a proven loss or a move that is not allowed none of it. */
Test(report, improved_policy_of_proven_moves)
{
    struct bench bench;
    float policy[GAME_MAX_MOVES], all = 0;
    open_bench(&bench, MCTS_GUMBEL, "", 3);
    set_sums(bench.root, 30, 0, 0.25, 0);
    for (int m = 0; m < 3; m++)
        set_sums(child_of(&bench, m), 10, 0.1f * (float)m, 0.25, 0);
    atomic_store(&child_of(&bench, 1)->proven, -1); /* results are player 0's, who is to move */
    cr_assert(mcts_policy(bench.search, policy));
    for (int m = 0; m < 9; m++)
        all += policy[m];
    cr_expect(policy[1] == 0 && policy[0] > 0 && policy[2] > 0 && policy[5] > 0);
    cr_expect_float_eq(all, 1, 1e-5);
    atomic_store(&child_of(&bench, 0)->proven, 1);
    cr_assert(mcts_policy(bench.search, policy));
    cr_expect(policy[0] == 1 && policy[1] == 0 && policy[2] == 0 && policy[5] == 0);
    for (int i = 0; i < bench.search->root.count; i++) {
        const game_move move = tree_edges(&bench.search->tree, bench.root)[i].move;
        bench.search->root.excluded[i] = move != 1 && move != 2 && move != 5;
    }
    bench.search->root.allowed_count = 3;
    cr_assert(mcts_policy(bench.search, policy));
    cr_expect(policy[0] == 0 && policy[1] == 0 && policy[2] > 0 && policy[5] > 0);
    cr_expect_float_eq(policy[2] + policy[5], 1, 1e-5);
    close_bench(&bench);
}

/* PUCT without visits below the root: the priors without noise. */
Test(report, policy_without_visits)
{
    struct bench bench;
    const atomic_bool stop = true;
    float policy[GAME_MAX_MOVES];
    open_bench(&bench, MCTS_PUCT, "", 1);
    mcts_forget(bench.search);
    mcts_run(bench.search, &(struct mcts_limits){.stop = &stop});
    for (int i = 0; i < 9; i++) {
        bench.search->root.raw_prior[i] = i == 3 ? 0.6f : 0.05f;
        bench.search->root.prior[i] = 1 / 9.0f;
    }
    cr_expect(mcts_policy(bench.search, policy));
    for (int m = 0; m < 9; m++)
        cr_expect_eq(policy[m], m == 3 ? 0.6f : 0.05f);
    bench.search->root.prior[7] = 0.5f;
    cr_expect_eq(mcts_choose(bench.search, 0, NULL), 7, "without visits the highest prior is played");
    close_bench(&bench);
}

/* ---- variations ---- */

/* The child of a node by its move. */
static struct node *below(const struct bench *bench, struct node *node, game_move move)
{
    const struct tree *tree = &bench->search->tree;
    for (uint32_t at = node->first_child; at; at = tree_node(tree, at)->next)
        if (tree_edges(tree, node)[tree_node(tree, at)->edge].move == move)
            return tree_node(tree, at);
    cr_assert_fail("move %d was not visited", move);
    return NULL;
}

/* The most visited reply, and the most visited reply to that; ties go to the first. */
Test(report, variation_follows_the_most_visited)
{
    struct bench bench;
    game_move line[9];
    int64_t visits[9];
    open_bench(&bench, MCTS_PUCT, "", 400);
    struct node *first = child_of(&bench, 4);
    for (uint32_t at = first->first_child; at; at = tree_node(&bench.search->tree, at)->next)
        atomic_store(&tree_node(&bench.search->tree, at)->visits, 2);
    atomic_store(&below(&bench, first, 6)->visits, 7);
    struct node *second = below(&bench, first, 6);
    for (uint32_t at = second->first_child; at; at = tree_node(&bench.search->tree, at)->next)
        atomic_store(&tree_node(&bench.search->tree, at)->visits, 3);
    atomic_store(&first->visits, 31);
    memset(visits, 0xff, sizeof visits);
    int length = mcts_variation(bench.search, 4, line, visits, 3);
    cr_assert_eq(length, 3);
    cr_expect(line[0] == 4 && line[1] == 6 && line[2] == 0, "%d %d %d", line[0], line[1], line[2]);
    cr_expect(visits[0] == 31 && visits[1] == 7 && visits[2] == 3 && visits[3] == -1);
    length = mcts_variation(bench.search, 4, line, NULL, 9);
    struct node *node = second;
    for (int i = 2; i < length; i++) { /* to a leaf */
        cr_assert_neq(node->first_child, 0);
        node = below(&bench, node, line[i]);
    }
    cr_expect_eq(node->first_child, 0);
    cr_expect_eq(mcts_variation(bench.search, 4, line, visits, 1), 1);
    cr_expect_eq(mcts_variation(bench.search, 4, line, visits, 0), 0);
    cr_expect_eq(mcts_variation(bench.search, 9, line, visits, 3), 0, "a variation of a move that does not exist");
    close_bench(&bench);
}

Test(report, variation_of_a_move_without_visits)
{
    struct bench bench;
    game_move line[3] = {0};
    int64_t visits[3] = {-1, -1, -1};
    open_bench(&bench, MCTS_PUCT, "", 2);
    cr_expect_eq(mcts_variation(bench.search, 8, line, visits, 3), 1);
    cr_expect(line[0] == 8 && visits[0] == 0 && visits[1] == -1);
    close_bench(&bench);
}

/* ---- sampling a move ---- */

/* Visits 60, 30 and 10; at temperature 2 their square roots, 7.75, 5.48 and 3.16 of 16.39. A lost move is never drawn,
 * however many visits it has, nor is an excluded one. */
Test(report, moves_are_drawn_by_visits)
{
    static const double shares[] = {0.4727, 0.3342, 0.1929};
    struct bench bench;
    struct rng rng;
    int count[9] = {0};
    open_bench(&bench, MCTS_PUCT, "", 9);
    rng_seed(&rng, 1);
    for (game_move m = 0; m < 9; m++)
        set_child(&bench, m, m == 2 ? 60 : m == 3 ? 30 : m == 7 ? 10 : m == 5 ? 500 : m == 6 ? 400 : 0, 0);
    prove(&bench, 5, -1);
    bench.search->root.excluded[6] = true;
    bench.search->root.allowed_count--;
    for (int i = 0; i < 20000; i++)
        count[mcts_choose(bench.search, 2, &rng)]++;
    cr_expect_float_eq(count[2] / 20000.0, shares[0], 0.015);
    cr_expect_float_eq(count[3] / 20000.0, shares[1], 0.015);
    cr_expect_float_eq(count[7] / 20000.0, shares[2], 0.015);
    cr_expect_eq(count[2] + count[3] + count[7], 20000);
    close_bench(&bench);
}
