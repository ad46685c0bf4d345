/* Measures the memory of a large search: Gomoku 15x15, ten million nodes, one random playout per evaluation; first
 * without a limit, then with a cap of 1 GiB, under which it has to recycle. Each search runs in a process of its own,
 * whose peak resident memory is reported. Prints figures and targets; exits with 1 if one is missed. Takes a minute or
 * two and 10 GB of memory.
 *
 * Usage: mcts_memory [NODES [CAP_MIB]]   (default 10000000 1024) */
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "mcts/search/tree.h"

static bool missed;

static void report(const char *what, double figure, const char *unit, const char *relation, double target)
{
    bool met = relation[0] == '<' ? figure <= target : figure >= target;
    printf("%-58s %10.4g %-6s target %s %.4g%s\n", what, figure, unit, relation, target, met ? "" : "   MISSED");
    missed |= !met;
}

struct outcome {
    int64_t visits, total; /* of the run, of the root */
    uint32_t nodes;
    int depth;
    double seconds; /* CPU time */
    bool sound;
};

static double cpu_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* In a child: searches and writes what it found. */
static void search(size_t bytes, int64_t visits, int out)
{
    struct game game;
    struct mcts *search;
    GError *error = NULL;
    if (!game_parse(&game, "gomoku:15", &error))
        g_error("%s", error->message);
    struct evaluator *evaluator = evaluator_rollout_create(&game, 1, 5);
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    config.memory_bytes = bytes;
    config.prove = false; /* a proven root would stop the tree from growing */
    if (mcts_create(&search, &game, &config, &evaluator, &error) != 0)
        g_error("%s", error->message);
    struct mcts_root root;
    double begin = cpu_now();
    mcts_run(search, &(struct mcts_limits){.visits = visits});
    mcts_root(search, &root);
    struct outcome outcome = {.visits = root.new_visits,
                              .total = root.visits,
                              .nodes = root.nodes,
                              .depth = root.depth,
                              .seconds = cpu_now() - begin};
    const char *wrong = mcts_check(search);
    outcome.sound = !wrong;
    if (wrong)
        fprintf(stderr, "mcts_memory: %s\n", wrong);
    if (write(out, &outcome, sizeof outcome) != (ssize_t)sizeof outcome)
        _exit(1);
    mcts_close(search);
    evaluator_free(evaluator);
    _exit(0);
}

/* Runs the search in a child process and returns its peak memory in GiB. */
static double run(const char *name, size_t bytes, int64_t visits, struct outcome *outcome)
{
    int ends[2], status;
    struct rusage usage;
    if (pipe(ends) != 0)
        g_error("no pipe");
    fflush(stdout);
    pid_t child = fork();
    if (child < 0)
        g_error("no process");
    if (child == 0)
        search(bytes, visits, ends[1]);
    close(ends[1]);
    bool read_all = read(ends[0], outcome, sizeof *outcome) == (ssize_t)sizeof *outcome;
    close(ends[0]);
    if (wait4(child, &status, 0, &usage) != child || !read_all || status != 0) {
        printf("%s: the search did not end (status %d)\n", name, status);
        exit(1);
    }
    double peak = (double)usage.ru_maxrss / (1 << 20);
    printf("%s: %.1f million visits in %.1f s, %.2f million nodes at the end, depth %d, peak %.2f GiB\n", name,
           1e-6 * (double)outcome->visits, outcome->seconds, 1e-6 * outcome->nodes, outcome->depth, peak);
    return peak;
}

int main(int argc, char **argv)
{
    int64_t nodes = argc > 1 ? atoll(argv[1]) : 10000000;
    size_t cap = (size_t)(argc > 2 ? atoll(argv[2]) : 1024) << 20;
    struct outcome outcome;
    if (nodes < 1000 || nodes > 1000000000 || cap < (size_t)1 << 20) {
        fputs("usage: mcts_memory [NODES [CAP_MIB]]\n", stderr);
        return 2;
    }
    report("a node, without its edges", sizeof(struct node), "bytes", "<=", TREE_NODE_BYTES);
    report("an edge", sizeof(struct edge), "bytes", "<=", TREE_EDGE_BYTES);
    double scale = (double)nodes / 1e7, peak = run("all the memory", (size_t)12 << 30, nodes, &outcome);
    report("peak memory of a search that keeps all nodes", peak, "GiB", "<=", 12 * (scale > 1 ? scale : 1));
    report("nodes per visit", (double)outcome.nodes / (double)outcome.visits, "", ">=", 0.95);
    missed |= !outcome.sound;
    double slow = outcome.seconds;
    peak = run("under the cap", cap, nodes, &outcome);
    report("peak memory under the cap, relative to the cap", peak * (1 << 30) / (double)cap, "times", "<=", 1.02);
    report("visits under the cap, relative to the limit", (double)outcome.visits / (double)nodes, "", ">=", 1);
    report("visits of the root, relative to all visits", (double)outcome.total / (double)(nodes + 1), "", ">=", 1);
    report("time under the cap, relative to the time without", outcome.seconds / slow, "times", "<=", 1.5);
    missed |= !outcome.sound;
    puts(missed ? "a target was missed" : "all targets met");
    return missed;
}
