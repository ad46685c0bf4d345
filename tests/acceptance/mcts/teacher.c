/* How much better than the net's own policy is what a search says it should learn? In positions of games that the net plays against
 * itself, every legal move gets a search of its own, whose value counts as the truth. A policy's worth is the mean of these values under
 * it; its gain, the difference from the worth of the net's policy. Printed for each search, in percentage points of the win rate: the
 * gain of the training target, of the move played, and of targets that trust values of few visits less. With "+" the search keeps the
 * tree of the one before. No target.
 *
 *   q' = (N q + k v_mix) / (N + k)   for k = 0 (the target itself), 1, 2, 4, 8; see mcts/search/gumbel.h
 *
 * Usage: acceptance_teacher [GAME [POSITIONS [TRUTH [NET]]]]   (go:9, 100, 100 visits a move, default); minutes. */
#include <math.h>
#include <stdlib.h>

#include "agents/net_path.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "mcts/search/gumbel.h"
#include "net/net.h"
#include "tests/acceptance/lib/sampled_positions.h"

enum { SHRINKS = 5, SCALES = 3 };
static const double shrinks[SHRINKS] = {0, 1, 2, 4, 8};
static const float scales[SCALES] = {1, 0.5f, 0.25f};

struct variant {
    enum mcts_selection selection;
    int considered, visits;
    bool reuse; /* the tree of a search as large, one ply before */
    struct mcts *search;
    double gain[SCALES][SHRINKS], square, played, entropy;
};

#define GUMBEL(m, n)                                                                                                   \
    {                                                                                                                  \
        .selection = MCTS_GUMBEL, .considered = m, .visits = n                                                         \
    }
#define GUMBEL_REUSE(m, n)                                                                                             \
    {                                                                                                                  \
        .selection = MCTS_GUMBEL, .considered = m, .visits = n, .reuse = true                                          \
    }
#define PUCT(n)                                                                                                        \
    {                                                                                                                  \
        .selection = MCTS_PUCT, .visits = n                                                                            \
    }
static struct variant variants[] = {
    GUMBEL(8, 8),        GUMBEL(4, 8),        GUMBEL_REUSE(4, 8), GUMBEL_REUSE(4, 16),
    GUMBEL(16, 16),      GUMBEL(8, 16),       GUMBEL(4, 16),      GUMBEL(2, 16),
    GUMBEL_REUSE(8, 16), GUMBEL(16, 32),      GUMBEL(8, 32),      GUMBEL(4, 32),
    GUMBEL(2, 32),       GUMBEL_REUSE(8, 32), GUMBEL(16, 96),     GUMBEL(8, 96),
    GUMBEL(4, 96),       GUMBEL_REUSE(8, 96), PUCT(32),           PUCT(96),
};

struct study {
    struct game game;
    struct evaluator *evaluator;
    struct mcts *truth;
    struct rng rng;
    int truth_visits;
    double worth[GAME_MAX_MOVES]; /* win rate after each legal move, 0..1 */
    double prior, best;           /* sums over positions: worth of the net's policy, and of the best move */
};

static struct mcts *make_search(const struct study *study, const struct mcts_config *config)
{
    struct mcts *search;
    GError *error = NULL;
    if (mcts_create(&search, &study->game, config, &study->evaluator, &error) != 0)
        g_error("%s", error->message);
    return search;
}

static void open_study(struct study *study, const char *spec, const char *path)
{
    struct net *net;
    GError *error = NULL;
    if (!game_parse(&study->game, spec, &error) || net_path_load(&net, path, &study->game, &error) != 0 ||
        evaluator_net_prepare(net, &study->game, NET_BACKEND_FAST, NET_AUTO, 1, &error) != 0)
        g_error("%s", error->message);
    study->evaluator = net_evaluator(&study->game, net, EVALUATOR_SYMMETRY_RANDOM);
    net_unref(net);
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    config.memory_bytes = (size_t)32 << 20;
    study->truth = make_search(study, &config);
    for (size_t i = 0; i < G_N_ELEMENTS(variants); i++) {
        config = mcts_defaults(variants[i].selection);
        config.memory_bytes = (size_t)32 << 20;
        if (variants[i].considered)
            config.gumbel_considered = variants[i].considered;
        config.gumbel_noise = true;
        variants[i].search = make_search(study, &config);
    }
    rng_seed(&study->rng, 5);
}

static void search_on(struct study *study, struct mcts *search, int visits)
{
    mcts_seed(search, rng_next(&study->rng));
    mcts_run(search, &(struct mcts_limits){.visits = visits});
}

static void search_root(struct study *study, struct mcts *search, const struct position *position,
                        const struct history *history, int visits)
{
    mcts_forget(search);
    mcts_set_root(search, position, history);
    search_on(study, search, visits);
}

/* Fills study->worth for the moves of a root. */
static void find_truth(struct study *study, const struct position *position, struct history *history, int n,
                       const struct mcts_move *moves)
{
    const struct game *game = &study->game;
    const int before = history->count;
    for (int i = 0; i < n; i++) {
        union any_position next;
        game_copy(game, &next.p, position);
        game_play(game, &next.p, history, moves[i].move);
        double worth;
        if (game_over(&next.p)) {
            const struct game_result result = game_result(game, &next.p);
            worth = 0.5 + 0.5 * game_result_sign(&result, position->player);
        } else {
            struct mcts_root root;
            search_root(study, study->truth, &next.p, history, study->truth_visits);
            mcts_root(study->truth, &root);
            worth = 0.5 - 0.5 * (double)root.value;
        }
        study->worth[moves[i].move] = worth;
        history_truncate(history, before);
    }
}

