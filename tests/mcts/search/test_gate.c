/* The gate: many threads search one tree without waiting for each other. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"
#include "tests/mcts/fake.h"

enum { THREADS = 64, VISITS = 20000 };

static atomic_llong locks;

int __real_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex)
{
    atomic_fetch_add_explicit(&locks, 1, memory_order_relaxed);
    return __real_pthread_mutex_lock(mutex);
}

struct crowd {
    struct game game;
    struct evaluator *evaluators[THREADS];
    struct mcts *search;
};

static void gather(struct crowd *crowd, const char *spec, struct mcts_config config)
{
    crowd->game = fake_game(spec);
    for (int i = 0; i < THREADS; i++)
        crowd->evaluators[i] = i ? evaluator_clone(crowd->evaluators[0]) : fake_create(&crowd->game, 5, 1);
    config.threads = THREADS;
    crowd->search = fake_search(&crowd->game, &config, crowd->evaluators);
}

static void disperse(struct crowd *crowd)
{
    mcts_close(crowd->search);
    for (int i = THREADS - 1; i >= 0; i--)
        evaluator_free(crowd->evaluators[i]);
}

/* Threads take locks where they begin and end a run, and where one comes to a position that another one is about to
 * evaluate; a lock for each playout, let alone each node, would be VISITS and more. */
Test(gate, a_playout_takes_no_lock, .timeout = 120)
{
    static const enum mcts_selection selections[] = {MCTS_PUCT, MCTS_GUMBEL};
    for (int i = 0; i < 2; i++) {
        struct crowd crowd;
        gather(&crowd, "go:9", mcts_defaults(selections[i]));
        mcts_run(crowd.search, &(struct mcts_limits){.visits = THREADS}); /* starts the threads */
        atomic_store(&locks, 0);
        mcts_run(crowd.search, &(struct mcts_limits){.visits = VISITS});
        const long long taken = atomic_load(&locks);
        cr_expect_lt(taken, VISITS / 16, "%lld locks in %d playouts", taken, VISITS);
        cr_expect_eq(atomic_load(&crowd.search->started), VISITS);
        cr_expect_null(tree_check(&crowd.search->tree), "%s", tree_check(&crowd.search->tree));
        disperse(&crowd);
    }
}

/* Each run has as many playouts as it was allowed, however many threads ask for the last one. */
Test(gate, no_playout_more_and_none_less, .timeout = 120)
{
    struct crowd crowd;
    gather(&crowd, "gomoku:7", mcts_defaults(MCTS_PUCT));
    for (int64_t visits = 1; visits < 400; visits += 13) {
        mcts_forget(crowd.search);
        mcts_run(crowd.search, &(struct mcts_limits){.visits = visits});
        cr_expect_eq(atomic_load(&crowd.search->started), visits);
        const struct node *root = tree_node(&crowd.search->tree, crowd.search->tree.root);
        cr_expect_eq(node_visits(root), visits + 1, "%d visits of %d", (int)node_visits(root), (int)visits);
    }
    disperse(&crowd);
}

/* Work that needs the tree alone is done while nobody is inside, and the others go on after it. */
static struct mcts *reported;
static int reports;
static void count_report(void *data)
{
    (void)data;
    /* Not workers[].inside: that is true for a moment, too, when a thread looks whether the gate is open. */
    const struct tree *tree = &reported->tree;
    const uint32_t in_flight = node_in_flight(tree_node(tree, tree->root));
    cr_assert_eq(in_flight, 0, "%d playouts are in progress", (int)in_flight);
    reports++;
}

Test(gate, reports_see_no_playout, .timeout = 120)
{
    struct crowd crowd;
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    config.memory_bytes = 4 << 20; /* so that the tree is recycled, too */
    gather(&crowd, "go:9", config);
    reported = crowd.search;
    mcts_run(crowd.search, &(struct mcts_limits){.visits = VISITS, .report = count_report, .report_ms = 0});
    cr_assert_gt(reports, 100, "%d", reports);
    cr_expect_eq(atomic_load(&crowd.search->started), VISITS);
    cr_expect_null(tree_check(&crowd.search->tree));
    disperse(&crowd);
}
