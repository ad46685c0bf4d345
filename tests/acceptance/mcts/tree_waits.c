/* How much the threads of one tree will wait for each other on more cores than this machine has: a model, fitted here.
 *
 * All threads write some of the same cache lines: the number of playouts, and the sums of the nodes near the root. The model takes a playout as
 * independent work and one section during which its thread needs exclusive access to those lines. The length of the section is fitted to how much two
 * threads slow each other down when an evaluation takes no time. Mean value analysis of a closed queue with one server (Reiser and Lavenberg 1980)
 * then predicts the rate of 1 to 64 threads; for two, it is compared with the rate measured with a net. The prediction is a lower bound, since
 * fewer threads share the lines of deeper nodes, while the model counts them as shared by all.
 *
 * Prints the figures and fails where two threads with the net are more than a tenth off the model. The time that a thread waits for a core used
 * by another program is subtracted, but on a busy machine two threads hardly ever meet, so let it be idle. Takes a minute.
 *
 * Usage: tree_waits [GAME [NET [SECONDS]]]   (default go:9 5x64 2) */
#include <math.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "net/net.h"
#include "tests/acceptance/lib/players.h"

enum { ROUNDS = 7, MOST = 64 };

static struct game game;
static struct net *net;
static double seconds = 2;

static void must(bool ok, GError *error)
{
    if (ok)
        return;
    fprintf(stderr, "tree_waits: %s\n", error ? error->message : "failed");
    exit(2);
}

/* ---- an evaluator that takes no time ---- */

static void answer(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    for (int i = 0; i < n; i++) {
        memset(evals[i].logits, 0, (size_t)self->game->moves * sizeof *evals[i].logits);
        evals[i].wdl[0] = evals[i].wdl[2] = 0.5f;
        evals[i].wdl[1] = evals[i].score = 0;
        evals[i].filled = queries[i].want;
    }
}

static void free_idle(struct evaluator *self)
{
    g_free(self);
}

static struct evaluator *idle_create(void)
{
    static const struct evaluator_ops ops = {.name = "idle", .evaluate = answer, .free = free_idle};
    struct evaluator *evaluator = g_new0(struct evaluator, 1);
    *evaluator = (struct evaluator){.ops = &ops, .game = &game};
    return evaluator;
}

static struct evaluator *net_create_evaluator(void)
{
    struct evaluator *evaluator;
    GError *error = NULL;
    const struct evaluator_config config = {.kind = EVALUATOR_NET, .net = net, .backend = NET_BACKEND_FAST};
    must(evaluator_create(&evaluator, &game, &config, &error) == 0, error);
    return evaluator;
}

/* ---- measurements ---- */

/* Playouts per second in a tree of its own. */
static double rate(int threads, struct evaluator *(*create)(void))
{
    struct evaluator *evaluators[2];
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    struct mcts *search;
    GError *error = NULL;
    config.threads = threads;
    for (int i = 0; i < threads; i++)
        evaluators[i] = create();
    must(mcts_create(&search, &game, &config, evaluators, &error) == 0, error);
    mcts_run(search, &(struct mcts_limits){.visits = 200}); /* starts the threads and creates the primitives */
    mcts_forget(search);
    const double begin = player_now(), waited = players_queued();
    mcts_run(search, &(struct mcts_limits){.time_ms = (int64_t)(1e3 * seconds)});
    const double spent = player_now() - begin - (players_queued() - waited) / threads;
    struct mcts_root root;
    mcts_root(search, &root);
    mcts_close(search);
    for (int i = 0; i < threads; i++)
        evaluator_free(evaluators[i]);
    return (double)root.new_visits / spent;
}

/* ---- the model ---- */

/* Playouts per second, if each takes `own` seconds of independent work and `shared` seconds of exclusive access. */
static double predicted(int threads, double own, double shared)
{
    double queue = 0, rate = 0;
    for (int n = 1; n <= threads; n++) {
        const double stay = shared * (1 + queue);
        rate = n / (own + stay);
        queue = rate * stay;
    }
    return rate;
}

/* The length of the exclusive section with which two threads reach that rate. `own` is the whole playout of a single thread, which fetches no lines from
 * other cores. */
static double fitted(double own, double rate_of_two)
{
    double low = 0, high = own + 1e-3;
    for (int i = 0; i < 60; i++) {
        const double middle = 0.5 * (low + high);
        if (predicted(2, own, middle) > rate_of_two)
            low = middle;
        else
            high = middle;
    }
    return low;
}

int main(int argc, char **argv)
{
    double one[ROUNDS], two[ROUNDS], net_one[ROUNDS], net_two[ROUNDS], shared[ROUNDS];
    GError *error = NULL;
    enum net_dtype dtype = NET_AUTO;
    must(game_parse(&game, argc > 1 ? argv[1] : "go:9", &error), error);
    net = player_net(&game, argc > 2 ? argv[2] : "5x64", &dtype);
    seconds = argc > 3 ? atof(argv[3]) : seconds;
    for (int i = 0; i < ROUNDS; i++) {
        one[i] = rate(1, idle_create);
        two[i] = rate(2, idle_create);
        net_one[i] = rate(1, net_create_evaluator);
        net_two[i] = rate(2, net_create_evaluator);
        shared[i] = fitted(1 / one[i], two[i]);
    }
    const double alone = player_median(one, ROUNDS), own = 1 / player_median(net_one, ROUNDS),
                 stretch = player_median(shared, ROUNDS);
    printf("without evaluations: %.2f us per playout in one thread; two threads make %.2f times as many\n", 1e6 / alone,
           player_median(two, ROUNDS) / alone);
    printf("fitted: %.3f us of exclusive access per playout (%.3f to %.3f in %d rounds)\n", 1e6 * stretch,
           1e6 * shared[0], 1e6 * shared[ROUNDS - 1], ROUNDS);
    const double measured = player_median(net_two, ROUNDS) * own, expected = predicted(2, own, stretch) * own;
    printf("with the net, %.1f us per playout: two threads make %.3f times as many, by the model %.3f\n", 1e6 * own,
           measured, expected);
    for (int threads = 4; threads <= MOST; threads *= 2) {
        const double all = predicted(threads, own, stretch);
        printf("  %2d threads: %8.0f playouts a second, %5.1f times one, waiting %4.1f %% of the time\n", threads, all,
               all * own, 100 * (1 - all * (own + stretch) / threads));
    }
    const bool near = fabs(measured / expected - 1) <= 0.1;
    printf("two threads, measured over the model: %.3f   target 0.9 to 1.1%s\n", measured / expected,
           near ? "" : "   MISSED");
    net_unref(net);
    return near ? 0 : 1;
}
