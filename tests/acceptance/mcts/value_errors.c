/* What could tell how far off an evaluation is: the rank correlation of several measures with the error that a search finds, at
 * nodes with many visits. The error is the difference between the net's value of a position and the mean of the visits below it. Of a net
 * that was trained with value_error=1 what its head says is a measure, too, and of one with dropout the standard deviation of the
 * values of several passes with other masks (Gal and Ghahramani 2016, "Dropout as a Bayesian approximation"). No target.
 *
 * Usage: acceptance_value_errors [GAME [POSITIONS [VISITS [NET]]]]   (go:9, 60, 800, default); NET: a weights file, a run, or
 * default; some seconds. */
#include <math.h>
#include <stdlib.h>

#include "agents/net_path.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"
#include "net/exec/exec.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/targets.h"
#include "tests/acceptance/lib/sampled_positions.h"

enum { LEAST_VISITS = 30, MAX_LINE = 128 };

enum measure {
    OUTCOME, /* standard deviation of the outcome that the net predicts, of a win or a loss */
    ENTROPY, /* of the priors */
    CHANGE,  /* from the parent's value */
    TWO,     /* difference between two symmetries of the board, two evaluations */
    EIGHT,   /* standard deviation over all symmetries, eight evaluations */
    HEAD,    /* what the net's own head says */
    MASKS,   /* standard deviation over so many masks of dropout */
    MEASURES
};
static const char *const names[MEASURES] = {"spread of the outcome",          "entropy of the priors",
                                            "change from the parent's value", "difference of two symmetries",
                                            "deviation over all symmetries",  "head for the error",
                                            "deviation over eight masks"};
enum { MASK_PASSES = 8 };

struct sample {
    double error, measure[MEASURES];
};

struct study {
    struct game game;
    struct evaluator *views[GAME_SYMMETRIES], *evaluator;
    const struct game_features *features;
    struct net_graph *graph; /* for passes with dropout */
    struct net_exec *exec;
    bool has[MEASURES];
    struct mcts *search;
    struct rng rng;
    GArray *samples; /* struct sample */
};

/* One position at a time, in the flavour of training. */
static void open_masks(struct study *study, const struct net *net)
{
    GError *error = NULL;
    if (net_graph_create_training(&study->graph, net_info(net), &error) != 0 ||
        net_exec_create(&study->exec, study->graph, &net_arithmetic_dnnl, true, &error) != 0 ||
        net_exec_use(study->exec, (struct net_extent){study->game.width, study->game.height, 1}, &error) != 0)
        g_error("%s", error->message);
    net_exec_set(study->exec, net->params, NULL);
}

static void open_study(struct study *study, const char *spec, const char *path)
{
    struct net *net;
    GError *error = NULL;
    *study = (struct study){.graph = NULL};
    if (!game_parse(&study->game, spec, &error) || net_path_load(&net, path, &study->game, &error) != 0 ||
        evaluator_net_prepare(net, &study->game, NET_BACKEND_FAST, NET_AUTO, 1, &error) != 0)
        g_error("%s", error->message);
    for (int s = 0; s < study->game.symmetries; s++)
        study->views[s] = net_evaluator(&study->game, net, s);
    study->evaluator = net_evaluator(&study->game, net, EVALUATOR_SYMMETRY_RANDOM);
    study->features = evaluator_net_features(net, &study->game, NULL);
    for (int m = 0; m < MEASURES; m++)
        study->has[m] = m == HEAD    ? net_info(net)->value_error != 0
                        : m == MASKS ? strstr(net_info(net)->trunk, "drop=") != NULL
                                     : true;
    if (study->has[MASKS])
        open_masks(study, net);
    net_unref(net);
    const struct mcts_config config = mcts_defaults(MCTS_PUCT);
    if (mcts_create(&study->search, &study->game, &config, &study->evaluator, &error) != 0)
        g_error("%s", error->message);
    rng_seed(&study->rng, 5);
    study->samples = g_array_new(FALSE, FALSE, sizeof(struct sample));
}

