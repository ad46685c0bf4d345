/* Running a search: playouts, and the gate through which threads start them. */
#include "mcts/search/search_state.h"

#include <assert.h>
#include <math.h>

static int64_t now_ms(void)
{
    return g_get_monotonic_time() / 1000;
}

/* ---- adding up: plain loads and stores would do with one thread, and cost less than locked instructions ---- */

static void add64(const struct mcts *search, _Atomic int64_t *sum, int64_t value)
{
    if (search->threads > 1)
        atomic_fetch_add_explicit(sum, value, memory_order_relaxed);
    else
        atomic_store_explicit(sum, atomic_load_explicit(sum, memory_order_relaxed) + value, memory_order_relaxed);
}

static void add32(const struct mcts *search, _Atomic uint32_t *sum, uint32_t value)
{
    if (search->threads > 1)
        atomic_fetch_add_explicit(sum, value, memory_order_relaxed);
    else
        atomic_store_explicit(sum, atomic_load_explicit(sum, memory_order_relaxed) + value, memory_order_relaxed);
}

/* ---- one playout ---- */

static void step_into(struct worker *worker, uint32_t index)
{
    if (worker->length == worker->path_room) {
        worker->path_room *= 2;
        worker->path = g_renew(uint32_t, worker->path, worker->path_room);
    }
    worker->path[worker->length++] = index;
    add32(worker->search, &tree_node(&worker->search->tree, index)->in_flight, 1);
}

/* The child to go on to, made if need be (then *fresh: this thread evaluates it). The node is locked. */
static uint32_t descend(struct worker *worker, uint32_t index, bool *fresh, game_move *move)
{
    struct mcts *search = worker->search;
    struct tree *tree = &search->tree;
    struct node *node = tree_node(tree, index);
    bool at_root = worker->length == 1;
    uint32_t child = 0;
    int edge;
    if (!node->sorted)
        tree_sort_edges(tree, node);
    if (at_root) {
        edge = worker->root_edge >= 0 ? worker->root_edge : search_select_root(search, node);
        child = search->root.child[edge];
    } else {
        edge = search_select(search, node, &child);
    }
    *move = tree_edges(tree, node)[edge].move;
    *fresh = !child;
    if (!child) {
        child = tree_new_node(tree, index, edge);
        tree_link_child(tree, index, child);
        if (at_root)
            search->root.child[edge] = child;
    }
    step_into(worker, child); /* before the lock goes, so that the next thread sees it in flight */
    return child;
}

/* Whether what is proven of a child decides its parent, too: the player who moves there wins by it, or has nothing
 * else left. The parent is locked. */
static bool decides(const struct mcts *search, const struct node *parent, int proven)
{
    if ((proven > 0) == (parent->player == 0))
        return true;
    if (parent->child_count < parent->edge_count)
        return false;
    for (uint32_t at = parent->first_child; at; at = tree_node(&search->tree, at)->next)
        if (node_proven(tree_node(&search->tree, at), 0) != proven)
            return false;
    return true;
}

/* Takes a proof at the end of the path as far up as it goes. */
static void prove_path(struct worker *worker)
{
    struct mcts *search = worker->search;
    for (int i = worker->length - 1; i > 0; i--) {
        int proven = node_proven(tree_node(&search->tree, worker->path[i]), 0);
        if (!proven)
            return;
        struct node *parent = tree_node(&search->tree, worker->path[i - 1]);
        search_lock_node(search, worker->path[i - 1]);
        bool goes_up = decides(search, parent, proven);
        if (goes_up)
            atomic_store_explicit(&parent->proven, (int8_t)proven, memory_order_relaxed);
        search_unlock_node(search, worker->path[i - 1]);
        if (!goes_up)
            return;
    }
}

/* proven: what the playout met at the leaf, 0 when it was evaluated (another thread may have proven it since). */
static void back_up(struct worker *worker, const struct node *leaf, int proven)
{
    struct mcts *search = worker->search;
    double raw = proven ? proven : leaf->raw_value;
    int64_t value = llrint(raw * TREE_VALUE_ONE), square = llrint(raw * raw * TREE_VALUE_ONE);
    int64_t draw = proven ? 0 : llrint((double)leaf->raw_draw * TREE_VALUE_ONE);
    int64_t score = llrint((double)leaf->raw_score * TREE_SCORE_ONE);
    for (int i = worker->length - 1; i >= 0; i--) {
        struct node *node = tree_node(&search->tree, worker->path[i]);
        add64(search, &node->value, value);
        add64(search, &node->draw, draw);
        add64(search, &node->score, score);
        add64(search, &node->square, square);
        add32(search, &node->visits, 1);
        add32(search, &node->in_flight, (uint32_t)-1);
    }
}

static void begin_at_root(struct worker *worker)
{
    game_copy(worker->search->game, worker->position, worker->search->position);
    history_truncate(&worker->history, worker->search->history.count);
    worker->length = 0;
    step_into(worker, worker->search->tree.root);
}