static void judge(struct study *study, struct variant *variant, int n, const struct mcts_move *moves, double prior)
{
    struct gumbel_arm arms[GAME_MAX_MOVES];
    float improved[GAME_MAX_MOVES];
    struct mcts_root root;
    int64_t most = 0;
    mcts_root(variant->search, &root);
    for (int i = 0; i < n; i++) {
        arms[i] = (struct gumbel_arm){.logit = logf(fmaxf(moves[i].prior, 1e-30f)),
                                      .prior = moves[i].prior,
                                      .q = 0.5f + 0.5f * moves[i].value,
                                      .visits = moves[i].visits};
        most = MAX(most, arms[i].visits);
    }
    const float raw = root.raw_wdl[0] + 0.5f * root.raw_wdl[1], mixed = gumbel_mixed_value(raw, n, arms);
    for (int s = 0; s < SCALES; s++)
        for (int k = 0; k < SHRINKS; k++) {
            struct gumbel_arm trusted[GAME_MAX_MOVES];
            double worth = 0;
            for (int i = 0; i < n; i++) {
                const double visits = (double)arms[i].visits;
                trusted[i] = arms[i];
                if (arms[i].visits)
                    trusted[i].q =
                        (float)((visits * (double)arms[i].q + shrinks[k] * (double)mixed) / (visits + shrinks[k]));
            }
            gumbel_improve(&(struct gumbel_scale){50, scales[s]}, raw, most, n, trusted, improved);
            for (int i = 0; i < n; i++)
                worth +=
                    (variant->selection == MCTS_GUMBEL || s || k ? (double)improved[i] : (double)moves[i].improved) *
                    study->worth[moves[i].move];
            variant->gain[s][k] += worth - prior;
            if (s == 0 && k == 0)
                variant->square += (worth - prior) * (worth - prior);
        }
    for (int i = 0; i < n; i++)
        variant->entropy -= moves[i].improved > 0 ? (double)moves[i].improved * log((double)moves[i].improved) : 0;
    variant->played += study->worth[mcts_choose(variant->search, 0, &study->rng)] - prior;
}

/* Plays the move that a search with 32 visits chooses, which those that keep their trees have searched, too. False if the game is over. */
static bool play_move(struct study *study, struct position *position, struct history *history)
{
    game_move move = GAME_NO_MOVE;
    for (size_t v = 0; v < G_N_ELEMENTS(variants); v++)
        if (variants[v].reuse) {
            search_root(study, variants[v].search, position, history, variants[v].visits);
            if (variants[v].visits == 32)
                move = mcts_choose(variants[v].search, 0, &study->rng);
        }
    game_play(&study->game, position, history, move);
    for (size_t v = 0; v < G_N_ELEMENTS(variants) && !game_over(position); v++)
        if (variants[v].reuse)
            mcts_advance(variants[v].search, move);
    return !game_over(position);
}

static void study_position(struct study *study, const struct position *position, struct history *history)
{
    struct mcts_move moves[GAME_MAX_MOVES];
    double prior = 0, best = 0;
    for (size_t v = 0; v < G_N_ELEMENTS(variants); v++) {
        if (variants[v].reuse)
            search_on(study, variants[v].search, variants[v].visits);
        else
            search_root(study, variants[v].search, position, history, variants[v].visits);
        const int n = mcts_moves(variants[v].search, moves, GAME_MAX_MOVES);
        if (v == 0) {
            find_truth(study, position, history, n, moves);
            for (int i = 0; i < n; i++) {
                prior += (double)moves[i].prior * study->worth[moves[i].move];
                best = MAX(best, study->worth[moves[i].move]);
            }
            study->prior += prior;
            study->best += best;
        }
        judge(study, &variants[v], n, moves, prior);
    }
}

static void print(const struct study *study, int positions)
{
    printf("%d positions; mean win rate by the net's policy %.1f %%, by the best moves %.1f %%\n", positions,
           100 * study->prior / positions, 100 * study->best / positions);
    printf("selection considered visits       entropy  move   target (standard error)   c_scale: k = 0, 1, 2, 4, 8\n");
    for (size_t v = 0; v < G_N_ELEMENTS(variants); v++) {
        const struct variant *variant = &variants[v];
        const double mean = variant->gain[0][0] / positions,
                     deviation = sqrt(MAX(variant->square / positions - mean * mean, 0) / positions);
        printf("%-9s %10d %6d%5s %8.2f %+5.2f %+6.2f (%.2f)  ", variant->selection == MCTS_GUMBEL ? "gumbel" : "puct",
               variant->considered, variant->visits, variant->reuse ? "+" : "", variant->entropy / positions,
               100 * variant->played / positions, 100 * mean, 100 * deviation);
        for (int s = 0; s < SCALES; s++) {
            printf(" | %g:", (double)scales[s]);
            for (int k = 0; k < SHRINKS; k++)
                printf(" %+.2f", 100 * variant->gain[s][k] / positions);
        }
        printf("\n");
    }
}

int main(int argc, char **argv)
{
    static struct study study;
    const int positions = argc > 2 ? atoi(argv[2]) : 100;
    study.truth_visits = argc > 3 ? atoi(argv[3]) : 100;
    open_study(&study, argc > 1 ? argv[1] : "go:9", argc > 4 ? argv[4] : "default");
    union any_position position;
    struct history history;
    history_init(&history, study.game.max_plies + 1);
    for (int done = 0; done < positions;)
        if (sample_position(&study.game, study.evaluator, &study.rng, &position.p, &history) &&
            play_move(&study, &position.p, &history)) {
            study_position(&study, &position.p, &history);
            done++;
        }
    print(&study, positions);
    history_clear(&history);
    for (size_t v = 0; v < G_N_ELEMENTS(variants); v++)
        mcts_close(variants[v].search);
    mcts_close(study.truth);
    evaluator_free(study.evaluator);
    return 0;
}
