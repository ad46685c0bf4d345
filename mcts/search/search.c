/* Running a search: threads, and the gate that admits them to playouts. */
#include "mcts/search/search_state.h"

#include <assert.h>

#include "games/game.h"
#include "mcts/search.h"
#include "mcts/search/bias.h"
#include "mcts/search/gumbel.h"
#include "mcts/search/tree.h"

static int64_t now_ms(void)
{
    return g_get_monotonic_time() / 1000;
}

/* ---- the gate ---- */

bool search_is_decided(struct mcts *search, int64_t elapsed)
{
    uint32_t best = 0, second = 0;
    int top = -1;
    if (search->config.selection != MCTS_PUCT || elapsed < 1)
        return false;
    search_lock_node(search, search->tree.root);
    for (int i = 0; i < search->root.count; i++) {
        uint32_t visits = root_visits(search, i);
        if (visits > best) {
            second = best;
            best = visits;
            top = i;
        } else if (visits > second) {
            second = visits;
        }
    }
    bool agreed = top >= 0 && root_best(search) == top;
    search_unlock_node(search, search->tree.root);
    double rate = (double)search->started / (double)elapsed;
    return agreed && (double)best - (double)second > rate * (double)(search->limits.time_ms - elapsed);
}

/* Whether the root's result is proven and nothing is left to find. A root that was proven won as a leaf, by threats, or by
 * a move that mcts_allow now excludes, still has its winning move to be found. */
static bool is_settled(struct mcts *search)
{
    const struct node *root = tree_node(&search->tree, search->tree.root);
    int proven = node_proven(root, root->player);
    if (proven <= 0)
        return proven < 0;
    search_lock_node(search, search->tree.root);
    bool known = root_winning_edge(search) >= 0;
    search_unlock_node(search, search->tree.root);
    return known;
}

static bool out_of_limits(struct mcts *search)
{
    const struct mcts_limits *limits = &search->limits;
    if (search_stopped(search))
        return true;
    if (limits->visits && search->started >= limits->visits)
        return true;
    if (!limits->time_ms)
        return false;
    int64_t elapsed = now_ms() - search->begin_ms;
    if (elapsed >= limits->time_ms)
        return true;
    return limits->early_stop && search->started % 32 == 0 && search->started &&
           (search->root.count == 1 || is_settled(search) || search_is_decided(search, elapsed));
}

/* There is no second report of the same visits, however short the interval. */
static bool report_due(const struct mcts *search)
{
    return search->limits.report && search->started > search->new_visits && now_ms() >= search->next_report_ms;
}

/* Whether something must be done with no playout in progress before the next one may start. */
static bool needs_barrier(const struct mcts *search)
{
    return report_due(search) || !tree_has_room(&search->tree, search->game->moves, search->threads) ||
           (search->config.selection == MCTS_GUMBEL && halving_phase_over(&search->root.halving));
}

static void recycle(struct mcts *search)
{
    tree_recycle(&search->tree);
    bias_rebuild(search);
}

static void at_barrier(struct mcts *search)
{
    if (report_due(search)) {
        search->new_visits = search->started;
        search->limits.report(search->limits.data);
        search->next_report_ms = now_ms() + search->limits.report_ms;
        return;
    }
    if (!tree_has_room(&search->tree, search->game->moves, search->threads)) {
        recycle(search);
        root_link(search);
    }
    if (search->config.selection == MCTS_GUMBEL && halving_phase_over(&search->root.halving))
        root_next_phase(search);
}

/* Admits a worker to a playout; false when the run is over. */
static bool enter(struct worker *worker)
{
    struct mcts *search = worker->search;
    bool shared = search->threads > 1, admitted;
    if (shared)
        pthread_mutex_lock(&search->gate);
    while ((admitted = !out_of_limits(search)) && needs_barrier(search)) {
        if (search->active)
            pthread_cond_wait(&search->gate_free, &search->gate);
        else
            at_barrier(search);
    }
    if (admitted) {
        search->active++;
        search->started++;
        worker->root_edge = -1;
        if (search->config.selection == MCTS_GUMBEL)
            worker->root_edge = search->root.order[halving_take(&search->root.halving)];
    } else {
        atomic_store_explicit(&search->stop, true, memory_order_relaxed); /* the first worker to stop stops all */
    }
    if (shared)
        pthread_mutex_unlock(&search->gate);
    return admitted;
}

