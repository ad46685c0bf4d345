/* Checks the search against known results: Gumbel formulas computed by hand, sequential halving computed in another
 * way, policy improvement on random bandits, exact visit counts, forced wins. Prints figures and targets; exits with 1
 * if one is missed. */
#include <math.h>
#include <stdlib.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "mcts/search/gumbel.h"

static bool missed;

static void report(const char *what, double figure, const char *relation, double target)
{
    bool met = relation[0] == '<' ? figure <= target : relation[0] == '>' ? figure >= target : figure == target;
    printf("%-66s %12.6g   target %s %g%s\n", what, figure, relation, target, met ? "" : "   MISSED");
    missed |= !met;
}

/* Derived step by step in tests/mcts/search/test_gumbel.c. */
static void hand_vectors(void)
{
    const struct gumbel_arm arms[3] = {{.logit = -0.69314718f, .prior = 0.5f, .q = 0.6f, .visits = 2},
                                       {.logit = -1.20397280f, .prior = 0.3f, .q = 0.3f, .visits = 1},
                                       {.logit = -1.60943791f, .prior = 0.2f, .q = 0.0f, .visits = 0}};
    const double want[2][3] = {{0.65271979, 0.15922564, 0.18805457}, {0.99864651, 1.0059e-7, 0.00135339}};
    double worst = fabs(gumbel_mixed_value(0.5f, 3, arms) - 0.490625);
    for (int i = 0; i < 2; i++) {
        const struct gumbel_scale scale = {.c_visit = i ? 50 : 1, .c_scale = 1};
        float improved[3];
        gumbel_improve(&scale, 0.5f, 2, 3, arms, improved);
        for (int k = 0; k < 3; k++)
            worst = fmax(worst, fabs(improved[k] - want[i][k]));
    }
    report("improved policies and v_mix, largest error against hand computation", worst, "<=", 2e-6);
}

/* Sequential halving as in the authors' published code: for each visit, the number of visits that the next move must
 * already have. Fills the final number of visits of each rank. */
static void listed_schedule(int m, int n, int *visits)
{
    int rounds = 0, given = 0, considered = m;
    while ((1 << rounds) < m)
        rounds++;
    memset(visits, 0, sizeof *visits * (size_t)m);
    while (given < n) {
        int each = rounds ? n / (rounds * considered) : n;
        for (int turn = 0; turn < (each > 1 ? each : 1); turn++)
            for (int k = 0; k < considered && given < n; k++, given++)
                visits[k]++;
        considered = considered / 2 > 2 ? considered / 2 : m < 2 ? m : 2;
    }
}

static void schedules(void)
{
    int wrong = 0, compared = 0;
    for (int m = 2; m <= 16; m++)
        for (int n = 2; n <= 800; n++, compared++) {
            int want[16], got[16] = {0}, cut = m < n ? m : n;
            struct halving halving;
            listed_schedule(cut, n, want);
            halving_start(&halving, m, n);
            while (!halving_over(&halving)) {
                if (halving_phase_over(&halving))
                    halving_next_phase(&halving);
                got[halving_take(&halving)]++;
            }
            wrong += memcmp(want, got, sizeof *got * (size_t)cut) != 0;
        }
    printf("%d schedules compared, m 2 to 16, n 2 to 800\n", compared);
    report("sequential halving, schedules that differ from the list", wrong, "==", 0);
}

/* ---- a bandit: tic-tac-toe in which the value of a position is that of its first move ---- */

struct bandit {
    struct evaluator base;
    float logit[9], value[9];
};

static void bandit_evaluate(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    const struct bandit *bandit = (const struct bandit *)self;
    for (int i = 0; i < n; i++) {
        const struct position *position = queries[i].position;
        int back = position->ply < GAME_RECENT ? position->ply
                                               : GAME_RECENT; /* in deeper positions: the move five plies ago */
        float value = back ? bandit->value[position->recent[back - 1]] : 0;
        value = position->player ? -value : value;
        memset(&evals[i], 0, sizeof evals[i]);
        memcpy(evals[i].logits, bandit->logit, sizeof bandit->logit);
        evals[i].wdl[0] = 0.5f + 0.5f * value;
        evals[i].wdl[2] = 0.5f - 0.5f * value;
        evals[i].filled = queries[i].want;
    }
}
static uint64_t no_generation(const struct evaluator *self)
{
    return self == NULL;
}
static const struct evaluator_ops bandit_ops = {
    .name = "bandit", .evaluate = bandit_evaluate, .generation = no_generation};

