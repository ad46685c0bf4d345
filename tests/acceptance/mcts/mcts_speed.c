/* Measures the overhead of the search: the time of a visit relative to that of an evaluation alone, measured in one
 * run; the bytes per node; the cost of a second thread in the tree. Times are CPU times, which are less affected by
 * other load. Prints figures and targets; exits with 1 if one is missed. */
#include <stdlib.h>
#include <time.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "mcts/search/tree.h"
#include "net/net.h"

static bool missed;

static void report(const char *what, double figure, const char *unit, const char *relation, double target)
{
    bool met = relation[0] == '<' ? figure <= target : figure >= target;
    printf("%-58s %10.4g %-6s target %s %g%s\n", what, figure, unit, relation, target, met ? "" : "   MISSED");
    missed |= !met;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void must(bool ok, GError *error)
{
    if (ok)
        return;
    fprintf(stderr, "mcts_speed: %s\n", error ? error->message : "failed");
    exit(1);
}

static struct game parse(const char *spec)
{
    struct game game;
    GError *error = NULL;
    must(game_parse(&game, spec, &error), error);
    return game;
}

static struct evaluator *make_net(const struct game *game)
{
    GError *error = NULL;
    struct evaluator *evaluator = NULL;
    struct evaluator_config config = {.kind = EVALUATOR_NET, .backend = NET_BACKEND_FAST};
    must(evaluator_net_fresh(&config.net, game, "5x64", 1, &error) == 0, error);
    must(evaluator_create(&evaluator, game, &config, &error) == 0, error);
    net_unref(config.net);
    return evaluator;
}

/* Seconds per evaluation of the starting position, without search. */
static double bare(struct evaluator *evaluator, const struct position *position, int n)
{
    struct eval eval;
    const struct eval_query query = {.position = position, .want = EVAL_POLICY | EVAL_VALUE};
    double begin = now();
    for (int i = 0; i < n; i++)
        evaluator_evaluate(evaluator, 1, &query, &eval);
    return (now() - begin) / n;
}

static struct mcts *create(const struct game *game, enum mcts_selection selection, int threads,
                           struct evaluator *const *evaluators)
{
    struct mcts_config config = mcts_defaults(selection);
    config.threads = threads;
    config.cpuct = 2;
    struct mcts *search;
    GError *error = NULL;
    must(mcts_create(&search, game, &config, evaluators, &error) == 0, error);
    return search;
}

/* Seconds per visit in searches of n visits for each move of a game. */
static double searched(struct mcts *search, int n, int moves)
{
    double begin = now();
    for (int i = 0; i < moves; i++) {
        mcts_forget(search);
        mcts_run(search, &(struct mcts_limits){.visits = n - 1}); /* and the root's own evaluation */
    }
    return (now() - begin) / n / moves;
}

static void beside_network(const char *spec, enum mcts_selection selection, int n)
{
    struct game game = parse(spec);
    union any_position position;
    game_init(&game, &position.p);
    struct evaluator *evaluator = make_net(&game);
    struct mcts *search = create(&game, selection, 1, &evaluator);
    double least_bare = 1, least_search = 1;
    bare(evaluator, &position.p, 50);
    for (int round = 0; round < 8; round++) { /* alternately, the best of each: the machine may be shared */
        double a = bare(evaluator, &position.p, 200), b = searched(search, n, 256 / n > 0 ? 256 / n : 1);
        least_bare = a < least_bare ? a : least_bare;
        least_search = b < least_search ? b : least_search;
    }
    char text[100];
    g_snprintf(text, sizeof text, "%s, %s, %d visits: search over bare evaluation", spec,
               selection == MCTS_GUMBEL ? "Gumbel" : "PUCT", n);
    printf("%s: %.1f us a visit, %.1f us bare\n", text, least_search * 1e6, least_bare * 1e6);
    report(text, least_search / least_bare, "times", "<=", 1.15);
    mcts_close(search);
    evaluator_free(evaluator);
}

/* Microseconds of CPU time per visit, of all threads together. */
static double rollout_cost(const struct game *game, int threads)
{
    struct evaluator *evaluators[2] = {evaluator_rollout_create(game, 1, 3)};
    evaluators[1] = evaluator_clone(evaluators[0]);
    struct mcts *search = create(game, MCTS_PUCT, threads, evaluators);
    double best = 1e9;
    for (int round = 0; round < 8; round++) {
        mcts_forget(search);
        double begin = now();
        mcts_run(search, &(struct mcts_limits){.visits = 6000});
        double cost = (now() - begin) / 6000 * 1e6;
        best = cost < best ? cost : best;
    }
    mcts_close(search);
    evaluator_free(evaluators[1]);
    evaluator_free(evaluators[0]);
    return best;
}

int main(void)
{
    beside_network("go:9", MCTS_GUMBEL, 16);
    beside_network("go:9", MCTS_PUCT, 256);
    beside_network("gomoku:15", MCTS_GUMBEL, 16);
    report("a node, without its edges", sizeof(struct node), "bytes", "<=", 96);
    report("an unvisited edge", sizeof(struct edge), "bytes", "<=", 4);
    struct game game = parse("go:9");
    double one = rollout_cost(&game, 1), two = rollout_cost(&game, 2);
    printf("go:9, rollouts in one tree: %.1f us a visit with one thread, %.1f with two\n", one, two);
    report("CPU time per visit, two threads relative to one", two / one, "times", "<=", 1.3);
    puts(missed ? "a target was missed" : "all targets met");
    return missed;
}
