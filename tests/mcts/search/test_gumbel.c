/* The formulas of Gumbel AlphaZero and sequential halving, compared with values computed by hand. */
#include <criterion/criterion.h>
#include <math.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "mcts/search/gumbel.h"
#include "tests/mcts/fake.h"

static void near(double got, double want, double tolerance, const char *what)
{
    cr_assert(fabs(got - want) <= tolerance, "%s: %.9g instead of %.9g", what, got, want);
}

/* Priors 0.5, 0.3, 0.2; visits 2, 1, 0; q 0.6, 0.3; the net's value 0.5, all on 0..1.
 *   v_mix: sum N = 3; sum over visited of p q = 0.5*0.6 + 0.3*0.3 = 0.39, of p = 0.8; 0.39 / 0.8 = 0.4875;
 *          (0.5 + 3 * 0.4875) / (1 + 3) = 1.9625 / 4 = 0.490625
 *   completed q = 0.6, 0.3, 0.490625 */
static const struct gumbel_arm three[3] = {{.logit = -0.69314718f, .prior = 0.5f, .q = 0.6f, .visits = 2},
                                           {.logit = -1.20397280f, .prior = 0.3f, .q = 0.3f, .visits = 1},
                                           {.logit = -1.60943791f, .prior = 0.2f, .q = 0.0f, .visits = 0}};

Test(gumbel, mixed_value)
{
    near(gumbel_mixed_value(0.5f, 3, three), 0.490625, 1e-6, "v_mix");
    struct gumbel_arm none[2] = {{.prior = 0.5f}, {.prior = 0.5f}};
    near(gumbel_mixed_value(0.7f, 2, none), 0.7, 1e-7, "v_mix without visits is the net's value");
}

/* c_visit 1, c_scale 1, greatest visits 2: sigma(q) = 3 q = 1.8, 0.9, 1.471875. softmax(ln p + sigma) is p e^sigma over
 * its sum: 0.5 * 6.0496475 = 3.0248237; 0.3 * 2.4596031 = 0.7378809; 0.2 * e^1.471875 (4.4816891 / e^0.028125 =
 * 4.3573974) = 0.8714795; sum 4.6341841; shares 0.6527198, 0.1592256, 0.1880546. */
Test(gumbel, improved_policy_small_scale)
{
    const struct gumbel_scale scale = {.c_visit = 1, .c_scale = 1};
    float improved[3];
    near(gumbel_sigma(&scale, 2, 0.6f), 1.8, 1e-6, "sigma");
    gumbel_improve(&scale, 0.5f, 2, 3, three, improved);
    near(improved[0], 0.6527198, 2e-6, "improved policy of the first");
    near(improved[1], 0.1592256, 2e-6, "improved policy of the second");
    near(improved[2], 0.1880546, 2e-6, "improved policy of the third");
}

/* c_visit 50, c_scale 1: sigma(q) = 52 q = 31.2, 15.6, 25.5125. Relative to the first: ln(0.3/0.5) - 15.6 = -16.110826,
 * e^ = 1.00729e-7; ln(0.2/0.5) - 5.6875 = -6.603791, e^ = 0.00135522. Sum 1.00135532. Shares 0.9986465, 1.00593e-7,
 * 0.00135339. */
Test(gumbel, improved_policy_paper_scale)
{
    const struct gumbel_scale scale = {.c_visit = 50, .c_scale = 1};
    float improved[3];
    gumbel_improve(&scale, 0.5f, 2, 3, three, improved);
    near(improved[0], 0.9986465, 2e-6, "improved policy of the first");
    near(improved[1], 1.00593e-7, 1e-11, "improved policy of the second");
    near(improved[2], 0.00135339, 1e-7, "improved policy of the third");
}

/* Logits whose exponentials would overflow: only their differences matter. */
Test(gumbel, improved_policy_far_logits)
{
    const struct gumbel_scale scale = {.c_visit = 50, .c_scale = 1};
    struct gumbel_arm arms[2] = {{.logit = 1000, .prior = 0.5f, .q = 0.5f, .visits = 400},
                                 {.logit = 1000, .prior = 0.5f, .q = 0.5f, .visits = 400}};
    float improved[2];
    gumbel_improve(&scale, 0.5f, 400, 2, arms, improved);
    near(improved[0], 0.5, 1e-6, "improved policy");
    arms[1].logit = 1000 - 1.0986123f; /* ln 3 */
    gumbel_improve(&scale, 0.5f, 400, 2, arms, improved);
    near(improved[0], 0.75, 1e-4, "improved policy three to one");
}