static struct mcts *must_create(const struct game *game, const struct mcts_config *config, struct evaluator *evaluator)
{
    struct mcts *search;
    GError *error = NULL;
    if (mcts_create(&search, game, config, &evaluator, &error) == 0)
        return search;
    fprintf(stderr, "%s\n", error->message);
    exit(1);
}

static struct game must_parse(const char *spec)
{
    struct game game;
    GError *error = NULL;
    if (game_parse(&game, spec, &error))
        return game;
    fprintf(stderr, "%s\n", error->message);
    exit(1);
}

/* The paper's guarantee: the expected value of the chosen move is at least that of the policy. */
static void improvement(int n)
{
    enum { BANDITS = 4000 };
    struct game game = must_parse("gomoku:3,line=3");
    struct mcts_config config = mcts_defaults(MCTS_GUMBEL);
    config.prove = false;
    struct bandit bandit = {.base = {.ops = &bandit_ops, .game = &game}};
    struct mcts *search = must_create(&game, &config, &bandit.base);
    struct rng rng;
    rng_seed(&rng, 77);
    double gain = 0, square = 0;
    for (int b = 0; b < BANDITS; b++) {
        double sum = 0, mean = 0;
        for (int m = 0; m < 9; m++) {
            bandit.logit[m] = (float)(1.5 * rng_normal(&rng));
            bandit.value[m] = (float)(2 * rng_uniform(&rng) - 1);
            sum += exp(bandit.logit[m]);
            mean += exp(bandit.logit[m]) * bandit.value[m];
        }
        mcts_forget(search);
        mcts_seed(search, rng_next(&rng));
        mcts_run(search, &(struct mcts_limits){.visits = n});
        double better = bandit.value[mcts_choose(search, 0, NULL)] - mean / sum;
        gain += better / BANDITS;
        square += better * better / BANDITS;
    }
    char text[80];
    double sigma = sqrt((square - gain * gain) / BANDITS);
    g_snprintf(text, sizeof text, "improvement over the policy at n = %d, less 3 sigma (mean %.3f)", n, gain);
    report(text, gain - 3 * sigma, ">=", 0);
    mcts_close(search);
}

/* The first visits at the start of tic-tac-toe all have the value 0, so moves take turns: 20 = 3 + 3 + 7 * 2. */
static void exact_visits(void)
{
    struct game game = must_parse("gomoku:3,line=3");
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    config.cpuct_log = config.fpu_reduction = config.root_fpu_reduction = 0;
    struct evaluator *evaluator = evaluator_uniform_create(&game);
    struct mcts *search = must_create(&game, &config, evaluator);
    struct mcts_move moves[GAME_MAX_MOVES];
    int wrong = 0;
    mcts_run(search, &(struct mcts_limits){.visits = 20});
    int count = mcts_moves(search, moves, GAME_MAX_MOVES);
    for (int i = 0; i < count; i++)
        wrong += moves[i].visits != (moves[i].move < 2 ? 3 : 2);
    report("uniform evaluator, 20 visits: moves with a wrong number of visits", wrong + (count != 9), "==", 0);
    mcts_close(search);
    evaluator_free(evaluator);
}

/* Number of visits until the search proves a known win. The game's pruning of unforced moves is disabled. */
static void forced_win(const char *what, const char *spec, const char *drawing, double target)
{
    struct game game = must_parse(spec);
    struct game_ops ops = *game.ops;
    union any_position position;
    if (!game_set_up_drawing(&game, &position.p, drawing, GAME_BLACK, NULL))
        exit(1);
    ops.prune = NULL;
    ops.forced = NULL;
    game.ops = &ops;
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    config.cpuct = 2;
    struct evaluator *evaluator = evaluator_rollout_create(&game, 4, 3);
    struct mcts *search = must_create(&game, &config, evaluator);
    struct mcts_root root = {0};
    int64_t visits = 0;
    mcts_set_root(search, &position.p, NULL);
    for (; root.proven != 1 && visits < 200000; visits += 50) {
        mcts_run(search, &(struct mcts_limits){.visits = 50});
        mcts_root(search, &root);
    }
    report(what, (double)visits, "<=", target);
    mcts_close(search);
    evaluator_free(evaluator);
}

int main(void)
{
    hand_vectors();
    schedules();
    for (int n = 2; n <= 32; n *= 2)
        improvement(n);
    exact_visits();
    forced_win("gomoku:9, open four: visits to the proof (win in 1)", "gomoku:9",
               "......... ......... ......... ..XXXX... ..OOO.... ...O..... ......... ......... .........", 1000);
    forced_win("gomoku:5,line=4, open two: visits to the proof (win in 3 moves)", "gomoku:5,line=4",
               "..... O.... .XX.. ..... ....O", 50000);
    puts(missed ? "a target was missed" : "all targets met");
    return missed;
}