static void leave(struct worker *worker)
{
    struct mcts *search = worker->search;
    if (search->threads == 1) {
        search->active--;
        return;
    }
    pthread_mutex_lock(&search->gate);
    if (--search->active == 0)
        pthread_cond_broadcast(&search->gate_free);
    pthread_mutex_unlock(&search->gate);
}

static void work(struct worker *worker)
{
    history_copy(&worker->history, &worker->search->history);
    while (enter(worker)) {
        search_playout(worker);
        leave(worker);
    }
}

/* Helpers live as long as the search: a network runner belongs to the thread that created it. */
static void *helper_main(void *argument)
{
    struct worker *worker = argument;
    struct mcts *search = worker->search;
    uint64_t done = 0;
    pthread_mutex_lock(&search->gate);
    for (;;) {
        while (search->run == done && !search->closing)
            pthread_cond_wait(&search->run_begins, &search->gate);
        if (search->closing)
            break;
        done = search->run;
        pthread_mutex_unlock(&search->gate);
        work(worker);
        pthread_mutex_lock(&search->gate);
        if (--search->running == 0)
            pthread_cond_broadcast(&search->run_ends);
    }
    pthread_mutex_unlock(&search->gate);
    return NULL;
}

/* If the system refuses a thread, the search goes on with those that it has. */
static void start_helpers(struct mcts *search)
{
    for (int i = 1; i < search->threads && !search->helpers_up; i++)
        if (pthread_create(&search->workers[i].thread, NULL, helper_main, &search->workers[i]) != 0)
            search->threads = i;
    search->helpers_up = search->threads > 1;
}

static void run_threads(struct mcts *search)
{
    start_helpers(search);
    pthread_mutex_lock(&search->gate);
    search->running = search->threads - 1;
    search->run++;
    pthread_cond_broadcast(&search->run_begins);
    pthread_mutex_unlock(&search->gate);
    work(&search->workers[0]);
    pthread_mutex_lock(&search->gate);
    while (search->running)
        pthread_cond_wait(&search->run_ends, &search->gate);
    pthread_mutex_unlock(&search->gate);
}

void mcts_run(struct mcts *search, const struct mcts_limits *limits)
{
    assert(limits->visits > 0 || limits->time_ms > 0 || limits->stop);
    search->limits = *limits;
    search->begin_ms = now_ms();
    search->next_report_ms = search->begin_ms + limits->report_ms;
    search->started = 0;
    search->new_visits = 0;
    for (int i = 0; i < search->threads; i++)
        search->workers[i].max_depth = 0;
    if (game_over(search->position))
        return;
    atomic_store(&search->stop, false);
    if (search->config.model_opponent && search->viewer != search->position->player) {
        mcts_forget(search); /* it has the other player as opponent */
        search->viewer = search->position->player;
    }
    if (!tree_has_room(&search->tree, search->game->moves, search->threads))
        recycle(search);
    const float *fresh_priors = search_expand_root(search);
    if (node_state(tree_node(&search->tree, search->tree.root)) != NODE_EXPANDED)
        return; /* no legal move */
    root_prepare(search, fresh_priors);
    bool won = threats_solve_root(search);
    root_exclude(search);
    if (search->config.selection == MCTS_GUMBEL)
        root_start_gumbel(search);
    if (won && limits->early_stop) {
        search->new_visits = 1; /* which proved it */
        return;
    }
    if (search->threads > 1)
        run_threads(search);
    else
        work(&search->workers[0]);
    search->new_visits = search->started;
}