static void close_study(struct study *study)
{
    mcts_close(study->search);
    for (int s = 0; s < study->game.symmetries; s++)
        evaluator_free(study->views[s]);
    evaluator_free(study->evaluator);
    net_exec_close(study->exec);
    g_free(study->graph);
    g_array_free(study->samples, TRUE);
}

/* Plays the moves that lead from the root to a node. */
static void play_to(const struct tree *tree, const struct game *game, uint32_t at, struct position *position,
                    struct history *history)
{
    game_move line[MAX_LINE];
    int length = 0;
    for (; at != tree->root && length < MAX_LINE; at = tree_node(tree, at)->parent)
        line[length++] = tree_edges(tree, tree_node(tree, tree_node(tree, at)->parent))[tree_node(tree, at)->edge].move;
    while (length > 0)
        game_play(game, position, history, line[--length]);
}

static void measure_symmetries(const struct study *study, const struct position *position,
                               const struct history *history, double *measure)
{
    double value[GAME_SYMMETRIES], sum = 0, square = 0;
    const int n = study->game.symmetries;
    for (int s = 0; s < n; s++) {
        struct eval eval;
        const struct eval_query query = {.position = position, .history = history, .want = EVAL_VALUE};
        evaluator_evaluate(study->views[s], 1, &query, &eval);
        value[s] = (double)eval_value(&eval);
        sum += value[s];
        square += value[s] * value[s];
    }
    measure[TWO] = fabs(value[0] - value[n - 1]);
    measure[EIGHT] = sqrt(fmax(square / n - sum * sum / n / n, 0));
}

static double said_by_head(const struct study *study, const struct position *position, const struct history *history)
{
    struct eval eval;
    const struct eval_query query = {.position = position, .history = history, .want = EVAL_ERROR};
    evaluator_evaluate(study->evaluator, 1, &query, &eval);
    return (double)eval.error;
}

static double deviation_over_masks(struct study *study, const struct position *position, const struct history *history)
{
    const struct game *game = &study->game;
    float *planes = g_new(float, study->features->planes * game->points),
          *globals = g_new(float, study->features->globals), *values = g_new(float, study->graph->places.values);
    double sum = 0, square = 0;
    game_encode(game, study->features, position, history, 0, planes, globals);
    for (int i = 0; i < MASK_PASSES; i++) {
        const float *x = values + study->graph->places.at[NET_TARGET_VALUE];
        const struct net_pass pass = {.flavour = NET_TRAINING, .seed = 1, .step = (uint64_t)i};
        net_exec_load(study->exec, planes, globals);
        net_exec_forward(study->exec, &pass);
        net_exec_read(study->exec, study->graph->values, 0, values, 0);
        const double win = exp((double)x[0]), draw = exp((double)x[1]), loss = exp((double)x[2]);
        const double value = (win - loss) / (win + draw + loss);
        sum += value;
        square += value * value;
    }
    g_free(planes);
    g_free(globals);
    g_free(values);
    return sqrt(fmax(square / MASK_PASSES - sum * sum / MASK_PASSES / MASK_PASSES, 0));
}

static void measure_node(struct study *study, uint32_t at)
{
    const struct tree *tree = &study->search->tree;
    const struct node *node = tree_node(tree, at);
    const double raw = (double)node->raw_value, value = (double)atomic_load(&node->value) / TREE_VALUE_ONE;
    struct sample sample = {.error = fabs(raw - (value - raw) / (node_visits(node) - 1))};
    sample.measure[OUTCOME] = sqrt(fmax(1 - raw * raw, 0));
    sample.measure[CHANGE] = fabs(raw - (double)tree_node(tree, node->parent)->raw_value);
    for (int i = 0; i < node->edge_count; i++) {
        const double prior = (double)tree_unpack_prior(tree_edges(tree, node)[i].prior);
        sample.measure[ENTROPY] -= prior > 0 ? prior * log(prior) : 0;
    }
    union any_position position;
    struct history history;
    history_init(&history, study->game.max_plies + 1);
    game_copy(&study->game, &position.p, study->search->position);
    history_copy(&history, &study->search->history);
    play_to(tree, &study->game, at, &position.p, &history);
    measure_symmetries(study, &position.p, &history, sample.measure);
    sample.measure[HEAD] = study->has[HEAD] ? said_by_head(study, &position.p, &history) : 0;
    sample.measure[MASKS] = study->has[MASKS] ? deviation_over_masks(study, &position.p, &history) : 0;
    history_clear(&history);
    g_array_append_val(study->samples, sample);
}