/* ---- sequential halving: considered x visits each, phase by phase; the last one may be shorter ---- */

struct phase {
    int considered, visits; /* of the phase in all */
};

static void expect_schedule(int m, int64_t n, const struct phase *phases)
{
    struct halving halving;
    halving_start(&halving, m, n);
    int64_t sum = 0;
    for (int i = 0; phases[i].visits; i++) {
        if (i)
            halving_next_phase(&halving);
        cr_assert_eq(halving.considered, phases[i].considered, "m %d n %d phase %d: %d considered, not %d", m, (int)n,
                     i, halving.considered, phases[i].considered);
        int given = 0;
        for (; !halving_phase_over(&halving); given++)
            cr_assert_eq(halving_take(&halving), given % phases[i].considered, "moves take turns");
        cr_assert_eq(given, phases[i].visits, "m %d n %d phase %d: %d visits, not %d", m, (int)n, i, given,
                     phases[i].visits);
        sum += given;
    }
    cr_assert(halving_over(&halving) && sum == n, "m %d: %d visits of %d", m, (int)sum, (int)n);
}

#define SCHEDULE(m, n, ...) expect_schedule(m, n, (const struct phase[]){__VA_ARGS__, {0, 0}})

/* visits of a phase = considered * max(1, floor(n / (ceil(log2 m) * considered))), then considered = max(2, half) */
Test(gumbel, schedules)
{
    SCHEDULE(16, 1, {1, 1});        /* m is limited to n; one move gets all visits */
    SCHEDULE(16, 2, {2, 2});        /* log2 2 = 1: 2/(1*2) = 1 each */
    SCHEDULE(16, 3, {3, 3});        /* ceil(log2 3) = 2: 3/(2*3) = 0, so 1 each */
    SCHEDULE(4, 5, {4, 4}, {2, 1}); /* 5/(2*4) = 0: 1 each; 5/(2*2) = 1 each, but one is left */
    SCHEDULE(5, 7, {5, 5}, {2, 2}); /* ceil(log2 5) = 3; 5/2 = 2 */
    SCHEDULE(16, 16, {16, 16});     /* 16/(4*16) = 0: 1 each, and nothing left */
    SCHEDULE(16, 20, {16, 16}, {8, 4});
    SCHEDULE(16, 32, {16, 16}, {8, 8}, {4, 8}); /* 1; 32/(4*8) = 1; 32/(4*4) = 2 each */
    /* 50/(4*16) = 0, 50/(4*8) = 1, 50/(4*4) = 3, 50/(4*2) = 6 each: 16 + 8 + 12 + 12 = 48, two continue */
    SCHEDULE(16, 50, {16, 16}, {8, 8}, {4, 12}, {2, 12}, {2, 2});
    SCHEDULE(16, 64, {16, 16}, {8, 16}, {4, 16}, {2, 16}); /* 1, 2, 4, 8 each: exactly even */
    SCHEDULE(8, 64, {8, 16}, {4, 20}, {2, 20}, {2, 8});    /* log2 8 = 3: 64/24 = 2, 64/12 = 5, 64/6 = 10 each */
    SCHEDULE(16, 200, {16, 48}, {8, 48}, {4, 48}, {2, 50}, {2, 6});     /* 3, 6, 12, 25 each */
    SCHEDULE(16, 800, {16, 192}, {8, 200}, {4, 200}, {2, 200}, {2, 8}); /* 12, 25, 50, 100 each */
    SCHEDULE(1, 30, {1, 30});
}

/* For every n all visits are allocated, at least two moves remain, and no phase is empty. */
Test(gumbel, schedules_add_up)
{
    for (int m = 1; m <= 32; m++)
        for (int n = 1; n <= 800; n++) {
            struct halving halving;
            halving_start(&halving, m, n);
            int given = 0, last = halving.considered;
            for (; !halving_over(&halving); given++) {
                if (halving_phase_over(&halving)) {
                    int considered = halving_next_phase(&halving);
                    cr_assert(considered <= last && (considered >= 2 || last == 1));
                    last = considered;
                }
                cr_assert(!halving_phase_over(&halving));
                halving_take(&halving);
            }
            cr_assert_eq(given, n);
        }
}

/* ---- the root of a search ---- */

/* Logits by move; the value of a position is that of its first move, for player 0, at any depth. */
struct bandit {
    struct evaluator base;
    float logit[9], value[9], root_value;
};

