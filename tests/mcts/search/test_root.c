/* The root: priors with temperature and noise, excluded moves, proven moves, budgets of sequential halving, utility. */
#include <criterion/criterion.h>
#include <math.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "mcts/search/gumbel.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"
#include "tests/mcts/fake.h"
#include "tests/mcts/search/bench.h"

/* ---- priors ---- */

/* Prepares the root again, with these priors by move. */
static void prepare(const struct bench *bench, const float *priors)
{
    bench->search->root.noise_drawn = false;
    root_prepare(bench->search, priors);
}

static const float priors[9] = {0.4f, 0.1f, 0.05f, 0.05f, 0.1f, 0.1f, 0.1f, 0.09f, 0.01f};

/* Priors to the power 1 / temperature, normalised; logits are their logarithms, up to a constant. */
Test(root, temperature)
{
    static const float temperatures[] = {1, 2, 0.5f};
    struct bench bench;
    open_bench(&bench, MCTS_PUCT, "", 1);
    for (int i = 0; i < 3; i++) {
        double sum = 0, power = 1 / (double)temperatures[i];
        bench.search->config.policy_temperature = temperatures[i];
        prepare(&bench, priors);
        for (int m = 0; m < 9; m++)
            sum += pow((double)priors[m], power);
        for (int e = 0; e < 9; e++) {
            double p = (double)priors[tree_edges(&bench.search->tree, bench.root)[e].move];
            cr_expect_float_eq(bench.search->root.raw_prior[e], p, 1e-7);
            cr_expect_float_eq(bench.search->root.prior[e], pow(p, power) / sum, 1e-6);
            cr_expect_float_eq(bench.search->root.logit[e], log(p) * power, 1e-5);
        }
    }
    close_bench(&bench);
}

/* Without fresh priors those of the edges are used; a prior of 0 still has a finite logit. */
Test(root, priors_of_edges)
{
    struct bench bench;
    open_bench(&bench, MCTS_PUCT, "", 1);
    tree_edges(&bench.search->tree, bench.root)[0].prior = tree_pack_prior(0.25f);
    tree_edges(&bench.search->tree, bench.root)[1].prior = 0;
    prepare(&bench, NULL);
    cr_expect_eq(bench.search->root.raw_prior[0], 0.25f);
    cr_expect_lt(bench.search->root.raw_prior[1], 1e-9f);
    cr_expect(isfinite(bench.search->root.logit[1]));
    close_bench(&bench);
}

/* Dirichlet's distribution over n moves with total concentration a: each component has mean 1 / n and variance
 * (1 / n) (1 - 1 / n) / (a + 1). A quarter of it is mixed into the priors. */
Test(root, dirichlet_noise)
{
    enum { DRAWS = 4000 };
    struct bench bench;
    double mean[9] = {0}, square[9] = {0};
    open_bench(&bench, MCTS_PUCT, "", 1);
    bench.search->config.dirichlet_weight = 0.25f;
    bench.search->config.dirichlet_total = 4;
    for (int i = 0; i < DRAWS; i++) {
        double sum = 0;
        prepare(&bench, priors);
        for (int e = 0; e < 9; e++) {
            double noise =
                ((double)bench.search->root.prior[e] - 0.75 * (double)bench.search->root.raw_prior[e]) / 0.25;
            cr_assert_gt(noise, -1e-6);
            sum += noise;
            mean[e] += noise / DRAWS;
            square[e] += noise * noise / DRAWS;
        }
        cr_assert_float_eq(sum, 1, 1e-5);
    }
    for (int e = 0; e < 9; e++) {
        double variance = square[e] - mean[e] * mean[e];
        cr_expect_float_eq(mean[e], 1 / 9.0, 0.01);
        cr_expect_float_eq(variance, 8 / 81.0 / 5, 0.002, "%g", variance);
    }
    close_bench(&bench);
}

