/* The gate: admits workers to playouts, ends a run at its limits, and lets the tree's exclusive work be done in between. */
#include "mcts/search/search_state.h"

#include "games/game.h"
#include "mcts/search.h"
#include "mcts/search/bias.h"
#include "mcts/search/gumbel.h"
#include "mcts/search/tree.h"

static int64_t now_ms(void)
{
    return g_get_monotonic_time() / 1000;
}

static int64_t started(const struct mcts *search)
{
    return atomic_load_explicit(&search->started, memory_order_relaxed);
}

void gate_begin(struct mcts *search, const struct mcts_limits *limits)
{
    search->limits = *limits;
    search->begin_ms = now_ms();
    search->next_report_ms = search->begin_ms + limits->report_ms;
    search->new_visits = 0;
    atomic_store(&search->started, 0);
}

/* ---- the end of a run ---- */

bool search_is_decided(struct mcts *search, int64_t elapsed)
{
    uint32_t best = 0, second = 0;
    int top = -1;
    if (search->config.selection != MCTS_PUCT || elapsed < 1)
        return false;
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
    double rate = (double)started(search) / (double)elapsed;
    return agreed && (double)best - (double)second > rate * (double)(search->limits.time_ms - elapsed);
}

/* Whether the root's result is proven and nothing is left to find. A root that was proven won as a leaf, by threats, or by
 * a move that mcts_allow now excludes, still has its winning move to be found. */
static bool is_settled(const struct mcts *search)
{
    const struct node *root = tree_node(&search->tree, search->tree.root);
    int proven = node_proven(root, root->player);
    return proven < 0 || (proven > 0 && root_winning_edge(search) >= 0);
}

/* Whether the run ends with `count` playouts. */
static bool is_over(const struct mcts *search, int64_t count)
{
    const struct mcts_limits *limits = &search->limits;
    return search_stopped(search) || (limits->visits && count >= limits->visits) ||
           (limits->time_ms && now_ms() - search->begin_ms >= limits->time_ms);
}

/* Whether it ends there before its time, since more playouts would change nothing. */
static bool ends_early(struct mcts *search, int64_t count)
{
    if (!search->limits.time_ms || !search->limits.early_stop || count == 0 || count % 32 != 0)
        return false;
    return search->root.count == 1 || is_settled(search) || search_is_decided(search, now_ms() - search->begin_ms);
}

/* ---- what is done while no playout is in progress ---- */

/* There is no second report of the same visits, however short the interval. */
static bool report_due(const struct mcts *search)
{
    return search->limits.report && started(search) > search->new_visits && now_ms() >= search->next_report_ms;
}

static bool needs_barrier(const struct mcts *search)
{
    return report_due(search) || !tree_has_room(&search->tree, search->game->moves, search->threads) ||
           (search->config.selection == MCTS_GUMBEL && halving_phase_over(&search->root.halving));
}

void gate_recycle(struct mcts *search)
{
    tree_recycle(&search->tree);
    bias_rebuild(search);
}

static void at_barrier(struct mcts *search)
{
    if (report_due(search)) {
        search->new_visits = started(search);
        search->limits.report(search->limits.data);
        search->next_report_ms = now_ms() + search->limits.report_ms;
        return;
    }
    if (!tree_has_room(&search->tree, search->game->moves, search->threads)) {
        gate_recycle(search);
        root_link(search);
    }
    if (search->config.selection == MCTS_GUMBEL && halving_phase_over(&search->root.halving))
        root_next_phase(search);
}

/* ---- one thread ---- */

static bool enter_alone(struct worker *worker)
{
    struct mcts *search = worker->search;
    const int64_t count = started(search);
    while (!is_over(search, count) && !ends_early(search, count)) {
        if (needs_barrier(search)) {
            at_barrier(search);
            continue;
        }
        worker->root_edge = -1;
        if (search->config.selection == MCTS_GUMBEL)
            worker->root_edge = search->root.order[halving_take(&search->root.halving)];
        atomic_store_explicit(&search->started, count + 1, memory_order_relaxed);
        return true;
    }
    return false;
}

/* ---- several threads ---- */

enum admission { ADMITTED, RUN_IS_OVER, HAS_TO_WAIT };

/* The worker is inside and has then seen the gate open, so nothing exclusive can begin. tree_has_room checks for one playout of
 * every thread, and each thread allocates for at most one playout per check, so room that a thread has seen cannot run out. */
static enum admission admit(struct worker *worker)
{
    struct mcts *search = worker->search;
    if (is_over(search, started(search)))
        return RUN_IS_OVER;
    if (needs_barrier(search))
        return HAS_TO_WAIT;
    worker->root_edge = -1;
    if (search->config.selection == MCTS_GUMBEL) {
        const int rank = halving_take(&search->root.halving);
        if (rank < 0)
            return HAS_TO_WAIT;
        worker->root_edge = search->root.order[rank];
    }
    const int64_t count = atomic_fetch_add_explicit(&search->started, 1, memory_order_relaxed);
    if ((!search->limits.visits || count < search->limits.visits) && !ends_early(search, count))
        return ADMITTED;
    atomic_fetch_sub_explicit(&search->started, 1, memory_order_relaxed);
    return RUN_IS_OVER;
}

static bool is_anyone_inside(const struct mcts *search)
{
    for (int i = 0; i < search->threads; i++)
        if (atomic_load(&search->workers[i].inside))
            return true;
    return false;
}

/* Does what needs a barrier, or waits while another worker does it. The worker is outside. */
static void wait_at_barrier(struct mcts *search)
{
    pthread_mutex_lock(&search->gate);
    while (atomic_load(&search->closed))
        pthread_cond_wait(&search->gate_moves, &search->gate);
    if (needs_barrier(search)) {
        atomic_store(&search->closed, true);
        while (is_anyone_inside(search))
            pthread_cond_wait(&search->gate_moves, &search->gate);
        while (!is_over(search, started(search)) && needs_barrier(search))
            at_barrier(search);
        atomic_store(&search->closed, false);
        pthread_cond_broadcast(&search->gate_moves);
    }
    pthread_mutex_unlock(&search->gate);
}

bool gate_enter(struct worker *worker)
{
    struct mcts *search = worker->search;
    bool admitted = false, waits = true;
    if (search->threads == 1)
        return enter_alone(worker);
    while (waits && !admitted) {
        atomic_store(&worker->inside, true); /* before `closed` is read, as who closes the gate writes that first */
        const enum admission admission = atomic_load(&search->closed) ? HAS_TO_WAIT : admit(worker);
        admitted = admission == ADMITTED;
        waits = admission == HAS_TO_WAIT;
        if (!admitted)
            gate_leave(worker);
        if (waits)
            wait_at_barrier(search);
    }
    if (!admitted) /* the first worker to stop stops all */
        atomic_store_explicit(&search->stop, true, memory_order_relaxed);
    return admitted;
}

void gate_leave(struct worker *worker)
{
    struct mcts *search = worker->search;
    if (search->threads == 1)
        return;
    atomic_store(&worker->inside, false);
    if (!atomic_load(&search->closed))
        return;
    pthread_mutex_lock(&search->gate);
    pthread_cond_broadcast(&search->gate_moves);
    pthread_mutex_unlock(&search->gate);
}