static int move_of(const struct position *position)
{
    game_move oldest = GAME_NO_MOVE;
    for (int i = 0; i < GAME_RECENT && position->recent[i] != GAME_NO_MOVE; i++)
        oldest = position->recent[i];
    return oldest;
}

static void bandit_evaluate(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    const struct bandit *bandit = (const struct bandit *)self;
    for (int i = 0; i < n; i++) {
        const struct position *position = queries[i].position;
        float value = position->ply ? bandit->value[move_of(position)] : bandit->root_value;
        value = position->player ? -value : value;
        for (int m = 0; m < self->game->moves; m++)
            evals[i].logits[m] = m < 9 ? bandit->logit[m] : 0;
        evals[i].wdl[0] = 0.5f + 0.5f * value;
        evals[i].wdl[1] = 0;
        evals[i].wdl[2] = 0.5f - 0.5f * value;
        evals[i].filled = queries[i].want;
    }
}
static uint64_t bandit_generation(const struct evaluator *self)
{
    return self != NULL;
}
static const struct evaluator_ops bandit_ops = {
    .name = "bandit", .evaluate = bandit_evaluate, .generation = bandit_generation};

static struct mcts *bandit_search(const struct game *game, struct bandit *bandit, const struct mcts_config *config)
{
    bandit->base = (struct evaluator){.ops = &bandit_ops, .game = game};
    struct evaluator *evaluators[1] = {&bandit->base};
    return fake_search(game, config, evaluators);
}

/* Nine moves with logits 0.8, 0.7 .. 0.0 in order; 16 visits, 4 considered, no noise.
 *   ceil(log2 4) = 2. Phase one: 16 / (2*4) = 2 each for the four with the highest logits: moves 0, 1, 2, 3.
 *   Values for player 0: move 0 -0.2, 1 +0.4, 2 0.0, 3 +0.5. On 0..1: 0.4, 0.7, 0.5, 0.75.
 *   Scores after it, sigma(q) = (50 + 2) q: 0.8+20.8 = 21.6, 0.7+36.4 = 37.1, 0.6+26 = 26.6, 0.5+39 = 39.5.
 *   Phase two: moves 3 and 1, 16 / (2*2) = 4 each. Visits 2, 6, 2, 6.
 *   Choice: (50 + 6) q + logit: move 1 39.2 + 0.7 = 39.9, move 3 42 + 0.5 = 42.5. Move 3. */
Test(gumbel, choice_by_hand)
{
    struct game game = fake_game("gomoku:3,line=3");
    struct mcts_config config = mcts_defaults(MCTS_GUMBEL);
    config.gumbel_noise = false;
    config.gumbel_considered = 4;
    struct bandit bandit = {.logit = {0.8f, 0.7f, 0.6f, 0.5f, 0.4f, 0.3f, 0.2f, 0.1f, 0.0f},
                            .value = {-0.2f, 0.4f, 0.0f, 0.5f, 1, 1, 1, 1, 1}};
    struct mcts *search = bandit_search(&game, &bandit, &config);
    mcts_run(search, &(struct mcts_limits){.visits = 16});
    const int visits[9] = {2, 6, 2, 6};
    for (int m = 0; m < 9; m++)
        cr_assert_eq(fake_find(search, (game_move)m).visits, visits[m], "move %d has %d visits, not %d", m,
                     (int)fake_find(search, (game_move)m).visits, visits[m]);
    cr_assert_eq(mcts_choose(search, 0, NULL), 3);

    /* The improved policy. Priors e^logit / z, z = sum of e^0.0 .. e^0.8 = 13.8796...; v_mix of the four visited:
     * the net's value 0 is 0.5; sum N = 16; weighted = sum p q / sum p. The common z cancels in both. */
    double sum = 0, weight[9], mass = 0, mixed = 0;
    const double q[4] = {0.4, 0.7, 0.5, 0.75};
    for (int i = 0; i < 4; i++) {
        mass += exp(0.8 - 0.1 * i);
        mixed += exp(0.8 - 0.1 * i) * q[i];
    }
    mixed = (0.5 + 16 * mixed / mass) / 17;
    for (int i = 0; i < 9; i++)
        sum += weight[i] = exp(0.8 - 0.1 * i + 56 * ((i < 4 ? q[i] : mixed) - 0.75));
    for (int i = 0; i < 9; i++)
        near(fake_find(search, (game_move)i).improved, weight[i] / sum, 2e-5, "improved policy at the root");
    near(fake_find(search, 8).value, 2 * mixed - 1, 1e-5, "completed value of a move without visits");
    mcts_close(search);
}