static void search_position(struct study *study, const struct position *position, const struct history *history,
                            int visits)
{
    const struct tree *tree = &study->search->tree;
    mcts_forget(study->search);
    mcts_set_root(study->search, position, history);
    mcts_run(study->search, &(struct mcts_limits){.visits = visits});
    for (uint32_t at = tree_next_node(tree, 0); at; at = tree_next_node(tree, at)) {
        const struct node *node = tree_node(tree, at);
        if (at != tree->root && node_visits(node) >= LEAST_VISITS && node_state(node) == NODE_EXPANDED &&
            node->own == 1 && !node_proven(node, 0))
            measure_node(study, at);
    }
}

/* ---- statistics ---- */

struct ranked {
    double value;
    guint index;
};

static int compare(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

static double *ranks(const GArray *samples, int measure) /* -1: of the errors */
{
    struct ranked *sorted = g_new(struct ranked, samples->len);
    double *rank = g_new(double, samples->len);
    for (guint i = 0; i < samples->len; i++) {
        const struct sample *sample = &g_array_index(samples, struct sample, i);
        sorted[i] = (struct ranked){measure < 0 ? sample->error : sample->measure[measure], i};
    }
    qsort(sorted, samples->len, sizeof *sorted, compare);
    for (guint i = 0; i < samples->len; i++)
        rank[sorted[i].index] = i;
    g_free(sorted);
    return rank;
}

/* Spearman's coefficient. */
static double correlation(const GArray *samples, int measure)
{
    double *a = ranks(samples, -1), *b = ranks(samples, measure), sum = 0, n = samples->len;
    for (guint i = 0; i < samples->len; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    g_free(a);
    g_free(b);
    return 1 - 6 * sum / (n * (n * n - 1));
}

/* The mean of the measure and of the error in each fifth of the samples, ordered by the measure. */
static void print_fifths(const GArray *samples, int measure)
{
    enum { PARTS = 5 };
    double *rank = ranks(samples, measure), measured[PARTS] = {0}, error[PARTS] = {0};
    guint count[PARTS] = {0};
    for (guint i = 0; i < samples->len; i++) {
        const struct sample *sample = &g_array_index(samples, struct sample, i);
        const int part = (int)(rank[i] * PARTS / samples->len);
        measured[part] += sample->measure[measure];
        error[part] += sample->error;
        count[part]++;
    }
    for (int i = 0; i < PARTS && count[i]; i++)
        printf("%s %.3f: error %.3f\n", names[measure], measured[i] / count[i], error[i] / count[i]);
    g_free(rank);
}

int main(int argc, char **argv)
{
    struct study study;
    const int positions = argc > 2 ? atoi(argv[2]) : 60, visits = argc > 3 ? atoi(argv[3]) : 800;
    open_study(&study, argc > 1 ? argv[1] : "go:9", argc > 4 ? argv[4] : "default");
    union any_position position;
    struct history history;
    history_init(&history, study.game.max_plies + 1);
    for (int done = 0; done < positions;)
        if (sample_position(&study.game, study.evaluator, &study.rng, &position.p, &history)) {
            search_position(&study, &position.p, &history, visits);
            done++;
        }
    history_clear(&history);
    double sum = 0;
    for (guint i = 0; i < study.samples->len; i++)
        sum += g_array_index(study.samples, struct sample, i).error;
    printf("%u nodes with %d visits or more, of %d searches; mean error of the net's value %.3f\n", study.samples->len,
           LEAST_VISITS, positions, sum / study.samples->len);
    for (int m = 0; m < MEASURES; m++)
        if (study.has[m])
            printf("%-32s %+.2f with the error (rank correlation)\n", names[m], correlation(study.samples, m));
    print_fifths(study.samples, CHANGE);
    if (study.has[HEAD])
        print_fifths(study.samples, HEAD);
    close_study(&study);
    return 0;
}
