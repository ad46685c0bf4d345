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

/* ---- one playout ---- */

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

/* Selects a child, creating it if needed (then *fresh: this thread evaluates it). The node is locked. */
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
    step_into(worker, child); /* before unlocking, so that the next thread sees it in flight */
    return child;
}

/* Whether a child's proven result also proves its parent: the child wins for the player to move there, who sees it, or all other
 * children have the same result. The parent is locked. */
static bool proves_parent(const struct mcts *search, const struct node *parent, int proven)
{
    if ((proven > 0) == (parent->player == 0) && !search_is_modelled(search, parent))
        return true;
    if (parent->child_count < parent->edge_count)
        return false;
    for (uint32_t at = parent->first_child; at; at = tree_node(&search->tree, at)->next)
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
        search_lock_node(search, worker->path[i - 1]);
        bool propagates = proves_parent(search, parent, proven);
        if (propagates)
            atomic_store_explicit(&parent->proven, (int8_t)proven, memory_order_relaxed);
        search_unlock_node(search, worker->path[i - 1]);
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

void search_playout(struct worker *worker)
{
    struct mcts *search = worker->search;
    begin_at_root(worker);
    uint32_t at = search->tree.root;
    int proven = 0;
    for (bool fresh = false; !fresh;) {
        struct node *node = tree_node(&search->tree, at);
        search_lock_node(search, at);
        while (node_state(node) == NODE_EVALUATING) /* by another thread */
            pthread_cond_wait(&search_stripe(search, at)->ready, &search_stripe(search, at)->mutex);
        int state = node_state(node);
        if (state != NODE_TERMINAL && worker->length > 1 && (proven = node_proven(node, 0))) {
            node->own++; /* proven: no need to search below */
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