/* Noise is drawn once for a root and a seed, of the kind that the selection uses, and only if it has a weight. */
Test(root, which_noise_is_drawn)
{
    struct bench bench;
    struct root_state *root;
    open_bench(&bench, MCTS_PUCT, "", 1);
    root = &bench.search->root;
    bench.search->config.dirichlet_weight = 0.25f;
    bench.search->config.gumbel_noise = true;
    prepare(&bench, priors);
    float once = root->prior[0];
    cr_expect_neq(once, root->raw_prior[0]);
    cr_expect_eq(root->gumbel[0], 0, "PUCT has no Gumbel noise");
    root_prepare(bench.search, priors);
    cr_expect_eq(root->prior[0], once, "the same root");
    mcts_seed(bench.search, 5);
    root_prepare(bench.search, priors);
    cr_expect_neq(root->prior[0], once, "another seed");
    bench.search->config.dirichlet_total = 0;
    prepare(&bench, priors);
    cr_expect_eq(root->prior[0], root->raw_prior[0]);
    bench.search->config.dirichlet_total = 4;
    bench.search->config.dirichlet_weight = 0;
    prepare(&bench, priors);
    cr_expect_eq(root->prior[0], root->raw_prior[0]);
    bench.search->config.dirichlet_weight = 0.25f;
    bench.search->config.selection = MCTS_GUMBEL;
    prepare(&bench, priors);
    cr_expect_eq(root->prior[0], root->raw_prior[0], "Gumbel has no Dirichlet noise");
    cr_expect_neq(root->gumbel[0], 0);
    bench.search->config.gumbel_noise = false;
    prepare(&bench, priors);
    cr_expect_eq(root->gumbel[0], 0);
    close_bench(&bench);
}

/* ---- excluded moves ---- */

static int64_t visits_of(const struct mcts *search, game_move move)
{
    return fake_find(search, move).visits;
}

Test(root, only_allowed_moves_are_searched)
{
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        struct bench bench;
        uint8_t allowed[GAME_MAX_MOVES] = {[3] = 1, [8] = 1};
        open_bench(&bench, (enum mcts_selection)selection, "", 1);
        mcts_forget(bench.search);
        mcts_allow(bench.search, allowed);
        memset(allowed, 0, sizeof allowed); /* it was copied */
        mcts_run(bench.search, &(struct mcts_limits){.visits = 40});
        cr_expect_eq(bench.search->root.allowed_count, 2);
        cr_expect_eq(visits_of(bench.search, 3) + visits_of(bench.search, 8), 40);
        cr_expect(visits_of(bench.search, 3) > 0 && visits_of(bench.search, 8) > 0);
        mcts_allow(bench.search, allowed); /* none */
        mcts_run(bench.search, &(struct mcts_limits){.visits = 40});
        cr_expect_eq(bench.search->root.allowed_count, 9, "a mask that excludes everything is ignored");
        cr_expect_gt(visits_of(bench.search, 0), 0);
        allowed[5] = 1;
        mcts_allow(bench.search, allowed);
        mcts_run(bench.search, &(struct mcts_limits){.visits = 4});
        cr_expect_eq(mcts_choose(bench.search, 0, NULL), 5);
        mcts_allow(bench.search, NULL);
        mcts_run(bench.search, &(struct mcts_limits){.visits = 4});
        cr_expect_eq(bench.search->root.allowed_count, 9);
        close_bench(&bench);
    }
}

/* ---- the move to play ---- */

/* Of several wins the most visited is chosen, of equals the first; excluded ones are ignored. */
Test(root, the_most_visited_win)
{
    struct bench bench;
    open_bench(&bench, MCTS_PUCT, "", 9);
    for (game_move m = 0; m < 9; m++)
        set_child(&bench, m, m == 1 ? 900 : m == 6 ? 20 : 10, 0);
    prove(&bench, 2, 1);
    cr_expect_eq(mcts_choose(bench.search, 0, NULL), 2);
    prove(&bench, 4, 1);
    cr_expect_eq(mcts_choose(bench.search, 0, NULL), 2, "as many visits");
    prove(&bench, 6, 1);
    cr_expect_eq(mcts_choose(bench.search, 0, NULL), 6);
    bench.search->root.excluded[6] = true;
    cr_expect_eq(mcts_choose(bench.search, 0, NULL), 2);
    close_bench(&bench);
}

