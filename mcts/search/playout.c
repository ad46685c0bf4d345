/* One playout: selection from the root to a leaf, evaluation, and backup along the path. */
#include "games/game.h"
#include "mcts/search/bias.h"
#include "mcts/search/certainty.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"

#include <math.h>

/* ---- sums: with one thread plain loads and stores suffice and are cheaper than locked instructions ---- */

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

/* ---- the path ---- */

static void step_into(struct worker *worker, uint32_t index)
{
    if (worker->length == worker->path_room) {
        g_assert(worker->path_room > 0); /* since worker_init */
        worker->path_room *= 2;
        worker->path = g_renew(uint32_t, worker->path, worker->path_room);
    }
    worker->path[worker->length++] = index;
    add32(worker->search, &tree_node(&worker->search->tree, index)->in_flight, 1);
}

static void sort_edges(struct mcts *search, struct node *node, uint32_t index)
{
    if (atomic_load_explicit(&node->sorted, memory_order_acquire))
        return;
    search_latch(search, index);
    if (!atomic_load_explicit(&node->sorted, memory_order_relaxed))
        tree_sort_edges(&search->tree, node);
    search_unlatch(search, index);
}

/* Adds a child for an edge, in flight already; 0 if another thread has been faster. */
static uint32_t add_child(struct worker *worker, uint32_t index, int edge)
{
    struct mcts *search = worker->search;
    const bool at_root = worker->length == 1;
    uint32_t child = 0;
    search_latch(search, index);
    if (at_root ? !search->root.child[edge] : node_child_count(tree_node(&search->tree, index)) == edge) {
        child = tree_new_node(&search->tree, index, edge);
        step_into(worker, child);
        tree_link_child(&search->tree, index, child);
        if (at_root)
            atomic_store_explicit(&search->root.child[edge], child, memory_order_release);
    }
    search_unlatch(search, index);
    return child;
}

/* Selects a child, creating it if needed (then *fresh: this thread evaluates it). */
static uint32_t descend(struct worker *worker, uint32_t index, bool *fresh, game_move *move)
{
    struct mcts *search = worker->search;
    struct node *node = tree_node(&search->tree, index);
    uint32_t child = 0;
    int edge;
    sort_edges(search, node, index);
    do {
        if (worker->length == 1) {
            edge = worker->root_edge >= 0 ? worker->root_edge : search_select_root(search, node);
            child = atomic_load_explicit(&search->root.child[edge], memory_order_acquire);
        } else {
            edge = search_select(search, node, &child);
        }
        *fresh = !child;
        if (child)
            step_into(worker, child);
        else
            child = add_child(worker, index, edge);
    } while (!child);
    *move = tree_edges(&search->tree, node)[edge].move;
    return child;
}

/* Whether a child's proven result also proves its parent: the child is a win for the player to move at the parent (unless that is
 * the modelled opponent), or all other moves have the same proven result. The parent's latch is held, so that of two threads
 * that prove the last two children one sees both. */
static bool proves_parent(const struct mcts *search, const struct node *parent, int proven)
{
    if ((proven > 0) == (parent->player == 0) && !search_is_modelled(search, parent))
        return true;
    if (node_child_count(parent) < parent->edge_count)
        return false;
    for (uint32_t at = node_first_child(parent); at; at = tree_node(&search->tree, at)->next)
        if (node_proven(tree_node(&search->tree, at), 0) != proven)
            return false;
    return true;
}

/* Propagates a proof at the end of the path as far up as possible. */
static void prove_path(struct worker *worker)
{
    struct mcts *search = worker->search;
    for (int i = worker->length - 1; i > 0; i--) {
        int proven = node_proven(tree_node(&search->tree, worker->path[i]), 0);
        if (!proven)
            return;
        struct node *parent = tree_node(&search->tree, worker->path[i - 1]);
        search_latch(search, worker->path[i - 1]);
        bool propagates = proves_parent(search, parent, proven);
        if (propagates)
            atomic_store_explicit(&parent->proven, (int8_t)proven, memory_order_relaxed);
        search_unlatch(search, worker->path[i - 1]);
        if (!propagates)
            return;
    }
}