static void playout(struct worker *worker)
{
    struct mcts *search = worker->search;
    begin_at_root(worker);
    uint32_t at = search->tree.root;
    int proven = 0;
    for (bool fresh = false; !fresh;) {
        struct node *node = tree_node(&search->tree, at);
        search_lock_node(search, at);
        while (node_state(node) == NODE_EVALUATING) /* another thread's; soon done */
            pthread_cond_wait(&search_stripe(search, at)->ready, &search_stripe(search, at)->mutex);
        int state = node_state(node);
        if (state != NODE_TERMINAL && worker->length > 1 && (proven = node_proven(node, 0))) {
            node->own++; /* nothing more to learn here */
            search_unlock_node(search, at);
            break;
        }
        if (state == NODE_LEAF)
            atomic_store_explicit(&node->state, NODE_EVALUATING, memory_order_relaxed);
        if (state != NODE_EXPANDED) {
            search_unlock_node(search, at);
            if (state == NODE_LEAF)
                search_expand(worker, at);
            break;
        }
        game_move move;
        uint32_t child = descend(worker, at, &fresh, &move);
        search_unlock_node(search, at);
        game_play(search->game, worker->position, &worker->history, move);
        at = child;
        if (fresh)
            search_expand(worker, at);
    }
    back_up(worker, tree_node(&search->tree, at), proven);
    if (node_proven(tree_node(&search->tree, at), 0))
        prove_path(worker);
    worker->deepest = worker->length - 1 > worker->deepest ? worker->length - 1 : worker->deepest;
}

/* ---- the gate ---- */

/* No other move can overtake the best in the time left at the speed so far. */
static bool decided(struct mcts *search, int64_t elapsed)
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

static bool out_of_limits(struct mcts *search)
{
    const struct mcts_limits *limits = &search->limits;
    if (atomic_load_explicit(&search->stop, memory_order_relaxed) ||
        (limits->stop && atomic_load_explicit(limits->stop, memory_order_relaxed)))
        return true;
    if (limits->visits && search->started >= limits->visits)
        return true;
    if (!limits->time_ms)
        return false;
    int64_t elapsed = now_ms() - search->begin_ms;
    if (elapsed >= limits->time_ms)
        return true;
    return limits->early_stop && search->started % 32 == 0 && search->started &&
           (search->root.count == 1 || node_proven(tree_node(&search->tree, search->tree.root), 0) ||
            decided(search, elapsed));
}

static bool report_due(const struct mcts *search)
{
    return search->limits.report && search->started && now_ms() >= search->next_report_ms;
}

/* What has to happen with no playout under way before the next may start; true when something does. */
static bool must_settle(const struct mcts *search)
{
    return report_due(search) || !tree_has_room(&search->tree, search->game->moves, search->threads) ||
           (search->config.selection == MCTS_GUMBEL && halving_phase_over(&search->root.halving));
}

static void settle(struct mcts *search)
{
    if (report_due(search)) {
        search->new_visits = search->started;
        search->limits.report(search->limits.data);
        search->next_report_ms = now_ms() + search->limits.report_ms;
        return;
    }
    if (!tree_has_room(&search->tree, search->game->moves, search->threads)) {
        tree_recycle(&search->tree);
        root_link(search);
    }
    if (search->config.selection == MCTS_GUMBEL && halving_phase_over(&search->root.halving))
        root_next_phase(search);
}

/* Lets a worker start a playout; false when the run is over. */
static bool enter(struct worker *worker)
{
    struct mcts *search = worker->search;
    bool many = search->threads > 1, goes;
    if (many)
        pthread_mutex_lock(&search->gate);
    while ((goes = !out_of_limits(search)) && must_settle(search)) {
        if (search->active)
            pthread_cond_wait(&search->gate_free, &search->gate);
        else
            settle(search);
    }
    if (goes) {
        search->active++;
        search->started++;
        worker->root_edge = -1;
        if (search->config.selection == MCTS_GUMBEL)
            worker->root_edge = search->root.order[halving_take(&search->root.halving)];
    } else {
        atomic_store_explicit(&search->stop, true, memory_order_relaxed); /* all stop where the first one does */
    }
    if (many)
        pthread_mutex_unlock(&search->gate);
    return goes;
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
        playout(worker);
        leave(worker);
    }
}

/* Helpers live as long as the search: a network's means of inference belong to the thread that made them. */
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

static void start_helpers(struct mcts *search)
{
    for (int i = 1; i < search->threads && !search->helpers_up; i++)
        if (pthread_create(&search->workers[i].thread, NULL, helper_main, &search->workers[i]) != 0)
            g_error("cannot start search thread %d of %d: too many threads on this machine", i + 1, search->threads);
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

/* The root's own evaluation, which no run counts. */
static void expand_root(struct mcts *search)
{
    struct tree *tree = &search->tree;
    if (!tree->root) {
        tree->root = tree_new_node(tree, 0, 0);
        atomic_store(&tree_node(tree, tree->root)->state, NODE_LEAF);
    }
    if (node_state(tree_node(tree, tree->root)) != NODE_LEAF)
        return;
    struct worker *worker = &search->workers[0];
    history_copy(&worker->history, &search->history);
    begin_at_root(worker);
    search_expand(worker, tree->root);
    back_up(worker, tree_node(tree, tree->root), 0);
    search->root.exact = true;
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
        search->workers[i].deepest = 0;
    if (game_over(search->position))
        return;
    atomic_store(&search->stop, false);
    if (!tree_has_room(&search->tree, search->game->moves, search->threads))
        tree_recycle(&search->tree);
    expand_root(search);
    if (node_state(tree_node(&search->tree, search->tree.root)) != NODE_EXPANDED)
        return; /* nothing can be played */
    root_prepare(search);
    if (search->config.selection == MCTS_GUMBEL)
        root_start_gumbel(search);
    if (search->threads > 1)
        run_threads(search);
    else
        work(&search->workers[0]);
    search->new_visits = search->started;
}

void mcts_stop(struct mcts *search)
{
    atomic_store(&search->stop, true);
}