/* With player 1 to move the signs are reversed. */
Test(root, wins_and_losses_of_player_1)
{
    struct bench bench;
    open_bench(&bench, MCTS_PUCT, "B2", 8);
    set_child(&bench, 0, 900, -0.5);
    prove(&bench, 0, 1);
    prove(&bench, 1, -1);
    cr_expect_eq(mcts_choose(bench.search, 0, NULL), 1);
    prove(&bench, 1, 0);
    cr_expect(root_avoids(bench.search, 0));
    cr_expect_neq(mcts_choose(bench.search, 0, NULL), 0);
    atomic_store(&bench.root->proven, 1);
    cr_expect_not(root_avoids(bench.search, 0), "every move loses");
    close_bench(&bench);
}

/* Gumbel: most visits in this run, and of equals the highest score; lost moves and earlier visits do not count. */
Test(root, winner_of_sequential_halving)
{
    struct bench bench;
    struct root_state *root;
    open_bench(&bench, MCTS_GUMBEL, "", 9);
    root = &bench.search->root;
    for (game_move m = 0; m < 9; m++)
        set_child(&bench, m, 10, 0);
    for (int i = 0; i < root->count; i++) {
        root->base[i] = 4;
        root->logit[i] = i == 6 ? 2 : i == 3 ? 1 : 0;
    }
    cr_expect_eq(mcts_choose(bench.search, 0, NULL), 6);
    prove(&bench, 6, -1);
    cr_expect_eq(mcts_choose(bench.search, 0, NULL), 3);
    root->base[8] = 3;
    cr_expect_eq(mcts_choose(bench.search, 0, NULL), 8);
    root->base[8] = 5;
    cr_expect_eq(mcts_choose(bench.search, 0, NULL), 3);
    root->excluded[3] = true;
    cr_expect_neq(mcts_choose(bench.search, 0, NULL), 3);
    close_bench(&bench);
}

/* g + logit + (c_visit + most visits of this run) * c_scale * q, with the mixed value for unvisited moves. */
Test(root, scores_by_hand)
{
    struct bench bench;
    struct root_state *root;
    float scores[9];
    open_bench(&bench, MCTS_GUMBEL, "", 2);
    root = &bench.search->root;
    bench.search->config.gumbel_c_visit = 10;
    bench.search->config.gumbel_c_scale = 0.5f;
    bench.root->raw_value = 0.2f;
    set_child(&bench, 0, 12, 0.6);
    set_child(&bench, 1, 8, -0.2);
    for (int i = 0; i < 9; i++) {
        root->logit[i] = 0.1f * (float)i;
        root->gumbel[i] = i == 1 ? 3 : 0;
        root->base[i] = i == 0 ? 5 : 0;
    }
    root->excluded[2] = true;
    root_scores(bench.search, scores);
    /* q 0.8 and 0.4, the net's value 0.6; (0.6 + 20 * 0.6) / 21 = 0.6; most visits of this run: 8 */
    cr_expect_float_eq(scores[0], 18 * 0.5 * 0.8, 1e-4);
    cr_expect_float_eq(scores[1], 3 + 0.1 + 18 * 0.5 * 0.4, 1e-4);
    cr_expect(isinf(scores[2]) && scores[2] < 0);
    cr_expect_float_eq(scores[3], 0.3 + 18 * 0.5 * 0.6, 1e-4);
    close_bench(&bench);
}

/* ---- budgets ---- */

/* Without a visit limit sequential halving starts with 32 visits and doubles the budget each time. */
Test(root, open_runs_double_their_budget)
{
    struct bench bench;
    open_bench(&bench, MCTS_GUMBEL, "", 9);
    struct halving *halving = &bench.search->root.halving;
    bench.search->limits = (struct mcts_limits){.time_ms = 1};
    bench.search->config.gumbel_considered = 4;
    root_start_gumbel(bench.search);
    for (int64_t budget = 32; budget <= 128; budget *= 2) {
        cr_expect(halving->budget == budget && halving->considered == 4 && halving->spent == 0);
        while (!halving_over(halving)) {
            if (halving_phase_over(halving))
                root_next_phase(bench.search);
            halving_take(halving);
        }
        root_next_phase(bench.search);
    }
    bench.search->limits = (struct mcts_limits){.visits = 50};
    root_start_gumbel(bench.search);
    cr_expect_eq(halving->budget, 50);
    close_bench(&bench);
}