/* A second run at the same root: sequential halving counts from zero, so the four considered get the same visits
 * again, although two of them already have more than the others. */
Test(gumbel, reused_root_counts_from_zero)
{
    struct game game = fake_game("gomoku:3,line=3");
    struct mcts_config config = mcts_defaults(MCTS_GUMBEL);
    config.gumbel_noise = false;
    config.gumbel_considered = 4;
    struct bandit bandit = {.logit = {0.8f, 0.7f, 0.6f, 0.5f}, .value = {-0.2f, 0.4f, 0.0f, 0.5f}};
    struct mcts *search = bandit_search(&game, &bandit, &config);
    for (int run = 1; run <= 3; run++) {
        mcts_run(search, &(struct mcts_limits){.visits = 16});
        const int visits[4] = {2, 6, 2, 6};
        for (int m = 0; m < 4; m++)
            cr_assert_eq(fake_find(search, (game_move)m).visits, run * visits[m], "run %d move %d", run, m);
        cr_assert_eq(mcts_choose(search, 0, NULL), 3);
        cr_assert_null(mcts_check(search));
    }
    mcts_close(search);
}

/* With one move considered the choice is argmax(g + logit), which is distributed as softmax(logits) (the Gumbel-max
 * trick); each seed has its own noise. 4,000 seeds; each count within 4.5 standard deviations of its expectation. */
Test(gumbel, noise_samples_the_policy)
{
    struct game game = fake_game("gomoku:3,line=3");
    struct mcts_config config = mcts_defaults(MCTS_GUMBEL);
    config.gumbel_considered = 1;
    struct bandit bandit = {.logit = {2, 1, 0, 0, 0, 0, 0, 0, -2}};
    struct mcts *search = bandit_search(&game, &bandit, &config);
    const int seeds = 4000;
    int count[9] = {0};
    double sum = 0;
    for (int m = 0; m < 9; m++)
        sum += exp(bandit.logit[m]);
    for (int seed = 0; seed < seeds; seed++) {
        mcts_seed(search, (uint64_t)seed);
        mcts_forget(search);
        mcts_run(search, &(struct mcts_limits){.visits = 2});
        count[mcts_choose(search, 0, NULL)]++;
    }
    for (int m = 0; m < 9; m++) {
        double p = exp(bandit.logit[m]) / sum;
        near(count[m], p * seeds, 4.5 * sqrt(p * (1 - p) * seeds), "how often a move is sampled");
    }
    mcts_close(search);
}

/* Gumbel top-k samples without replacement: with as many visits as moves considered, all of them are different. */
Test(gumbel, considered_moves_differ)
{
    struct game game = fake_game("gomoku:3,line=3");
    struct mcts_config config = mcts_defaults(MCTS_GUMBEL);
    struct bandit bandit = {.logit = {6, 0, 0, 0, 0, 0, 0, 0, 0}};
    struct mcts *search = bandit_search(&game, &bandit, &config);
    for (int seed = 0; seed < 50; seed++) {
        mcts_seed(search, (uint64_t)seed);
        mcts_forget(search);
        mcts_run(search, &(struct mcts_limits){.visits = 5});
        int visited = 0;
        for (int m = 0; m < 9; m++) {
            int visits = (int)fake_find(search, (game_move)m).visits;
            cr_assert(visits <= 1);
            visited += visits;
        }
        cr_assert_eq(visited, 5);
    }
    mcts_close(search);
}

/* Every budget n gives n visits and a consistent tree. */
Test(gumbel, any_number_of_visits)
{
    struct game game = fake_game("gomoku:3,line=3");
    struct mcts_config config = mcts_defaults(MCTS_GUMBEL);
    struct evaluator *evaluator = fake_create(&game, 5, 2);
    struct mcts *search = fake_search(&game, &config, &evaluator);
    for (int n = 1; n <= 800; n += n < 70 ? 1 : 61) {
        mcts_forget(search);
        mcts_run(search, &(struct mcts_limits){.visits = n});
        struct mcts_root root;
        mcts_root(search, &root);
        cr_assert(root.new_visits == n && root.visits == n + 1);
        cr_assert_null(mcts_check(search));
    }
    mcts_close(search);
    evaluator_free(evaluator);
}