/* proven: the result found at the leaf, 0 if it was evaluated (another thread may have proven it since). */
static void backup(struct worker *worker, const struct node *leaf, int proven)
{
    struct mcts *search = worker->search;
    const int32_t weight = !leaf->weighed ? 0 : proven ? certainty_most(search) : tree_node_extra(leaf)->own_weight;
    const double times = leaf->weighed ? weight / TREE_VALUE_ONE : 1;
    double raw = proven ? proven : leaf->raw_value;
    int64_t value = llrint(raw * times * TREE_VALUE_ONE), square = llrint(raw * raw * times * TREE_VALUE_ONE);
    int64_t draw = proven ? 0 : llrint((double)leaf->raw_draw * times * TREE_VALUE_ONE);
    int64_t score = llrint((double)leaf->raw_score * times * TREE_SCORE_ONE);
    for (int i = worker->length - 1; i >= 0; i--) {
        struct node *node = tree_node(&search->tree, worker->path[i]);
        if (weight)
            add64(search, &tree_node_extra(node)->weight, weight);
        add64(search, &node->value, value);
        add64(search, &node->draw, draw);
        add64(search, &node->score, score);
        add64(search, &node->square, square);
        add32(search, &node->visits, 1);
        if (search->bias) {
            const struct bias_shift shift = bias_update(search, worker->path[i]);
            add64(search, &node->value, shift.value);
            add64(search, &node->square, shift.square);
            value += shift.value;
            square += shift.square;
        }
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

/* ---- evaluations by other threads ---- */

void search_publish(struct mcts *search, uint32_t index, int state)
{
    struct node *node = tree_node(&search->tree, index);
    if (!search->stripes) {
        atomic_store_explicit(&node->state, (uint8_t)state, memory_order_release);
        return;
    }
    struct stripe *stripe = search_stripe(search, index);
    /* Before `waiting` is read, as those who wait count themselves before they read the state. */
    atomic_store(&node->state, (uint8_t)state);
    if (atomic_load(&stripe->waiting) == 0)
        return;
    pthread_mutex_lock(&stripe->mutex);
    pthread_cond_broadcast(&stripe->ready);
    pthread_mutex_unlock(&stripe->mutex);
}

/* The state of a node, once no other thread evaluates it. */
static int settled_state(struct mcts *search, uint32_t index)
{
    const struct node *node = tree_node(&search->tree, index);
    const int state = node_state(node);
    if (state != NODE_EVALUATING)
        return state;
    struct stripe *stripe = search_stripe(search, index);
    atomic_fetch_add(&stripe->waiting, 1);
    pthread_mutex_lock(&stripe->mutex);
    while (atomic_load(&node->state) == NODE_EVALUATING)
        pthread_cond_wait(&stripe->ready, &stripe->mutex);
    pthread_mutex_unlock(&stripe->mutex);
    atomic_fetch_sub(&stripe->waiting, 1);
    return node_state(node);
}

/* Claims a leaf for evaluation; false if another thread has been faster. */
static bool claim_leaf(struct node *node)
{
    uint8_t leaf = NODE_LEAF;
    return atomic_compare_exchange_strong(&node->state, &leaf, NODE_EVALUATING);
}

/* ---- the playout ---- */

void search_playout(struct worker *worker)
{
    struct mcts *search = worker->search;
    begin_at_root(worker);
    uint32_t at = search->tree.root;
    int proven = 0;
    for (bool fresh = false; !fresh;) {
        struct node *node = tree_node(&search->tree, at);
        const int state = settled_state(search, at);
        if (state != NODE_TERMINAL && worker->length > 1 && (proven = node_proven(node, 0))) {
            add32(search, &node->own, 1); /* proven: no need to search below */
            break;
        }
        if (state == NODE_LEAF && !claim_leaf(node))
            continue;
        if (state != NODE_EXPANDED) {
            if (state == NODE_LEAF)
                search_expand(worker, at);
            break;
        }
        game_move move;
        uint32_t child = descend(worker, at, &fresh, &move);
        game_play(search->game, worker->position, &worker->history, move);
        at = child;
        if (fresh)
            search_expand(worker, at);
    }
    backup(worker, tree_node(&search->tree, at), proven);
    if (node_proven(tree_node(&search->tree, at), 0))
        prove_path(worker);
    worker->max_depth = worker->length - 1 > worker->max_depth ? worker->length - 1 : worker->max_depth;
}

const float *search_expand_root(struct mcts *search)
{
    struct tree *tree = &search->tree;
    if (!tree->root) {
        tree->root = tree_new_node(tree, 0, 0);
        atomic_store(&tree_node(tree, tree->root)->state, NODE_LEAF);
    }
    if (node_state(tree_node(tree, tree->root)) != NODE_LEAF)
        return NULL;
    struct worker *worker = &search->workers[0];
    history_copy(&worker->history, &search->history);
    begin_at_root(worker);
    search_expand(worker, tree->root);
    backup(worker, tree_node(tree, tree->root), 0);
    return worker->prior;
}