/* The moves with the highest g + logit are considered, in that order; at most as many as are allowed. */
Test(root, moves_considered)
{
    struct bench bench;
    open_bench(&bench, MCTS_GUMBEL, "", 9);
    struct root_state *root = &bench.search->root;
    static const float gumbel[9] = {0, 5, 1, 5, 9, 2, 0, 8, 0};
    static const uint16_t order[9] = {4, 1, 3, 5, 2, 0, 6, 8, 7};
    memcpy(root->gumbel, gumbel, sizeof gumbel);
    memset(root->logit, 0, 9 * sizeof *root->logit);
    root->excluded[7] = true;
    root->allowed_count = 8;
    root->base[9] = root->order[9] = 77; /* behind the last edge */
    bench.search->limits = (struct mcts_limits){.visits = 100};
    root_start_gumbel(bench.search);
    cr_expect_eq(root->halving.considered, 8);
    cr_expect(root->base[9] == 77 && root->order[9] == 77);
    cr_expect_arr_eq(root->order, order, sizeof order);
    for (int i = 0; i < 9; i++)
        cr_expect_eq(root->base[i], 1);
    bench.search->config.gumbel_considered = 3;
    root_start_gumbel(bench.search);
    cr_expect_eq(root->halving.considered, 3);
    close_bench(&bench);
}

/* ---- utility ---- */

/* A score of 3 points on 5x5 is 0.6 in units of the board's side: it adds 0.5 * tanh(0.6). Points count from the margin that was
 * expected at the root: if that was 2, it adds 0.5 * tanh(0.2). */
Test(root, utility_by_hand)
{
    struct game game = fake_game("go:5");
    struct evaluator *evaluator = evaluator_uniform_create(&game);
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    struct node node = {.raw_value = 0.25f, .raw_score = -10};
    config.score_utility = 0.5f;
    struct mcts *search = fake_search(&game, &config, &evaluator);
    atomic_store(&node.visits, 4);
    atomic_store(&node.value, (int64_t)(4 * 0.2 * TREE_VALUE_ONE));
    atomic_store(&node.score, (int64_t)(4 * 3 * TREE_SCORE_ONE));
    double utility = 0.2 + 0.5 * tanh(0.6), raw = 0.25 + 0.5 * tanh(-2);
    cr_expect_float_eq(search_utility(search, &node, 0), utility, 1e-6);
    cr_expect_float_eq(search_utility(search, &node, 1), -utility, 1e-6);
    cr_expect_float_eq(search_raw_utility(search, &node, 0), raw, 1e-6);
    cr_expect_float_eq(search_raw_utility(search, &node, 1), -raw, 1e-6);
    search->score_centre = 2;
    cr_expect_float_eq(search_utility(search, &node, 0), 0.2 + 0.5 * tanh(0.2), 1e-6);
    cr_expect_float_eq(search_utility(search, &node, 1), -0.2 - 0.5 * tanh(0.2), 1e-6);
    cr_expect_float_eq(search_raw_utility(search, &node, 1), -0.25 - 0.5 * tanh(-2.4), 1e-6);
    cr_expect_float_eq(search_value(&node, 1), -0.2, 1e-6);
    cr_expect_float_eq(search_unit(search, 0.3f), 0.5 + 0.1, 1e-6);
    cr_expect_float_eq(search_unit(search, -1.5f), 0, 1e-6);
    atomic_store(&node.proven, 1);
    cr_expect_eq(search_utility(search, &node, 0), 1.5f);
    cr_expect_eq(search_utility(search, &node, 1), -1.5f);
    cr_expect(search_value(&node, 0) == 1 && search_value(&node, 1) == -1);
    cr_expect(root_lcb(&node, 0) == 1 && root_lcb(&node, 1) == -1);
    mcts_close(search);
    evaluator_free(evaluator);
}
